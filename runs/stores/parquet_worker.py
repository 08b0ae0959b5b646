"""The beginning of a Parquet file, read in a process of its own: a few bytes of it may unpack to gigabytes.

What is read is bounded in columns, rows and text; what that takes, by the process. So the studio's own
processes neither load pyarrow for it (60 MB each) nor fall with it.
"""

from __future__ import annotations

import itertools
import os
import threading
from typing import TYPE_CHECKING, Any

from runs.stores import apart

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 6.0
# Each may take half a gigabyte and a processor.
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 5.0
_TEXT = 2_000_000
_ITEMS = 20
# Of its description of itself, in the file's end: no table of data needs so much.
_MOST_STRING, _MOST_ITEMS = 16_000_000, 1_000_000


class BadParquetError(Exception):
    """The file is no Parquet, or is damaged."""


class BusyError(Exception):
    """Too many are being read just now."""


def begin(path: Path, *, rows: int, columns: int, longest: int) -> dict[str, Any]:
    """Return the first ``rows`` of the first ``columns``, cells of ``longest`` characters, as texts.

    Keys: ``head``, ``types``, ``rows``, and of the whole file ``row_count`` and ``column_count``.

    Raises:
        BadParquetError: it is none.
        BusyError: try again later.
        apart.TooMuchError: it takes more memory or time than such a look may.
    """
    asked = {"path": str(path), "rows": rows, "columns": columns, "longest": longest}
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise BusyError
    try:
        answer = apart.ask(__name__, asked, seconds=_SECONDS, needs_packages=True)
    finally:
        _AT_ONCE.release()
    if "error" in answer:
        raise BadParquetError
    return answer


def main() -> None:
    """Answer one question from stdin on stdout."""
    # Arrow's own allocators reserve a gigabyte of addresses, more than this process may.
    os.environ.update(ARROW_DEFAULT_MEMORY_POOL="system", ARROW_IO_THREADS="1", OMP_NUM_THREADS="1")
    apart.serve(_answer)


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(
            asked["path"],
            pre_buffer=False,
            buffer_size=64 * 1024,
            thrift_string_size_limit=_MOST_STRING,
            thrift_container_size_limit=_MOST_ITEMS,
        ) as file:
            return _read(file, asked)
    except (arrow.ArrowException, OSError, ValueError) as error:
        if isinstance(error, MemoryError):
            raise
        return {"error": True}


def _read(file: Any, asked: dict[str, Any]) -> dict[str, Any]:
    schema = file.schema_arrow
    fields = list(schema)[: asked["columns"]]
    rows: list[list[str]] = []
    left = _TEXT
    chosen = None if len(fields) == len(schema) else [field.name for field in fields]
    for batch in file.iter_batches(batch_size=100, columns=chosen, use_threads=False):
        cells = [[_cell(value, asked["longest"]) for value in column] for column in batch.columns]
        for row in zip(*cells, strict=True):
            left -= sum(map(len, row))
            if len(rows) == asked["rows"] or left < 0:
                break
            rows.append(list(row))
        else:
            continue
        break
    return {
        "head": [field.name[: asked["longest"]] for field in fields],
        "types": [str(field.type)[: asked["longest"]] for field in fields],
        "rows": rows,
        "row_count": file.metadata.num_rows,
        "column_count": len(schema),
    }


def _cell(value: Any, longest: int) -> str:
    """Return a value as text; of a list, a structure or of bytes only so much as is shown."""
    if not getattr(value, "is_valid", True):
        return ""
    if callable(getattr(value, "values", None)):
        pairs = itertools.islice(value.items(), _ITEMS)
        shown = [f"{_cell(name, longest)}: {_cell(each, longest)}" for name, each in pairs]
        text = f"{{{_listed(shown, len(value))}}}"
    elif hasattr(value, "values"):
        shown = [_cell(each, longest) for each in value.values[:_ITEMS]]
        text = f"[{_listed(shown, len(value))}]"
    elif hasattr(value, "as_buffer"):
        data = value.as_buffer()
        text = f"{len(data):,} bytes"
        if "string" in str(value.type):
            text = bytes(data[: 4 * longest]).decode("utf-8", "replace")
    else:
        try:
            text = str(value.as_py() if hasattr(value, "as_py") else value)
        except (ValueError, OverflowError, ImportError):
            # A moment that Python has no word for.
            text = str(value.value)
    return text if len(text) <= longest else f"{text[:longest]}…"


def _listed(shown: list[str], count: int) -> str:
    return ", ".join([*shown, *["…"] * (count > len(shown))])
