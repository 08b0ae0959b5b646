"""What # in a description completes: runs of the workspace, and files of the run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from runs import access
from runs.access import Right
from runs.downloads import IMAGES
from runs.views.doors import Visit, find_run, in_workspace
from runs.views.find import runs_with
from studio.contract import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.models import Run

_FILES, _RUNS = 6, 6
_LONGEST = 200
_MARKS = re.compile(r"([\\`*\[\]<>])")


@require_safe
@in_workspace(Right.EDIT)
def complete(visit: Visit, run_id: str) -> JsonResponse:
    """Answer with what these letters may mean, each with the Markdown of a link to it."""
    run = find_run(visit, run_id)
    text = visit.request.GET.get("text", "").strip()[:_LONGEST]
    if not text or "\0" in text:
        return JsonResponse({"items": []})
    return JsonResponse({"items": [*_files(run, text), *_runs(visit, text)]})


def _files(run: Run, text: str) -> Iterator[dict[str, str]]:
    files = run.files.filter(path__icontains=text).order_by("path").values_list("path", flat=True)
    for path in files[:_FILES]:
        sign = "!" if path.lower().endswith(IMAGES) else ""
        link = f"{sign}[{_plain(path.rsplit('/', 1)[-1])}]({places.path(path)})"
        yield {"name": path, "about": "file", "markdown": link}


def _runs(visit: Visit, text: str) -> Iterator[dict[str, str]]:
    for run in _first_named(visit, text):
        page = places.run_page(visit.workspace.name, run.run_id)
        yield {
            "name": run.display_name,
            "about": f"{run.experiment.name} · {run.status}",
            "markdown": f"[{_plain(run.display_name)}]({page})",
        }


def _first_named(visit: Visit, text: str) -> list[Run]:
    """Return runs with these letters, those first whose name or id begins with them."""
    reached = access.runs_of(visit.actor, visit.workspace).with_names()
    named = reached.filter(display_name__begins=text).order_by("display_name", "pk")[:_RUNS]
    known = reached.filter(run_id__begins=text).order_by("run_id")[:_RUNS]
    found = {run.pk: run for run in [*named, *known, *runs_with(visit, text)]}
    return list(found.values())[:_RUNS]


def _plain(name: str) -> str:
    """Return a name as Markdown says it, not does it."""
    return _MARKS.sub(r"\\\1", name)
