"""Parquet, the format of data frames: written row group by row group, however many runs there are.

The extra [parquet] installs pyarrow: 165 MB on disk, for a format that nobody else writes as a stream
(fastparquet brings pandas, and wants a file to go back in).
"""

from __future__ import annotations

import importlib.util
import io
import json
import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from runs.actions.refused import Refused
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runs.queries.columns import Column

# A row group is what readers load at once; of so many rows one takes some MB.
_ROWS_OF_A_GROUP = 10_000


def is_installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("pyarrow") is not None


def check_is_installed() -> None:
    """Refuse, by the name of the extra, where it is not there."""
    if not is_installed():
        raise Refused(
            Code.NOT_INSTALLED,
            "This studio cannot write Parquet: its extra [parquet] is not installed.",
            field="format",
            hint='Whoever runs the studio adds it by pip install "run-studio[parquet]". '
            "csv, json and ndjson need no extra.",
        )


def write(shown: list[Column], found: Iterable[list[list[Any]]]) -> Iterator[bytes]:
    """Yield a file of these columns, some MB at a time."""
    import pyarrow as arrow
    from pyarrow import parquet

    types = {
        "time": arrow.timestamp("us", tz="UTC"),
        "number": arrow.int64(),
        "duration": arrow.float64(),
        "metric": arrow.float64(),
    }
    schema = arrow.schema([(each.id, types.get(each.kind, arrow.string())) for each in shown])
    sink = _Sink()
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for rows in _groups(found):
            columns = zip(*rows, strict=True)
            arrays = [
                arrow.array(
                    [_cell(each.kind, value) for value in values], type=schema.field(n).type
                )
                for n, (each, values) in enumerate(zip(shown, columns, strict=True))
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            yield sink.taken()
    yield sink.taken()


def _groups(found: Iterable[list[list[Any]]]) -> Iterator[list[list[Any]]]:
    rows: list[list[Any]] = []
    for page in found:
        rows += page
        if len(rows) >= _ROWS_OF_A_GROUP:
            yield rows
            rows = []
    if rows:
        yield rows


def _cell(kind: str, value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if kind == "metric":
        return _number(value)
    # A tag without a value is true, as in the other formats.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | dict) else value


def _number(value: Any) -> float | None:
    """Return a metric's number; of a text only what says that it is none that is finite."""
    if not isinstance(value, str):
        return None if value is None else float(value)
    try:
        number = float(value)
    except ValueError:
        return None
    return None if math.isfinite(number) else number


class _Sink(io.RawIOBase):
    """Takes what is written, until somebody takes it on."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Whether it can be written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Take some bytes."""
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
