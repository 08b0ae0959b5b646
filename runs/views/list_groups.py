"""The groups that the runs of a page stand in: their heads, their counts, and which are closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs.actions.view_state import CLOSED
from runs.queries import columns, groups, order
from runs.queries.groups import Count
from runs.views.list_rows import Group
from studio.contract import limits

if TYPE_CHECKING:
    from runs.models import Run
    from runs.models.run import RunQuerySet
    from runs.queries.groups import Groups, Value
    from runs.views.doors import Visit
    from runs.views.list_state import ListState


@dataclass(frozen=True, slots=True)
class Listed:
    """The runs of one page in their order, each with the value of its group if there are groups.

    Of a group that is closed there is one run, which is not shown: it holds the place of the head.
    """

    found: order.Slice
    values: list[Value]
    closed: frozenset[Value]
    groups: Groups | None

    @property
    def runs(self) -> list[Run]:
        """The runs that are shown."""
        if self.groups is None:
            return self.found.runs
        pairs = zip(self.found.runs, self.values, strict=True)
        return [run for run, value in pairs if value not in self.closed]


def listed(visit: Visit, state: ListState, rows: RunQuerySet) -> Listed:
    """Return the page of ``rows`` that a state means.

    Raises:
        Refused: a page that does not exist.
    """
    by = state.group
    is_whole = not state.state.filter
    of_rows = groups.Groups(rows, by, visit.workspace, is_whole) if by is not None else None
    closed = groups.read(by, state.state.closed) if by is not None else []
    found = order.page(
        of_rows.without(closed) if of_rows is not None else rows,
        state.keys,
        limits.PAGE,
        workspace=visit.workspace,
        after=state.after,
        before=state.before,
    )
    values: list[Value] = []
    if by is not None:
        values = [groups.value_of(by, value) for (value,) in columns.values(found.runs, [by])]
    return Listed(found, values, frozenset(closed), of_rows)


def heads(state: ListState, page: Listed) -> dict[int, Group]:
    """Return the head of each group of a page, by the place of its first run."""
    if page.groups is None or not page.values:
        return {}
    values = page.values
    places = [at for at, value in enumerate(values) if not at or value != values[at - 1]]
    counts = {at: Count(values.count(values[at]), is_more=False) for at in places}
    # Only what goes on beyond the page has to be counted.
    unsure = {at for at in places if values[at] in page.closed}
    unsure |= {places[0]} if page.found.before else set()
    unsure |= {places[-1]} if page.found.after else set()
    asked = sorted(unsure)
    told = page.groups.counts([values[at] for at in asked])
    # Of those that were looked at for the count fewer may be meant than stand on the page.
    counts |= {
        at: Count(max(counts[at].number, count.number), count.is_more)
        for at, count in zip(asked, told, strict=True)
    }
    return {
        at: Group(
            column=page.groups.by,
            value=values[at],
            count=counts[at].number,
            is_more=counts[at].is_more,
            is_closed=values[at] in page.closed,
            toggle=_toggle(state, values[at], is_closed=values[at] in page.closed),
        )
        for at in places
    }


def _toggle(state: ListState, value: Any, *, is_closed: bool) -> str:
    text = None if value is None else str(value)
    closed = [each for each in state.state.closed if each != text]
    return state.link(closed=tuple(closed if is_closed else [*closed, text][-CLOSED:]))
