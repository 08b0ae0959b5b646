"""What the list page shows: its table, chips, counts and links, all made of one state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs import access
from runs.actions.refused import Refused
from runs.queries import columns, facets, language, order
from runs.queries.runs import RunQuery, matching
from runs.queries.tree import AllOf
from runs.views import list_links
from studio.contract import limits

if TYPE_CHECKING:
    from runs.models import Run
    from runs.models.run import RunQuerySet
    from runs.queries.columns import Column
    from runs.queries.tree import Node
    from runs.views.doors import Visit
    from runs.views.list_state import ListState


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition of the query: what it says, where it stands, and the list without it."""

    text: str
    start: int
    end: int
    without: str


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; ``sort`` is the address that sorts by it, "" where nothing can."""

    column: Column
    width: int | None
    order: str
    sort: str

    @property
    def icon(self) -> str:
        """The arrow that says which way it is sorted."""
        return {"ascending": "arrow-up", "descending": "arrow-down"}.get(self.order, "")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one run has in one column; ``only`` is the list of those that have the same."""

    column: Column
    value: Any
    only: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One run of the list; ``group`` is set on the first run of a group."""

    run: Run
    cells: list[Cell]
    tags: list[tuple[str, str | None, str, str]]
    group: Cell | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list and the addresses around it, "" where there is none."""

    heads: list[Head]
    rows: list[Row]
    counts: Counts
    first: str
    before: str
    after: str


def page(visit: Visit, state: ListState) -> Page:
    """Return the page of the list that a state means.

    Raises:
        Refused: a query that cannot be answered, or a page that does not exist.
    """
    tree = language.parse(state.state.filter)
    found = listed(visit, state)
    shown = state.columns
    group = columns.column(state.state.group) if state.state.group else None
    wanted = [*shown, group] if group is not None else shown
    values = columns.values(found.runs, wanted)
    for run in found.runs:
        run.workspace = visit.workspace
    return Page(
        heads=[_head(state, each) for each in shown],
        rows=_rows(state, tree, found.runs, wanted, values, is_grouped=group is not None),
        counts=_counts(state, _counted(visit, state, tree)),
        first=state.page_link() if state.after or state.before else "",
        before=state.page_link(before=found.before) if found.before else "",
        after=state.page_link(after=found.after) if found.after else "",
    )


def _counted(visit: Visit, state: ListState, tree: Node) -> facets.Counts:
    """Return how many runs of any status there are, with the rest of the query."""
    any_status = facets.without_status(tree).text()
    if not any_status:
        children = state.state.children
        return facets.kept_counts(visit.workspace, tree, include_children=children)
    scope = meant(visit, state, facets.experiments_of(tree).text())
    return facets.counts(meant(visit, state, any_status), tree, scope)


def listed(visit: Visit, state: ListState) -> order.Slice:
    """Return the runs of the page, with the cursors of those around it; raises as ``page``."""
    return order.page(
        meant(visit, state, state.state.filter),
        state.keys,
        limits.PAGE,
        workspace=visit.workspace,
        after=state.after,
        before=state.before,
    )


@dataclass(frozen=True, slots=True)
class Bucket:
    """Runs of some statuses, and the list that asks for them, or no more."""

    name: str
    count: int
    is_chosen: bool
    link: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Runs by status; ``is_more`` says that only the newest of them were counted."""

    buckets: list[Bucket]
    total: int
    is_more: bool


def _counts(state: ListState, found: facets.Counts) -> Counts:
    buckets = [
        Bucket(each.name, each.count, each.is_chosen, state.link(filter=each.query))
        for each in found.buckets
    ]
    return Counts(buckets, found.total, found.is_more)


def chips(state: ListState) -> list[Chip]:
    """Return the conditions of the query, each with the list without it; none of a broken one."""
    text = state.state.filter
    try:
        tree = language.parse(text)
    except Refused:
        return []
    nodes = tree.nodes if isinstance(tree, AllOf) else (tree,)
    return [
        Chip(
            node.text(),
            node.span.start,
            node.span.end,
            state.link(filter=AllOf(tuple(n for n in nodes if n is not node)).text()),
        )
        for node in nodes
    ]


def toggled(state: ListState, term: str) -> tuple[bool, str]:
    """Return whether the query has a term, and the list with it or without."""
    text = state.state.filter
    try:
        tree = language.parse(text)
    except Refused:
        return False, state.link(filter=term)
    nodes = tree.nodes if isinstance(tree, AllOf) else (tree,)
    rest = tuple(node for node in nodes if node.text() != term)
    if len(rest) < len(nodes):
        return True, state.link(filter=AllOf(rest).text())
    return False, state.link(filter=list_links.with_term(tree, term))


def meant(visit: Visit, state: ListState, query: str) -> RunQuerySet:
    """Return the runs that a query means, of those that the page can show."""
    asked = RunQuery(filter=query, include_children=state.state.children)
    reached = access.runs_of(visit.actor, visit.workspace)
    return matching(reached, asked, workspace=visit.workspace, by=visit.actor)


def _head(state: ListState, of: Column) -> Head:
    keys = state.keys
    sorted_by = next((key for key in keys if key.column.id == of.id), None)
    way = "" if sorted_by is None else "descending" if sorted_by.descending else "ascending"
    # The first click sorts the way people want first: names from A, numbers and times from the top.
    starts_down = of.is_number or of.kind == "time"
    down = way == "ascending" if way else starts_down
    kept = state.widths.get(of.id)
    return Head(
        of,
        kept.width if kept else None,
        way if sorted_by is keys[-1 if state.state.group else 0] else "",
        "" if of.kind == "tags" else state.link(sort=(f"-{of.id}" if down else of.id,)),
    )


def _rows(
    state: ListState,
    tree: Node,
    runs: list[Run],
    shown: list[Column],
    values: list[list[Any]],
    *,
    is_grouped: bool,
) -> list[Row]:
    found: list[Row] = []
    links = list_links.Links(state, tree)
    shows_tags = any(each.kind == "tags" for each in shown)
    before: Any = object()
    for run, row in zip(runs, values, strict=True):
        cells = [
            Cell(of, value, list_links.only(links, of, value))
            for of, value in zip(shown, row, strict=True)
        ]
        group = cells.pop() if is_grouped else None
        is_new = group is not None and group.value != before
        before = group.value if group is not None else before
        tags = list_links.of_tags(links, run) if shows_tags else []
        found.append(Row(run, cells, tags, group if is_new else None))
    return found
