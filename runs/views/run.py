"""One run: its overview and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs import live
from runs.access import Right
from runs.actions import resubmit
from runs.queries import descriptions, history
from runs.views.doors import Visit, find_run, in_workspace, is_partial
from runs.views.run_tab import Context, frame, run_tab
from studio.contract.words import SYSTEM_METRICS, EventKind

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpResponse

    from runs.models import Metric, Run

M = TypeVar("M", bound="Model")

_CHILDREN_SHOWN = 20
_METRICS_SHOWN = 200


@run_tab("overview")
def overview(visit: Visit, run: Run, around: Context) -> HttpResponse:
    """Show what a run is, how it goes and what happened to it."""
    return show(visit, run, around)


def show(
    visit: Visit, run: Run, around: Context, *, status: int = 200, **told: Any
) -> HttpResponse:
    """Return the overview; ``told`` is what a form has to say."""
    timeline = history.timeline(run)
    context = {
        **around,
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


@run_tab("history")
def whole_history(visit: Visit, run: Run, around: Context) -> HttpResponse:
    """Show all that happened to a run, who did it and why."""
    asked = visit.request.GET
    chosen = next((kind for kind in EventKind if kind.value == asked.get("kind")), None)
    before = asked.get("before", "")
    place = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    context = {
        **around,
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
def unknown_tab(visit: Visit, run_id: str, tab: str) -> HttpResponse:
    """Show the overview with a word about a part of the page that no run has."""
    run = find_run(visit, run_id)
    words = f"The page of a run has no part “{tab[:60]}”. This is its overview."
    return show(visit, run, frame(visit, run, "overview"), status=404, not_there=[words])


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
    facts, told = run.properties, run.tags
    # Of a run that MLflow logs they are tags.
    commit = facts.get("azureml.git.commit") or told.get("mlflow.source.git.commit")
    if not commit:
        return None
    return {
        "id": commit,
        "branch": facts.get("azureml.git.branch") or told.get("mlflow.source.git.branch") or "",
        "is_dirty": facts.get("azureml.git.dirty") == "True",
    }
