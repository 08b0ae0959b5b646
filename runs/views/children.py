"""The child runs of a run: the list of all runs below the head of one, limited to its children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from runs import live
from runs.access import Right
from runs.actions.refused import Refused
from runs.queries.family import family
from runs.queries.tree import Condition, Value
from runs.views import list_state, runs
from runs.views.doors import Visit, find_run, in_workspace, is_partial
from runs.views.run_tab import frame
from studio.contract.errors import Code

if TYPE_CHECKING:
    from django.http import HttpResponse

    from runs.models import Run
    from runs.views.list_state import ListState


@require_safe
@gzip_page
@vary_on_headers("HX-Request", "HX-Request-Type")
@in_workspace(Right.VIEW)
def show(visit: Visit, run_id: str) -> HttpResponse:
    """Show the children of a run as the address asks for them, and never any other run."""
    run = find_run(visit, run_id)
    changed = live.of_list(visit.workspace)
    known = live.unchanged(visit.request, changed)
    if known is not None:
        return known
    part = is_partial(visit.request)
    around = {"run": run, "family": family(run)} if part else frame(visit, run, "children")
    context = {**around, **runs.shown(visit, lambda: _read(visit, run)), "changed": changed}
    context["place"] = reverse("runs", args=[visit.workspace.name])
    template = "runs/_list.html" if part else "runs/children.html"
    return render(visit.request, template, context, status=runs.status_of(visit.request, context))


def _read(visit: Visit, run: Run) -> ListState:
    asked = visit.request.GET
    if asked.get("view", "") not in ("", list_state.BUILT_IN):
        reason = "Custom views are of All runs, not of the child runs of one."
        raise Refused(Code.BAD_REQUEST, reason, field="view", hint="Leave it out.")
    within = Condition("parent", names=(Value(run.run_id),)).text()
    return list_state.read(asked, None, within)
