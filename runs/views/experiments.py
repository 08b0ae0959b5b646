"""The experiments of a workspace: found, described, labelled, archived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from runs import access
from runs.access import Right
from runs.actions import experiments
from runs.actions.refused import Refused
from runs.queries.experiments import summaries
from runs.queries.paging import page
from runs.views.doors import Visit, in_workspace
from studio.contract import limits

if TYPE_CHECKING:
    from django.http import HttpResponse

    from runs.models import Experiment


@require_safe
@in_workspace(Right.VIEW)
def all_experiments(visit: Visit) -> HttpResponse:
    """List experiments, newest first; archived ones when they are asked for."""
    asked = visit.request.GET
    is_archived = asked.get("archived") == "true"
    wanted = asked.get("name", "").strip()[: limits.EXPERIMENT_NAME].replace("\0", "")
    rows = access.experiments_of(visit.actor, visit.workspace).listed()
    rows = rows.archived() if is_archived else rows.active()
    if wanted:
        rows = rows.filter(name__icontains=wanted)
    try:
        shown, following = page(rows, limits.PAGE, asked.get("after", ""), field="after")
    except Refused as refused:
        raise Http404(refused.detail) from None
    context = {
        "visit": visit,
        "workspace": visit.workspace,
        "experiments": summaries(shown),
        "following": following,
        "archived": is_archived,
        "wanted": wanted,
        "may_arrange": visit.may(Right.ARRANGE),
    }
    return render(visit.request, "experiments/list.html", context)


@require_POST
@in_workspace(Right.ARRANGE)
def edit(visit: Visit, number: str) -> HttpResponse:
    """Change the description."""
    found = _found(visit, number)
    try:
        text = visit.request.POST.get("description", "").replace("\r\n", "\n")
        experiments.describe(found, text, by=visit.actor)
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
    else:
        messages.success(visit.request, f"The description of {found.name} is saved.")
    return redirect("experiments", ws=visit.workspace.name)


@require_POST
@in_workspace(Right.ARRANGE)
def archive(visit: Visit, number: str) -> HttpResponse:
    """Archive the experiment, or bring it back."""
    found = _found(visit, number)
    is_back = visit.request.POST.get("back") == "true"
    place = reverse("experiments", args=[visit.workspace.name])
    try:
        (experiments.reactivate if is_back else experiments.archive)(found, by=visit.actor)
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
        return redirect(place + "?archived=true")
    if is_back:
        messages.success(visit.request, f"{found.name} is back.")
        return redirect(place)
    messages.success(visit.request, f"{found.name} is archived; its runs stay as they are.")
    return redirect(place + "?archived=true")


def _found(visit: Visit, number: str) -> Experiment:
    try:
        return access.experiment_by_id(visit.actor, visit.workspace.name, number, Right.ARRANGE)
    except Refused as refused:
        raise Http404(refused.detail) from None
