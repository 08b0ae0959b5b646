"""One run: its overview, and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from runs import live
from runs.access import Right
from runs.actions import lifecycle
from runs.actions.refused import Refused
from runs.queries import descriptions, history
from runs.views.doors import Visit, find_run, in_workspace, is_partial

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model, QuerySet
    from django.http import HttpResponse

    from runs.models import Run

M = TypeVar("M", bound="Model")

_CHILDREN_SHOWN = 50
_METRICS_SHOWN = 200


@require_safe
@vary_on_headers("HX-Request")
@in_workspace(Right.VIEW)
def overview(visit: Visit, run_id: str) -> HttpResponse:
    """Show what a run is, how it goes and what happened to it."""
    run = find_run(visit, run_id)
    changed = live.of_run(run)
    known = live.unchanged(visit.request, changed)
    if known is not None:
        return known
    context = {
        **frame(visit, run, "overview"),
        "changed": changed,
        "parameters": sorted(run.parameters.items()),
        "description": descriptions.shown(run, can_edit=visit.may(Right.EDIT)),
        "timeline": history.timeline(run),
        "children": _some(run.children.present().with_names().newest_first(), _CHILDREN_SHOWN),
        "metrics": _some(run.metrics.order_by("name"), _METRICS_SHOWN),
    }
    template = "runs/_overview.html" if is_partial(visit.request) else "runs/overview.html"
    return render(visit.request, template, context)


@require_POST
@in_workspace(Right.CANCEL)
def cancel(visit: Visit, run_id: str) -> HttpResponse:
    """Ask the run to stop."""
    return _do(visit, run_id, lambda run: lifecycle.request_cancel(run, by=visit.actor))


@require_POST
@in_workspace(Right.CANCEL)
def ask_again(visit: Visit, run_id: str) -> HttpResponse:
    """Ask once more for a cancel that nobody has answered."""
    return _do(visit, run_id, lambda run: lifecycle.ask_again(run, by=visit.actor))


@require_POST
@in_workspace(Right.CANCEL)
def close_cancel(visit: Visit, run_id: str) -> HttpResponse:
    """Stop waiting for the answer to a cancel; its process may still live."""
    return _do(visit, run_id, lambda run: lifecycle.close_unanswered_cancel(run, by=visit.actor))


def frame(visit: Visit, run: Run, tab: str) -> dict[str, Any]:
    """Return what every page of a run shows."""
    run.workspace = visit.workspace
    return {
        "visit": visit,
        "workspace": visit.workspace,
        "run": run,
        "tab": tab,
        "error": (run.error or {}).get("error"),
        "may_cancel": visit.may(Right.CANCEL),
        "is_cancel_unanswered": history.is_cancel_unanswered(run),
    }


def _some(rows: QuerySet[M], most: int) -> dict[str, Any]:
    found = list(rows[: most + 1])
    return {"shown": found[:most], "most": most, "is_all": len(found) <= most}


def _do(visit: Visit, run_id: str, change: Callable[[Run], None]) -> HttpResponse:
    run = find_run(visit, run_id)
    try:
        change(run)
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
    return redirect("run", ws=visit.workspace.name, run_id=run.run_id)
