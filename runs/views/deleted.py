"""The bin: runs that were deleted and can still be brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.access import Right
from runs.actions.deletion import KEPT_FOR
from runs.actions.refused import Refused
from runs.models import Run
from runs.queries.paging import page
from runs.rights import may_delete
from runs.views.doors import Visit, in_workspace
from studio.contract import limits

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse


@require_safe
@in_workspace(Right.BULK)
def show(visit: Visit) -> HttpResponse:
    """List deleted runs, newest first."""
    rows = Run.objects.inside(visit.workspace).binned().with_names()
    try:
        runs, following = page(rows, limits.PAGE, visit.request.GET.get("after", ""), field="after")
    except Refused as refused:
        raise Http404(refused.detail) from None
    ends = visit.may(Right.DELETE)
    context = {
        "visit": visit,
        "workspace": visit.workspace,
        "deleted": [(run, _gone(run), _may_restore(visit, run)) for run in runs],
        "following": following,
        "may_end": ends,
        "total": rows.count() if ends else 0,
    }
    return render(visit.request, "runs/bin.html", context)


def _gone(run: Run) -> datetime | None:
    return run.deleted_at and run.deleted_at + KEPT_FOR


def _may_restore(visit: Visit, run: Run) -> bool:
    return may_delete(visit.rights, is_own=visit.actor.has_submitted(run))
