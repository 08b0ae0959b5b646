"""Which runs a retention rule would delete, and which it keeps all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from runs.actions.retention import check
from runs.models import Run, RunStar
from runs.queries.runs import RunQuery, matching
from studio.contract.words import TERMINAL

if TYPE_CHECKING:
    from datetime import datetime

    from runs.access import Actor
    from runs.models import Workspace
    from runs.models.run import RunQuerySet

# So many top-level runs, the oldest first, go at once; the others follow.
AT_ONCE = 500
_SHOWN = 50
_ENDED = [status.value for status in TERMINAL]


@dataclass(frozen=True, slots=True)
class Going:
    """What a rule would delete now: ``count`` runs with those below them, the first few of ``runs``.

    ``is_more``: these are the first of them only.
    """

    count: int
    is_more: bool
    runs: list[Run]


def preview(query: str, days: int, workspace: Workspace, *, by: Actor, now: datetime) -> Going:
    """Return what a rule would delete now; nothing is.

    Raises:
        Refused: a query that cannot be meant, days that no rule can say.
    """
    tops = _tops(query, days, workspace, by=by, now=now)
    found = _with_those_below(tops, workspace)
    runs = list(Run.objects.filter(pk__in=tops[:_SHOWN]).with_names().order_by("ended_at", "pk"))
    return Going(found.count(), len(tops) == AT_ONCE, runs)


def going(query: str, days: int, workspace: Workspace, *, by: Actor, now: datetime) -> RunQuerySet:
    """Return the runs that a rule deletes now, with those below them; raises as ``preview``."""
    return _with_those_below(_tops(query, days, workspace, by=by, now=now), workspace)


def _with_those_below(tops: list[int], workspace: Workspace) -> RunQuerySet:
    return Run.objects.inside(workspace).present().filter(Q(pk__in=tops) | Q(root__in=tops))


def _tops(query: str, days: int, workspace: Workspace, *, by: Actor, now: datetime) -> list[int]:
    """Return the keys of the top-level runs that go, the oldest first.

    A run stays, with all that is above and below it, while any of them goes on, has not ended for so
    long, or has somebody's star.
    """
    check(query, days)
    before = now - timedelta(days=days)
    present = Run.objects.inside(workspace).present()
    starred = Exists(RunStar.objects.filter(run=OuterRef("pk")))
    stays = ~Q(status__in=_ENDED) | Q(ended_at=None) | Q(ended_at__gte=before) | starred
    below = present.filter(stays, root=OuterRef("pk"))
    meant = matching(present, RunQuery(filter=query), workspace=workspace, by=by)
    tops = meant.filter(
        ~starred, ~Exists(below), parent=None, status__in=_ENDED, ended_at__lt=before
    )
    return list(tops.order_by("ended_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
