"""One run: its overview and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from runs import live
from runs.access import Right
from runs.actions import resubmit
from runs.documents import run_document
from runs.models import RunStar
from runs.queries import descriptions, history
from runs.queries.family import family
from runs.queries.standing import standing
from runs.views.doors import Visit, find_run, in_workspace, is_partial
from studio.contract.words import SYSTEM_METRICS, EventKind

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpResponse

    from runs.models import Metric, Run

M = TypeVar("M", bound="Model")

_CHILDREN_SHOWN = 20
_METRICS_SHOWN = 200


@require_safe
@vary_on_headers("HX-Request")
@in_workspace(Right.VIEW)
def overview(visit: Visit, run_id: str) -> HttpResponse:
    """Show what a run is, how it goes and what happened to it."""
    return show(visit, find_run(visit, run_id))


def show(visit: Visit, run: Run, *, status: int = 200, **told: Any) -> HttpResponse:
    """Return the overview, or 204 if the page knows it; ``told`` is what a form has to say."""
    changed = live.of_run(run)
    known = live.unchanged(visit.request, changed)
    if known is not None:
        return known
    timeline = history.timeline(run)
    context = {
        **frame(visit, run, "overview"),
        "changed": changed,
        "parameters": sorted(run.parameters.items()),
        "description": descriptions.shown(run, can_edit=visit.may(Right.EDIT)),
        "timeline": timeline,
        "phases": history.phases(timeline),
        "children": _some(run.children.present().with_names().newest_first(), _CHILDREN_SHOWN),
        "metrics": _metrics(run),
        "origin": run.properties.get(resubmit.ORIGIN),
        "commit": _commit(run),
        **told,
    }
    template = "runs/_overview.html" if is_partial(visit.request) else "runs/overview.html"
    return render(visit.request, template, context, status=status)


@require_safe
@vary_on_headers("HX-Request")
@in_workspace(Right.VIEW)
def whole_history(visit: Visit, run_id: str) -> HttpResponse:
    """Show all that happened to a run, who did it and why."""
    run = find_run(visit, run_id)
    changed = live.of_run(run)
    known = live.unchanged(visit.request, changed)
    if known is not None:
        return known
    asked = visit.request.GET
    chosen = next((kind for kind in EventKind if kind.value == asked.get("kind")), None)
    before = asked.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    context = {
        **frame(visit, run, "history"),
        "changed": changed,
        "story": history.story(run, kinds=[chosen] if chosen else [], before=place),
        "chosen": chosen,
        "kinds": [(kind.value, _KINDS[kind]) for kind in EventKind],
        "is_later": place is not None,
    }
    template = "runs/_history.html" if is_partial(visit.request) else "runs/history.html"
    return render(visit.request, template, context)


@require_safe
@in_workspace(Right.VIEW)
def head(visit: Visit, run_id: str) -> HttpResponse:
    """Answer with what stands above a tab whose own content does not come with it."""
    run = find_run(visit, run_id)
    known = live.unchanged(visit.request, live.of_run(run))
    return known or render(
        visit.request, "runs/_tab_head.html", frame(visit, run, visit.request.GET.get("tab", ""))
    )


@require_safe
@in_workspace(Right.VIEW)
def raw(visit: Visit, run_id: str) -> JsonResponse:
    """Show the run as the REST API tells it."""
    run = find_run(visit, run_id)
    run.workspace = visit.workspace
    return JsonResponse(run_document(run), json_dumps_params={"indent": 2, "ensure_ascii": False})


def frame(visit: Visit, run: Run, tab: str) -> dict[str, Any]:
    """Return what every page of a run shows."""
    run.workspace = visit.workspace
    return {
        "visit": visit,
        "workspace": visit.workspace,
        "run": run,
        "tab": tab,
        "head_changed": live.of_run(run),
        "error": (run.error or {}).get("error"),
        "standing": standing(run),
        "family": family(run),
        "is_starred": RunStar.objects.filter(run=run, user=visit.actor.user).exists(),
        "may_cancel": visit.may(Right.CANCEL),
        "may_edit": visit.may(Right.EDIT),
        "may_operate": visit.may(Right.OPERATE),
        "may_bulk": visit.may(Right.BULK),
        "not_again": resubmit.why_not(run)
        if visit.may(Right.START)
        else "A reader starts no runs.",
        "is_cancel_unanswered": history.is_cancel_unanswered(run),
    }


_KINDS = {
    EventKind.STATUS: "Status",
    EventKind.STEP: "Steps of a cancel",
    EventKind.EDIT: "Edits",
    EventKind.COMMENT: "Comments",
}


def _some(rows: QuerySet[M], most: int) -> dict[str, Any]:
    found = list(rows[: most + 1])
    return {"shown": found[:most], "most": most, "is_all": len(found) <= most}


def _metrics(run: Run) -> dict[str, Any]:
    """Return the metrics of the script, and apart from them those of its machine."""
    found = _some(run.metrics.order_by("name"), _METRICS_SHOWN)
    apart: dict[bool, list[Metric]] = {False: [], True: []}
    for metric in found["shown"]:
        apart[metric.name.startswith(SYSTEM_METRICS)].append(metric)
    return {**found, "scripts": apart[False], "machines": apart[True]}


def _commit(run: Run) -> dict[str, Any] | None:
    facts = run.properties
    if not facts.get("azureml.git.commit"):
        return None
    return {
        "id": facts["azureml.git.commit"],
        "branch": facts.get("azureml.git.branch", ""),
        "is_dirty": facts.get("azureml.git.dirty") == "True",
    }
