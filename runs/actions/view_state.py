"""What a custom view holds: read from anything, with a note of what could not be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs.actions.text import UNSTORABLE

if TYPE_CHECKING:
    from collections.abc import Callable

DENSITIES = ("normal", "compact")
_COLUMNS, _SORTS, _CHARTS, _SELECTED, CLOSED = 60, 2, 24, 200, 50
_TEXT, _ID, _QUERY = 200, 300, 2_000
_NARROWEST, _WIDEST = 40, 1_200


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """One column; ``width`` in pixels, None for its own."""

    id: str
    width: int | None = None
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class ViewState:
    """How All runs looks. Empty ``columns`` are those of the studio.

    ``sort`` holds up to two columns, each with a ``-`` before it for descending; ``closed`` are the
    groups that show their heads only, None for the runs without a value; ``differ`` hides the columns
    in which all runs of a page are alike; ``charts`` are as the page describes them; ``selected`` are
    run ids to compare. With ``compare`` the view is no list but the comparison of these runs: how it
    looks, by the names that its address has.
    """

    filter: str = ""
    columns: tuple[ViewColumn, ...] = ()
    sort: tuple[str, ...] = ()
    group: str = ""
    closed: tuple[str | None, ...] = ()
    differ: bool = False
    density: str = "normal"
    children: bool = False
    charts: tuple[dict[str, Any], ...] = ()
    selected: tuple[str, ...] = ()
    compare: dict[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "filter": self.filter,
            "columns": [{"id": c.id, "width": c.width, "pinned": c.pinned} for c in self.columns],
            "sort": list(self.sort),
            "group": self.group,
            "closed": list(self.closed),
            "differ": self.differ,
            "density": self.density,
            "children": self.children,
            "charts": list(self.charts),
            "selected": list(self.selected),
            "compare": self.compare,
        }


def read_state(raw: Any) -> tuple[ViewState, list[str]]:
    """Return what can be used, and a sentence for each part that cannot."""
    if not isinstance(raw, dict):
        return ViewState(), ["A view holds an object of fields."]
    dropped = [
        f'There is no field "{str(key)[:50]}" in a view.' for key in raw if key not in _PARTS
    ]
    fields: dict[str, Any] = {}
    for name, (is_fit, shaped, what) in _PARTS.items():
        if name not in raw:
            continue
        if is_fit(raw[name]):
            fields[name] = shaped(raw[name])
        else:
            dropped.append(f"{name} should be {what}.")
    if fields.get("compare") is not None and not fields.get("selected"):
        fields["compare"] = None
        dropped.append("A comparison needs runs in selected.")
    return ViewState(**fields), dropped


def _is_text(longest: int) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, str) and len(value) <= longest and not UNSTORABLE.search(value)
    )


def _is_list(most: int, is_fit: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(is_fit, value))


def _is_column(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"id", "width", "pinned"}
        and _is_text(_ID)(value.get("id"))
        and bool(value["id"])
        and isinstance(value.get("pinned", False), bool)
        and (value.get("width") is None or _is_width(value["width"]))
    )


def _is_width(value: Any) -> bool:
    return type(value) is int and _NARROWEST <= value <= _WIDEST


def _is_chart(value: Any) -> bool:
    """Whether it is a flat object of short texts, numbers and lists of them; the page knows more."""
    if not isinstance(value, dict) or len(value) > 20 or not _is_text(20)(value.get("kind")):
        return False
    parts = [p for each in value.values() for p in (each if isinstance(each, list) else [each])]
    return len(parts) <= 100 and all(
        part is None or isinstance(part, bool | int | float) or _is_text(_ID)(part)
        for part in parts
    )


def _columns(value: list[dict[str, Any]]) -> tuple[ViewColumn, ...]:
    # The first of two alike counts.
    found = {each["id"]: each for each in reversed(value)}
    order = dict.fromkeys(each["id"] for each in value)
    return tuple(
        ViewColumn(name, found[name].get("width"), found[name].get("pinned", False))
        for name in order
    )


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_compare(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict)
        and value.keys() <= _COMPARE.keys()
        and all(_COMPARE[name](part) for name, part in value.items())
    )


_are_names = _is_list(_SELECTED, _is_text(_ID))
_COMPARE: dict[str, Callable[[Any], bool]] = {
    "base": _is_text(_ID),
    "differ": _is_bool,
    "find": _is_text(_TEXT),
    "up": _are_names,
    "down": _are_names,
    "closed": _are_names,
    "axes": _are_names,
    "x": _is_text(_ID),
    "y": _is_text(_ID),
}

_PARTS: dict[str, tuple[Callable[[Any], bool], Callable[[Any], Any], str]] = {
    "filter": (_is_text(_QUERY), str, f"a query of up to {_QUERY:,} characters"),
    "columns": (
        _is_list(_COLUMNS, _is_column),
        _columns,
        f"up to {_COLUMNS} columns, each with id, width ({_NARROWEST} to {_WIDEST}) and pinned",
    ),
    "sort": (_is_list(_SORTS, _is_text(_ID)), tuple, f"up to {_SORTS} ids of columns"),
    "group": (_is_text(_ID), str, "the id of a column"),
    "closed": (
        _is_list(CLOSED, lambda value: value is None or _is_text(_ID)(value)),
        tuple,
        f"up to {CLOSED} values of groups",
    ),
    "differ": (_is_bool, bool, "true or false"),
    "density": (lambda v: v in DENSITIES, str, f"one of {', '.join(DENSITIES)}"),
    "children": (_is_bool, bool, "true or false"),
    "charts": (_is_list(_CHARTS, _is_chart), tuple, f"up to {_CHARTS} charts, each with its kind"),
    "selected": (_is_list(_SELECTED, _is_text(_ID)), tuple, f"up to {_SELECTED} run ids"),
    "compare": (
        _is_compare,
        lambda value: value,
        f"nothing, or an object that has some of {', '.join(_COMPARE)}",
    ),
}
