"""How the address of the list writes its state, and how that is read; broken addresses are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.actions.view_state import CLOSED, DENSITIES, ViewColumn, ViewState
from runs.queries import charts
from runs.queries.tree import Value
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import QueryDict

# Conditions that people write into an address by hand; the page turns them into its query.
SHORT = ("experiment", "status", "compute", "submitter", "parent", "name", "type")
_LABELS = ("tag", "property", "param")
STATE = (
    *("filter", "sort", "columns", "group", "closed", "differ", "density", "children", "charts"),
)
_PLACES = ("after", "before")
_KNOWN = (*STATE, *SHORT, *_LABELS, "view", *_PLACES, "since")
# How an address writes the group of the runs without a value, and that of an empty one.
_MARKS: dict[str, str | None] = {"-": None, "+": ""}
_VALUE = 300


def given(asked: QueryDict) -> dict[str, str]:
    """Return the parts of an address by name; refuses one that the list does not have."""
    found = {}
    for name, values in asked.lists():
        if name not in _KNOWN:
            hint = f"Known are {', '.join(_KNOWN[:-1])}."
            raise _refused("The list has no such part.", name[:100], hint)
        if len(values) > 1 and name not in _LABELS:
            raise _refused("It is given twice.", name, "Give it once.")
        found[name] = values[0]
    if found.get("after") and found.get("before"):
        raise _refused("A page is after one run or before one.", "before", "Leave one out.")
    return found


def parts(given: Mapping[str, str], base: ViewState) -> dict[str, Any]:
    """Return the parts of a state that an address says, as fields of ``ViewState``."""
    found: dict[str, Any] = {}
    if "filter" in given:
        found["filter"] = given["filter"]
    if "sort" in given:
        found["sort"] = tuple(filter(None, given["sort"].split(",")))
    if "columns" in given:
        found["columns"] = _columns(given["columns"], base)
    if "group" in given:
        found["group"] = given["group"]
    if "closed" in given:
        found["closed"] = _closed(given["closed"])
    if "differ" in given:
        found["differ"] = _one_of(given, "differ", ("true", "false")) == "true"
    if "density" in given:
        found["density"] = _one_of(given, "density", DENSITIES)
    if "children" in given:
        found["children"] = _one_of(given, "children", ("true", "false")) == "true"
    if "charts" in given:
        found["charts"] = charts.parse(given["charts"])
    return found


def _columns(text: str, base: ViewState) -> tuple[ViewColumn, ...]:
    """Return columns of ``id``, ``id!width`` and ``*id`` for pinned ones, divided by commas."""
    kept = {each.id: each.width for each in base.columns}
    found = []
    for part in filter(None, text.split(",")):
        written, _, width = part.removeprefix("*").partition("!")
        if width and not (width.isascii() and width.isdigit() and len(width) <= 4):
            raise _refused(f'"{width[:20]}" is no width in pixels.', "columns")
        name = unquote(written)
        wide = int(width) if width else kept.get(name)
        found.append(ViewColumn(name, wide, part.startswith("*")))
    return tuple(found)


def all_of(state: ViewState) -> dict[str, str]:
    """Return each part of a state as an address has it, by name."""
    return {
        "filter": state.filter,
        "sort": ",".join(state.sort),
        "columns": written(state.columns),
        "group": state.group,
        "closed": ",".join(map(_value, state.closed)),
        "differ": "true" if state.differ else "false",
        "density": state.density,
        "children": "true" if state.children else "false",
        "charts": charts.written(state.charts),
    }


def written(shown: Iterable[ViewColumn]) -> str:
    """Return columns as an address has them."""
    return ",".join(map(_column, shown))


def _closed(text: str) -> tuple[str | None, ...]:
    """Return values of groups, divided by commas; a dash is the group of runs without a value."""
    parts = text.split(",") if text else []
    if len(parts) > CLOSED:
        raise _refused(f"Up to {CLOSED} groups can be closed.", "closed", "Filter them out.")
    found = [_MARKS[part] if part in _MARKS else unquote(part) for part in parts]
    return tuple(part and check_text(part, "closed", _VALUE) for part in found)


def _value(value: str | None) -> str:
    """Return the value of a group as an address has it; a value that looks like a mark is none."""
    marks = {meant: mark for mark, meant in _MARKS.items()}
    if value in marks:
        return marks[value]
    return "%2D" if value == "-" else quote(value or "", safe="")


def _column(column: ViewColumn) -> str:
    # A key may hold any of the characters that divide.
    width = f"!{column.width}" if column.width else ""
    return f"{'*' if column.pinned else ''}{quote(column.id, safe=':')}{width}"


def terms(asked: QueryDict, given: Mapping[str, str]) -> list[str]:
    """Return conditions of the query for what an address says in short."""
    found = []
    for name in SHORT:
        if given.get(name):
            values = given[name].split(",") if name == "status" else [given[name]]
            found.append(f"{name}:{','.join(_quoted(value) for value in values)}")
    for name in _LABELS:
        for value in filter(None, asked.getlist(name)):
            key, has_value, text = value.partition("=")
            found.append(f"{name}:{_quoted(key)}" + (f"={_quoted(text)}" if has_value else ""))
    return found


def _quoted(text: str) -> str:
    return Value(text).written("name")


def _one_of(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    if given[name] not in choices:
        raise _refused(f"This should be one of {', '.join(choices)}.", name)
    return given[name]


def _refused(reason: str, name: str, hint: str = "") -> Refused:
    return Refused(Code.BAD_REQUEST, reason, field=name, hint=hint)
