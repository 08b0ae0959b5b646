"""The address of the list is its whole state: what it asks for over what its view holds."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from django.http import QueryDict

from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.actions.view_state import CLOSED, DENSITIES, ViewColumn, ViewState
from runs.queries import charts, columns, groups, order
from runs.queries.tree import Value
from runs.queries.views import keys_of, seen
from runs.views import list_links
from runs.views.doors import find_view
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runs.queries.columns import Column
    from runs.queries.order import Key
    from runs.queries.views import SeenView
    from runs.views.doors import Visit

# Conditions that people write into an address by hand; the page turns them into its query.
SHORT = ("experiment", "status", "compute", "submitter", "parent", "name", "type")
_LABELS = ("tag", "property", "param")
_STATE = (
    *("filter", "sort", "columns", "group", "closed", "differ", "density", "children", "charts"),
)
_PLACES = ("after", "before")
_KNOWN = (*_STATE, *SHORT, *_LABELS, "view", *_PLACES, "since")
# The view that everybody has: the studio's own.
BUILT_IN = "default"
_ADDRESS = 40_000
# Parts of a state that are called otherwise by people.
_PARTS = {
    "group": "grouping",
    "children": "child runs",
    "closed": "closed groups",
    "differ": "hidden columns",
}
# The studio's own columns: the names stay in sight while the rest goes by.
_OWN = tuple(ViewColumn(name, pinned=name == "name") for name in columns.DEFAULT)
# How an address writes the group of the runs without a value, and that of an empty one.
_MARKS: dict[str, str | None] = {"-": None, "+": ""}
_VALUE = 300


@dataclass(frozen=True, slots=True)
class ListState:
    """What the list shows: ``state`` is what the address and the view say together.

    ``within`` is a term that always stands in the filter, and so in every address that is made here:
    the list of a run's children can mean no others.
    """

    state: ViewState
    base: ViewState
    view: SeenView | None
    slug: str
    after: str = ""
    before: str = ""
    within: str = ""

    @property
    def filter(self) -> str:
        """What people ask for: the query without the term that always stands in it."""
        return list_links.besides(self.state.filter, self.within)

    @property
    def shown(self) -> tuple[ViewColumn, ...]:
        """The columns as they stand, pinned ones first; what is unknown in a kept view is left out."""
        known = [each for each in self.state.columns if columns.column(each.id) is not None]
        return tuple(sorted(known or _OWN, key=lambda each: not each.pinned))

    @property
    def columns(self) -> list[Column]:
        """The same columns, as they are drawn."""
        found = [columns.column(each.id) for each in self.shown]
        return [each for each in found if each is not None]

    @property
    def pairs(self) -> list[tuple[Column, ViewColumn]]:
        """The columns with how wide they are wanted, and whether they are pinned."""
        return list(zip(self.columns, self.shown, strict=True))

    @property
    def group(self) -> Column | None:
        """The column that runs stand together by; one that a kept view cannot mean is none."""
        try:
            return groups.check(self.state.group) if self.state.group else None
        except Refused:
            return None

    @property
    def keys(self) -> tuple[Key, ...]:
        """What to sort by: the group first, so that its runs stand together."""
        return keys_of(self.state) if self.group is not None else self.own_keys

    @property
    def own_keys(self) -> tuple[Key, ...]:
        """What to sort by below one run, where no groups are."""
        return keys_of(replace(self.state, group=""))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form sends along that changes the filter alone."""
        pairs = parse_qsl(self.link().removeprefix("?"), keep_blank_values=True)
        return [(name, value) for name, value in pairs if name != "filter"]

    @property
    def without_columns(self) -> str:
        """The address of the same list with the studio's own columns."""
        return self.link(columns=())

    @property
    def without_charts(self) -> str:
        """The address of the same page of the list, for its charts to be asked for one by one."""
        places = {"after": self.after, "before": self.before}
        kept = {name: place for name, place in places.items() if place}
        return self._address(replace(self.state, charts=self.base.charts), **kept)

    @property
    def changed(self) -> list[str]:
        """What of the page differs from its view, in words; nothing while it is as it was saved."""
        return [
            _PARTS.get(part.name, part.name)
            for part in fields(ViewState)
            if getattr(self.state, part.name) != getattr(self.base, part.name)
        ]

    def link(self, **changes: Any) -> str:
        """Return the address of the same list with some parts of its state changed."""
        if "filter" in changes:
            changes["filter"] = list_links.always(changes["filter"], self.within)
        return self._address(replace(self.state, **changes))

    def page_link(self, **place: str) -> str:
        """Return the address of another page of the same list."""
        return self._address(self.state, **place)

    def _address(self, state: ViewState, **more: str) -> str:
        now, base = _written(state), _written(self.base)
        asked = {"view": self.slug} if self.slug else {}
        asked |= {name: now[name] for name in _STATE if now[name] != base[name]}
        return "?" + urlencode({**asked, **more})


