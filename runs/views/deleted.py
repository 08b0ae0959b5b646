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
from runs.views.doors import Visit, in_workspace
from studio.contract import limits

if TYPE_CHECKING:
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
    context = {
        "visit": visit,
        "workspace": visit.workspace,
        "deleted": [(run, run.deleted_at and run.deleted_at + KEPT_FOR) for run in runs],
        "following": following,
    }
    return render(visit.request, "runs/bin.html", context)
