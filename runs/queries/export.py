"""All runs that a query means, as a file: written piece by piece while it is read, however long.

Between two pieces nothing is held but a place in the list, so a slow reader keeps nobody waiting.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from runs.actions.refused import Refused
from runs.models import Run
from runs.queries import columns, order, parquet
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runs.models import Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.columns import Column
    from runs.queries.order import Key

DEFAULT = ("id", *columns.DEFAULT)
_AT_ONCE = 500
# A spreadsheet takes a text that begins so for a formula, in any of its languages.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")

Pages = Iterable[list[list[Any]]]


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is written, and what it is called."""

    label: str
    ending: str
    content_type: str
    write: Callable[[list[Column], Pages], Iterator[bytes]]


def pages(
    runs: RunQuerySet, shown: list[Column], by: tuple[Key, ...], workspace: Workspace
) -> Iterator[list[list[Any]]]:
    """Yield what runs have in these columns, some runs at a time, in that order."""
    walk = _newest_first if by == order.NEWEST_FIRST else _sorted
    for some in walk(runs, by, workspace):
        yield columns.values(some, shown)


def _newest_first(
    runs: RunQuerySet, by: tuple[Key, ...], workspace: Workspace
) -> Iterator[list[Run]]:
    after = ""
    while True:
        part = order.page(runs, by, _AT_ONCE, workspace=workspace, after=after)
        yield part.runs
        after = part.after
        if not after:
            return


def _sorted(runs: RunQuerySet, by: tuple[Key, ...], workspace: Workspace) -> Iterator[list[Run]]:
    """Sort once, not again for every page."""
    ids = order.all_ids(runs, by, workspace)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        found = Run.objects.present().with_names().in_bulk(list(some))
        yield [found[pk] for pk in some if pk in found]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: times in UTC with a Z, durations in seconds."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.total_seconds() if isinstance(value, timedelta) else value


def _csv(names: list[str], found: Pages) -> Iterator[str]:
    yield csv_lines([[_safe(name) for name in names]])
    for page in found:
        if page:
            yield csv_lines([[csv_cell(value) for value in row] for row in page])


def csv_lines(rows: list[list[Any]]) -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def csv_cell(value: Any) -> Any:
    """Return a value as a cell of CSV, which no spreadsheet computes."""
    if isinstance(value, bool | dict | list):
        return _safe(json.dumps(value, ensure_ascii=False))
    return _safe(value) if isinstance(value, str) else value


def _safe(text: str) -> str:
    """Return a text that no spreadsheet computes; a number stays one."""
    is_formula = _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def _ndjson(names: list[str], found: Pages) -> Iterator[str]:
    for page in found:
        if page:
            yield "".join(_object(names, row) + "\n" for row in page)


def _json(names: list[str], found: Pages) -> Iterator[str]:
    start = "["
    for page in found:
        if page:
            yield start + "\n" + ",\n".join(_object(names, row) for row in page)
            start = ","
    yield "[]\n" if start == "[" else "\n]\n"


def _object(names: list[str], row: list[Any]) -> str:
    return json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)


def _text(
    write: Callable[[list[str], Pages], Iterator[str]],
) -> Callable[[list[Column], Pages], Iterator[bytes]]:
    """Return what writes a format of texts, with values as JSON has them."""

    def write_bytes(shown: list[Column], found: Pages) -> Iterator[bytes]:
        told = ([[_plain(value) for value in row] for row in page] for page in found)
        return (piece.encode() for piece in write([each.id for each in shown], told))

    return write_bytes


_FORMATS = {
    "csv": Format("CSV", "csv", "text/csv; charset=utf-8", _text(_csv)),
    "json": Format("JSON", "json", "application/json", _text(_json)),
    "ndjson": Format("JSON lines", "ndjson", "application/x-ndjson", _text(_ndjson)),
    "parquet": Format("Parquet", "parquet", "application/vnd.apache.parquet", parquet.write),
}


def format_of(name: str) -> Format:
    """Return the format of that name.

    Raises:
        Refused: there is none, or the studio lacks what writes it.
    """
    if name not in _FORMATS:
        hint = f"Known are {', '.join(_FORMATS)}."
        raise Refused(Code.BAD_REQUEST, "There is no such format.", field="format", hint=hint)
    if name == "parquet":
        parquet.check_is_installed()
    return _FORMATS[name]


def offered() -> list[tuple[str, str]]:
    """Return the formats that this studio can write, with their labels."""
    names = [name for name in _FORMATS if name != "parquet" or parquet.is_installed()]
    return [(name, _FORMATS[name].label) for name in names]
