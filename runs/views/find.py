"""The palette: runs, views, experiments and pages by a few letters of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs import access
from runs.access import Right
from runs.actions.refused import Refused
from runs.queries.compare import ids_of
from runs.queries.runs import RunQuery, matching
from runs.queries.tree import Value
from runs.views.doors import Visit, in_workspace
from studio.contract import places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runs.models import Run

_EACH = 6
_LONGEST = 200
Found = dict[str, str]


@require_safe
@in_workspace(Right.VIEW)
def find(visit: Visit) -> JsonResponse:
    """Answer with places whose names have these letters, the newest of each kind first.

    With ``kind=run`` it answers with runs alone: the newest, until there are letters, and none of
    those that ``but`` names.
    """
    text = visit.request.GET.get("text", "").strip()[:_LONGEST]
    if visit.request.GET.get("kind") == "run" and "\0" not in text:
        but, _ = ids_of(visit.request.GET.get("but", ""))
        return JsonResponse({"items": list(_runs(visit, text, but))})
    if not text or "\0" in text:
        return JsonResponse({"items": []})
    items = [*_pages(visit, text), *_views(visit, text), *_experiments(visit, text)]
    return JsonResponse({"items": [*items, *_runs(visit, text)]})


def _pages(visit: Visit, text: str) -> Iterator[Found]:
    place = [visit.workspace.name]
    pages = {
        "All runs": reverse("runs", args=place) + "?view=default",
        "My runs": reverse("runs", args=place) + "?view=default&filter=submitter:me",
        "Failed runs": reverse("runs", args=place) + "?view=default&filter=status:Failed",
        "Compare runs": reverse("compare", args=place),
        "Experiments": reverse("experiments", args=place),
        "Help": reverse("help"),
        "REST API": reverse("api_docs"),
    }
    for name, address in pages.items():
        if text.lower() in name.lower():
            yield {"kind": "page", "name": name, "about": "", "address": address}


def _views(visit: Visit, text: str) -> Iterator[Found]:
    views = access.views_of(visit.actor, visit.workspace).present().filter(name__icontains=text)
    for view in views.order_by("-updated_at")[:_EACH]:
        address = reverse("view", args=[visit.workspace.name, view.slug])
        yield {"kind": "view", "name": view.name, "about": str(view.owner), "address": address}


def _experiments(visit: Visit, text: str) -> Iterator[Found]:
    experiments = access.experiments_of(visit.actor, visit.workspace).active().listed()
    for experiment in experiments.filter(name__icontains=text).order_by("-pk")[:_EACH]:
        address = f"{reverse('runs', args=[visit.workspace.name])}?experiment={experiment.name}"
        yield {"kind": "experiment", "name": experiment.name, "about": "", "address": address}


def _runs(visit: Visit, text: str, but: Sequence[str] = ()) -> Iterator[Found]:
    for run in runs_with(visit, text, but):
        yield {
            "kind": "run",
            "id": run.run_id,
            "name": run.display_name,
            "about": f"{run.experiment.name} · {run.status}",
            "address": places.run_page(visit.workspace.name, run.run_id),
        }


def runs_with(visit: Visit, text: str, but: Sequence[str] = ()) -> list[Run]:
    """Return the newest few runs that have these letters somewhere, none of the ids of ``but``."""
    reached = access.runs_of(visit.actor, visit.workspace)
    query = Value(text, is_quoted=True).written("word") if text else ""
    asked = RunQuery(filter=query, include_children=bool(text))
    try:
        runs = matching(reached, asked, workspace=visit.workspace, by=visit.actor)
    except Refused:
        return []
    if but:
        runs = runs.exclude(run_id__in=[each for each in but if "\0" not in each])
    return list(runs.with_names().newest_first()[:_EACH])
