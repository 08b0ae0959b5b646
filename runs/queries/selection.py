"""Which runs people have selected, and what could be done to how many of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import EmptyResultSet
from django.db.models.expressions import RawSQL

from runs import access
from runs.actions.bulk_rules import ASKED, Standing, why_not
from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.models import Run
from runs.models.task import Kind
from runs.queries.runs import RunQuery, matching
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.access import Actor, Right
    from runs.models import Workspace
    from runs.models.run import RunQuerySet

MOST_IDS = 5_000
# As many are looked at one by one; of more, the counts say how many there are at least.
LOOKED_AT = 10_000
_REASONS = 3
_MISSING = 10

_TREE = (
    "WITH RECURSIVE tree (id) AS ({} "
    "UNION SELECT child.id FROM runs_run AS child JOIN tree ON child.parent_id = tree.id) "
    "SELECT id FROM tree"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Runs by their ids, or by a query if ``run_ids`` is None.

    ``with_children`` adds all runs below them. ``in_bin`` looks among the deleted runs, else none of
    those is meant.
    """

    run_ids: tuple[str, ...] | None = None
    query: RunQuery = field(default_factory=RunQuery)
    with_children: bool = False
    in_bin: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """How many runs are selected, and how many of them each action can touch.

    If ``is_capped``, those are counts among the newest ``LOOKED_AT`` only. ``reasons`` say why not,
    for the first few runs: action, run id, sentence. ``missing`` are ids that are not there.
    """

    selected: int
    is_capped: bool
    touches: dict[str, int]
    reasons: list[tuple[str, str, str]]
    missing: list[str]


def chosen(selection: Selection, *, workspace: Workspace, by: Actor) -> RunQuerySet:
    """Return the runs of a selection; ids that are not there are left out.

    Raises:
        Refused: a query that cannot be meant, ids that are none, or too many.
    """
    within = _within(selection, workspace, by)
    if selection.run_ids is None:
        found = matching(
            within, selection.query, workspace=workspace, by=by, everywhere=selection.in_bin
        )
    else:
        _check(selection.run_ids)
        found = within.filter(run_id__in=selection.run_ids)
    return _with_trees(found, within) if selection.with_children else found


def missing(selection: Selection, *, workspace: Workspace, by: Actor) -> list[str]:
    """Return some of the ids that are not there, in the order given. Raises as ``chosen`` does."""
    if selection.run_ids is None:
        return []
    _check(selection.run_ids)
    known = _within(selection, workspace, by).filter(run_id__in=selection.run_ids)
    found = set(known.values_list("run_id", flat=True))
    return [run_id for run_id in selection.run_ids if run_id not in found][:_MISSING]


def preview(selection: Selection, *, workspace: Workspace, by: Actor) -> Preview:
    """Return what could be done to the runs of a selection. Changes nothing; raises as ``chosen``."""
    runs = chosen(selection, workspace=workspace, by=by)
    wanted = ("pk", "run_id", "status", "supervised", "shelf", "created_by")
    rows = list(runs.order_by("-pk").values_list(*wanted)[: LOOKED_AT + 1])
    is_capped = len(rows) > LOOKED_AT
    # One statement for all: asked run by run, a database that knows few parents reads all runs each time.
    below = Run.objects.binned() if selection.in_bin else Run.objects.present()
    left = below.filter(parent__in=[row[0] for row in rows]).exclude(pk__in=runs.values("pk"))
    parents = set(left.values_list("parent", flat=True).distinct())
    me = by.user.pk if by.user else None
    touches, reasons = _looked_at(
        [
            (run_id, Standing(status, supervised, shelf, submitter == me, pk in parents))
            for pk, run_id, status, supervised, shelf, submitter in rows[:LOOKED_AT]
        ],
        access.rights_in(by, workspace),
    )
    selected = runs.count() if is_capped else len(rows)
    if is_capped and not selection.in_bin:
        # These can be done to any run.
        touches |= {Kind.TAG.value: selected, Kind.UNTAG.value: selected}
    absent = missing(selection, workspace=workspace, by=by)
    return Preview(selected, is_capped, touches, reasons, absent)


def _check(run_ids: tuple[str, ...]) -> None:
    if len(run_ids) > MOST_IDS:
        reason = f"These are {len(run_ids):,} ids; {MOST_IDS:,} are allowed."
        hint = "Select them by a query instead."
        raise Refused(Code.BAD_REQUEST, reason, field="selection.runIds", hint=hint)
    for place, run_id in enumerate(run_ids):
        check_text(run_id, f"selection.runIds.{place}", limits.RUN_ID)


def _looked_at(
    rows: list[tuple[str, Standing]], rights: frozenset[Right]
) -> tuple[dict[str, int], list[tuple[str, str, str]]]:
    touches = {kind.value: 0 for kind in ASKED}
    told: dict[Kind, list[tuple[str, str, str]]] = {kind: [] for kind in ASKED}
    for run_id, run in rows:
        for kind in ASKED:
            reason = why_not(kind, run, rights)
            if not reason:
                touches[kind] += 1
            elif len(told[kind]) < _REASONS:
                told[kind].append((kind.value, run_id, reason))
    return touches, [reason for kind in ASKED for reason in told[kind]]


def _within(selection: Selection, workspace: Workspace, by: Actor) -> RunQuerySet:
    if selection.in_bin:
        return Run.objects.inside(workspace).binned()
    return access.runs_of(by, workspace)


def _with_trees(found: RunQuerySet, within: RunQuerySet) -> RunQuerySet:
    """Add the runs below those that are found, as deep as they go."""
    try:
        sql, params = found.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return found
    return within.filter(pk__in=RawSQL(_TREE.format(sql), params))  # noqa: S611 (our own SQL)
