"""The address of the list is its whole state: what it asks for over what its view holds."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict

from runs.actions.refused import Refused
from runs.actions.view_state import ViewColumn, ViewState
from runs.queries import columns, groups, order
from runs.queries.views import keys_of, seen
from runs.views import list_address, list_links
from runs.views.doors import find_view
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.queries.columns import Column
    from runs.queries.order import Key
    from runs.queries.views import SeenView
    from runs.views.doors import Visit

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
        now, base = list_address.all_of(state), list_address.all_of(self.base)
        asked = {"view": self.slug} if self.slug else {}
        asked |= {name: now[name] for name in list_address.STATE if now[name] != base[name]}
        return "?" + urlencode({**asked, **more})


def read(asked: QueryDict, view: SeenView | None, within: str = "") -> ListState:
    """Return the state that an address means, over that of its view, ``within`` a term.

    Raises:
        Refused: something that the list does not know, by the name of its field; never ignored.
    """
    given = list_address.given(asked)
    if view is not None and view.is_comparison:
        reason, hint = "This view is a comparison, and no list.", "Open it by its own address."
        raise Refused(Code.BAD_REQUEST, reason, field="view", hint=hint)
    base = view.state if view is not None else ViewState()
    state = replace(base, **list_address.parts(given, base))
    terms = list_address.terms(asked, given)
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
