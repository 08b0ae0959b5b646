"""What the list page shows: its table, chips, counts and links, all made of one state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs import access
from runs.actions.view_state import ViewColumn
from runs.queries import children, columns, facets, language, log_hits, order
from runs.queries.conditions import said
from runs.queries.runs import RunQuery, matching
from runs.views import list_address, list_groups, list_links, list_rows
from studio.contract import limits

if TYPE_CHECKING:
    from runs.models import Run
    from runs.models.run import RunQuerySet
    from runs.queries.columns import Column
    from runs.queries.tree import Node
    from runs.views.doors import Visit
    from runs.views.list_groups import Listed
    from runs.views.list_rows import Group, Row
    from runs.views.list_state import ListState


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; ``sort`` is the address that sorts by it, "" where nothing can."""

    column: Column
    shown: ViewColumn
    order: str
    sort: str

    @property
    def icon(self) -> str:
        """The arrow that says which way it is sorted."""
        return {"ascending": "arrow-up", "descending": "arrow-down"}.get(self.order, "")

    @property
    def written(self) -> str:
        """The column as an address has it, without its width."""
        return list_address.written([ViewColumn(self.column.id)])


@dataclass(frozen=True, slots=True)
class Band:
    """Rows that stand together: those of a group below its head, or all of a page without groups."""

    head: Group | None
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list and the addresses around it, "" where there is none.

    ``filter`` is its query as a link adds a term to it; ``columns`` are all of them as an address has
    them, ``hidden`` how many are not shown because all runs are alike in them; ``address`` is that of
    this page, ``below`` what the children of a run are asked for with: the columns that are shown.
    """

    heads: list[Head]
    bands: list[Band]
    counts: Counts
    filter: str
    columns: str
    hidden: int
    address: str
    below: str
    first: str
    before: str
    after: str

    @property
    def rows(self) -> list[Row]:
        """The rows of all groups."""
        return [row for band in self.bands for row in band.rows]

    @property
    def is_filled(self) -> bool:
        """Whether there is anything to show, be it the head of a closed group."""
        return any(band.rows or band.head for band in self.bands)

    @property
    def has_families(self) -> bool:
        """Whether a run of the page has children."""
        return any(row.family for row in self.rows)


@dataclass(frozen=True, slots=True)
class Below:
    """Children of a run as rows, and the cursor behind them, "" at the end."""

    rows: list[Row]
    after: str


def page(visit: Visit, state: ListState) -> Page:
    """Return the page of the list that a state means.

    Raises:
        Refused: a query that cannot be answered, or a page that does not exist.
    """
    tree = language.parse(state.state.filter)
    meant_rows = meant(visit, state, state.state.filter)
    found = list_groups.listed(visit, state, meant_rows)
    shown, values = list_rows.read(found.runs, state.columns, only_differing=state.state.differ)
    kept = {each.id: each for each in state.shown}
    return Page(
        heads=[_head(state, each, kept[each.id]) for each in shown],
        bands=_bands(state, found, _rows(state, tree, found.runs, shown, values)),
        counts=_counts(state, _counted(visit, state, tree, meant_rows)),
        filter=list_links.bare(tree),
        columns=list_address.written(state.shown),
        hidden=len(state.columns) - len(shown),
        address=state.page_link(after=state.after, before=state.before),
        below=state.link(columns=tuple(kept[each.id] for each in shown), differ=False),
        first=state.page_link() if state.after or state.before else "",
        before=state.page_link(before=found.found.before) if found.found.before else "",
        after=state.page_link(after=found.found.after) if found.found.after else "",
    )


def below(visit: Visit, state: ListState, parent: Run) -> Below:
    """Return the children of a run, as rows of the list that a state means, from its cursor on.

    Raises:
        Refused: a query that cannot be read, or a page that does not exist.
    """
    tree = language.parse(state.state.filter)
    rows = children.of([parent.pk], archived=_shows_archived(tree))
    found = order.page(
        rows, state.own_keys, limits.PAGE, workspace=visit.workspace, after=state.after
    )
    values = columns.values(found.runs, state.columns)
    return Below(_rows(state, tree, found.runs, state.columns, values), found.after)


def _counted(visit: Visit, state: ListState, tree: Node, rows: RunQuerySet) -> facets.Counts:
    """Return how many runs of any status there are, with the rest of the query that means ``rows``."""
    any_status = facets.without_status(tree)
    if not any_status.text():
        children = state.state.children
        return facets.kept_counts(visit.workspace, tree, include_children=children)
    if any_status is not tree:
        rows = meant(visit, state, any_status.text())
    scope = rows if rows.are_few else meant(visit, state, facets.soon_walked(tree).text())
    return facets.counts(rows, tree, scope)


def listed(visit: Visit, state: ListState) -> Listed:
    """Return the runs of the page and their groups; raises as ``page``."""
    return list_groups.listed(visit, state, meant(visit, state, state.state.filter))


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


def meant(visit: Visit, state: ListState, query: str) -> RunQuerySet:
    """Return the runs that a query means, of those that the page can show."""
    asked = RunQuery(filter=query, include_children=state.state.children)
    reached = access.runs_of(visit.actor, visit.workspace)
    return matching(reached, asked, workspace=visit.workspace, by=visit.actor)


def _head(state: ListState, of: Column, shown: ViewColumn) -> Head:
    keys = state.keys
    sorted_by = next((key for key in keys if key.column.id == of.id), None)
    way = "" if sorted_by is None else "descending" if sorted_by.descending else "ascending"
    # The first click sorts the way people want first: names from A, numbers and times from the top.
    starts_down = of.is_number or of.kind == "time"
    down = way == "ascending" if way else starts_down
    return Head(
        of,
        shown,
        way if sorted_by is keys[-1 if state.group else 0] else "",
        "" if of.kind == "tags" else state.link(sort=(f"-{of.id}" if down else of.id,)),
    )


def _rows(
    state: ListState, tree: Node, runs: list[Run], shown: list[Column], values: list[list[Any]]
) -> list[Row]:
    maker = list_rows.Maker(state, tree, shown)
    ids = [run.pk for run in runs]
    found = children.families(ids, archived=_shows_archived(tree))
    hits = log_hits.hits(ids, tree)
    return [
        maker.row(run, row, found.get(run.pk), hits.get(run.pk))
        for run, row in zip(runs, values, strict=True)
    ]


def _bands(state: ListState, found: Listed, rows: list[Row]) -> list[Band]:
    heads = list_groups.heads(state, found)
    if not heads:
        return [Band(None, rows)]
    bands: list[Band] = []
    made = iter(rows)
    for at in range(len(found.values)):
        if at in heads:
            bands.append(Band(heads[at], []))
        head = bands[-1].head
        if head is None or not head.is_closed:
            bands[-1].rows.append(next(made))
    return bands


def _shows_archived(tree: Node) -> bool:
    return "is:archived" in said(tree)
