"""How two runs differ line by line: a source file, or what they have printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.access import Right
from runs.queries import compare, compare_files, compare_logs
from runs.views.compare_state import CompareState
from runs.views.doors import Visit, in_workspace

if TYPE_CHECKING:
    from django.http import HttpResponse

    from runs.models import Run


@require_safe
@in_workspace(Right.VIEW)
def of_file(visit: Visit) -> HttpResponse:
    """Show how a source file of the second run differs from that of the first."""
    runs = _two(visit)
    path = visit.request.GET.get("file", "")
    before, after = (compare_files.file_of(run, path) for run in runs)
    if before is None and after is None:
        raise Http404("The source of neither run has such a file.")
    context = {
        **_context(visit, runs),
        "sides": [(runs[0], before), (runs[1], after)],
        "path": path,
        "is_same": before == after,
        "difference": compare_files.difference(visit.workspace.pk, before, after),
    }
    return render(visit.request, "compare/diff.html", context)


@require_safe
@in_workspace(Right.VIEW)
def of_logs(visit: Visit) -> HttpResponse:
    """Show how the end of what the second run has printed differs from that of the first.

    ``raw`` compares letter by letter.
    """
    runs = _two(visit)
    is_raw = "raw" in visit.request.GET
    before, after = (compare_logs.end_of(run) for run in runs)
    context = {
        **_context(visit, runs),
        "sides": [(runs[0], before), (runs[1], after)],
        "most_lines": f"{compare_logs.MOST_LINES:,}",
        "is_raw": is_raw,
        "difference": compare_logs.difference(before, after, is_raw=is_raw),
    }
    context["switched"] = context["back"] + ("" if is_raw else "&raw=1")
    return render(visit.request, "compare/logs.html", context)


def _two(visit: Visit) -> list[Run]:
    ids, _ = compare.ids_of(visit.request.GET.get("runs", ""))
    found = compare.chosen(visit.actor, visit.workspace, ids[:2])
    if len(ids) != 2 or found.missing:
        raise Http404("A difference is between two runs of this workspace: runs=ID,ID.")
    return found.runs


def _context(visit: Visit, runs: list[Run]) -> dict[str, Any]:
    return {
        "visit": visit,
        "workspace": visit.workspace,
        "back": CompareState(runs=tuple(run.run_id for run in runs)).link(),
        "comparing": True,
    }
