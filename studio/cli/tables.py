"""Results as tables: a few columns that say most of a run, or whatever a query has left."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from studio.cli import terminal
from studio.cli.terminal import columns, cut, harmless

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST, _SHORTEST = 40, 10
_GAP = "  "


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, dict) and all(v is None or isinstance(v, str) for v in value.values()):
        return labels(value)
    return harmless(json.dumps(value, ensure_ascii=False))


def labels(values: dict[str, str | None]) -> str:
    """Say tags, properties or parameters: a=b, c."""
    pairs = (key if value is None else f"{key}={value}" for key, value in values.items())
    return harmless(", ".join(pairs))


def span(seconds: float | None) -> str:
    """Say a length of time as the pages do: 0.4 s, 12 s, 3 m 12 s, 5 h 2 m, 3 d 4 h."""
    if seconds is None:
        return ""
    whole = int(max(seconds, 0))
    if whole < 10:
        return f"{max(seconds, 0):.1f} s"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} m"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def moment(utc: str | None) -> str:
    """Say a time to the minute, in this machine's time zone."""
    return f"{datetime.fromisoformat(utc).astimezone():%Y-%m-%d %H:%M}" if utc else ""


def _error(error: dict[str, Any] | None) -> str:
    inside = (error or {}).get("error") or {}
    return harmless(str(inside.get("message") or inside.get("code") or ""))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the key of its values, and how a value is said."""

    heading: str
    key: str
    say: Callable[[Any], str] = _text
    # An id that is cut cannot be copied.
    is_whole: bool = False


_ID = Column("Run id", "runId", is_whole=True)
_OF_RUNS = (
    Column("Run", "runNumber", is_whole=True),
    Column("Display name", "displayName"),
    Column("Experiment", "experimentName"),
    Column("Status", "status", is_whole=True),
    Column("Created", "createdUtc", moment, is_whole=True),
    Column("Duration", "durationSeconds", span, is_whole=True),
    Column("Tags", "tags"),
    _ID,
)
_OF_A_RUN = (
    *_OF_RUNS[:-2],
    _ID,
    Column("Parent run", "parentRunId"),
    Column("Submitted by", "createdBy", lambda by: _text(by["userName"])),
    Column("Target", "target"),
    Column("Script", "scriptName"),
    Column("Tags", "tags"),
    Column("Parameters", "parameters"),
    Column("Properties", "properties"),
    Column("Error", "error", _error),
    Column("Description", "description"),
    Column("Page", "url"),
)
_OF_EXPERIMENTS = (
    Column("Name", "name", is_whole=True),
    Column("Created", "createdUtc", moment, is_whole=True),
    Column("Archived", "archivedUtc", moment, is_whole=True),
    Column("Tags", "tags"),
    Column("Description", "description"),
)
_OF_ALERTS = (
    Column("Id", "id", is_whole=True),
    Column("Name", "name"),
    Column("Tells when", "when"),
    Column("Filter", "filter"),
    Column("By", "channel", is_whole=True),
    Column("To", "target"),
    Column("Enabled", "enabled", is_whole=True),
)


def table(result: Any) -> str:
    """Draw rows as a table, and a single object with a line for each of its values."""
    if isinstance(result, dict):
        return _lines(result)
    rows = [row for row in (result if isinstance(result, list) else [result]) if row is not None]
    if not rows or not all(isinstance(row, dict) for row in rows):
        return "\n".join(_GAP.join(_cells(row)) for row in rows)
    return grid(rows, _columns_of(rows))


def _cells(row: Any) -> list[str]:
    values = row.values() if isinstance(row, dict) else row if isinstance(row, list) else [row]
    return [_text(value) for value in values]


def _is_run(row: dict[str, Any]) -> bool:
    return all(column.key in row for column in _OF_A_RUN)


def _columns_of(rows: list[dict[str, Any]]) -> tuple[Column, ...]:
    if all(_is_run(row) for row in rows):
        return _OF_RUNS
    if all(column.key in row for row in rows for column in _OF_EXPERIMENTS):
        return _OF_EXPERIMENTS
    if all(column.key in row for row in rows for column in _OF_ALERTS):
        return _OF_ALERTS
    keys = dict.fromkeys(key for row in rows for key in row)
    return tuple(Column(key, key, is_whole=key.lower().endswith("id")) for key in keys)


def _lines(result: dict[str, Any]) -> str:
    shown = _OF_A_RUN if _is_run(result) else _columns_of([result])
    all_told = [(column.heading, column.say(result[column.key])) for column in shown]
    told = [(heading, said) for heading, said in all_told if said]
    widest = max((columns(heading) for heading, _ in told), default=0)
    return "\n".join(f"{_padded(heading, widest)}{_GAP}{said}".rstrip() for heading, said in told)


def grid(rows: list[dict[str, Any]], shown: tuple[Column, ...]) -> str:
    """Draw rows under the headings of these columns, as wide as the terminal lets them be."""
    said = [[column.say(row.get(column.key)) for column in shown] for row in rows]
    headings = [harmless(column.heading) for column in shown]
    needed = [max(map(columns, cells)) for cells in zip(headings, *said, strict=True)]
    widths = _fitted(needed, shown)
    if shown is _OF_RUNS and not _has_room(widths):
        terminal.complain("This terminal is too narrow for run ids; --query [].runId lists them.")
        return grid(rows, shown[:-1])
    lines = [_fit(headings, widths), ["-" * width for width in widths]]
    lines += [
        _painted(_fit(cells, widths), shown, row) for cells, row in zip(said, rows, strict=True)
    ]
    return "\n".join(_GAP.join(cells).rstrip() for cells in lines)


def _fitted(needed: list[int], shown: tuple[Column, ...]) -> list[int]:
    """Return widths that fit the terminal as far as columns may be cut; the widest is cut first."""
    widths = [
        n if column.is_whole else min(n, _LONGEST) for n, column in zip(needed, shown, strict=True)
    ]
    elastic = [place for place, column in enumerate(shown) if not column.is_whole]
    while not _has_room(widths):
        widest = max(elastic, key=lambda place: widths[place], default=None)
        if widest is None or widths[widest] <= _SHORTEST:
            break
        widths[widest] -= 1
    return widths


def _has_room(widths: list[int]) -> bool:
    needed = sum(widths) + len(_GAP) * (len(widths) - 1)
    return not terminal.is_terminal(sys.stdout) or needed <= terminal.width(sys.stdout)


def _fit(cells: list[str], widths: list[int]) -> list[str]:
    return [_padded(cut(cell, width), width) for cell, width in zip(cells, widths, strict=True)]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _painted(cells: list[str], shown: tuple[Column, ...], row: dict[str, Any]) -> list[str]:
    if not terminal.has_colours(sys.stdout):
        return cells
    return [
        terminal.paint(cell, str(row[column.key])) if column.key == "status" else cell
        for cell, column in zip(cells, shown, strict=True)
    ]