def read(asked: QueryDict, view: SeenView | None, within: str = "") -> ListState:
    """Return the state that an address means, over that of its view, ``within`` a term.

    Raises:
        Refused: something that the list does not know, by the name of its field; never ignored.
    """
    given = _given(asked)
    base = view.state if view is not None else ViewState()
    asked_for: dict[str, Any] = {}
    if "filter" in given:
        asked_for["filter"] = given["filter"]
    if "sort" in given:
        asked_for["sort"] = tuple(filter(None, given["sort"].split(",")))
    if "columns" in given:
        asked_for["columns"] = _columns(given["columns"], base)
    if "group" in given:
        asked_for["group"] = given["group"]
    if "closed" in given:
        asked_for["closed"] = _closed(given["closed"])
    if "differ" in given:
        asked_for["differ"] = _one_of(given, "differ", ("true", "false")) == "true"
    if "density" in given:
        asked_for["density"] = _one_of(given, "density", DENSITIES)
    if "children" in given:
        asked_for["children"] = _one_of(given, "children", ("true", "false")) == "true"
    if "charts" in given:
        asked_for["charts"] = charts.parse(given["charts"])
    state = replace(base, **asked_for)
    terms = _terms(asked, given)
    if terms:
        state = replace(state, filter=" ".join(filter(None, [bracketed(state.filter), *terms])))
    state = replace(state, filter=list_links.always(state.filter, within))
    found = ListState(
        state,
        base,
        view,
        # The first view of a person is in force without being named: links have to name it.
        view.view.slug if view is not None else given.get("view", ""),
        after=given.get("after", ""),
        before=given.get("before", ""),
        within=within,
    )
    columns.columns([each.id for each in state.columns] if "columns" in given else [])
    if "sort" in given:
        order.keys(list(state.sort))
    if given.get("group"):
        groups.check(given["group"])
    return found


def of_address(visit: Visit, address: str) -> ListState:
    """Return the state that an address of the list means; raises as ``read``."""
    asked = QueryDict(address.lstrip("?")[:_ADDRESS])
    slug = asked.get("view", "")
    base = None
    if slug not in ("", BUILT_IN):
        (base,) = seen([find_view(visit, slug)], by=visit.actor, workspace=visit.workspace)
    return read(asked, base)


def bracketed(text: str) -> str:
    """Return a query that another condition can stand beside."""
    return f"({text})" if " OR " in text else text


def _given(asked: QueryDict) -> dict[str, str]:
    given = {}
    for name, values in asked.lists():
        if name not in _KNOWN:
            hint = f"Known are {', '.join(_KNOWN[:-1])}."
            raise _refused("The list has no such part.", name[:100], hint)
        if len(values) > 1 and name not in _LABELS:
            raise _refused("It is given twice.", name, "Give it once.")
        given[name] = values[0]
    if given.get("after") and given.get("before"):
        raise _refused("A page is after one run or before one.", "before", "Leave one out.")
    return given


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


def _written(state: ViewState) -> dict[str, str]:
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


def _terms(asked: QueryDict, given: Mapping[str, str]) -> list[str]:
    """Return conditions of the query for what an address says in short."""
    terms = []
    for name in SHORT:
        if given.get(name):
            values = given[name].split(",") if name == "status" else [given[name]]
            terms.append(f"{name}:{','.join(_quoted(value) for value in values)}")
    for name in _LABELS:
        for value in filter(None, asked.getlist(name)):
            key, has_value, text = value.partition("=")
            terms.append(f"{name}:{_quoted(key)}" + (f"={_quoted(text)}" if has_value else ""))
    return terms


def _quoted(text: str) -> str:
    return Value(text).written("name")


def _one_of(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    if given[name] not in choices:
        raise _refused(f"This should be one of {', '.join(choices)}.", name)
    return given[name]


def _refused(reason: str, name: str, hint: str = "") -> Refused:
    return Refused(Code.BAD_REQUEST, reason, field=name, hint=hint)
