"""The tab of the code: the source of a run as a tree, one of its files, and what differs from another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs import downloads
from runs.access import Right
from runs.queries import compare, compare_files, folders, source
from runs.queries.folders import Look
from runs.views import logs
from runs.views.doors import Visit, find_run, in_workspace, is_partial, sent
from runs.views.run_tab import FRAMES, Context, run_tab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from runs.models import Run, Snapshot
    from runs.queries.source import SourceFile

# So many files of a kind are listed as changed, added or removed.
_MOST = 500
_LONGEST_SEARCH = 200


@csp_update(FRAMES)
@run_tab("code")
def show(visit: Visit, run: Run, around: Context) -> HttpResponse:
    """Show the source of a run, or how it differs from that of the run that ``with`` names."""
    asked = visit.request.GET.get("with", "").strip()
    context = {
        **around,
        "archive": reverse("run_code_zip", args=[visit.workspace.name, run.run_id]),
        "others": list(_others(visit, run)) if run.snapshot_id else [],
        "asked": asked,
    }
    if run.snapshot_id:
        context |= _difference(visit, run, asked) if asked else _source(visit, run)
    if is_partial(visit.request):
        return render(visit.request, "runs/_code_tree.html", context)
    status = 404 if context.get("kind") == "missing" else 200
    return render(visit.request, "runs/code.html", context, status=status)


@require_safe
@in_workspace(Right.VIEW)
def get_zip(visit: Visit, run_id: str) -> HttpResponseBase:
    """Return the source of a run, or a folder of it, as a zip."""
    snapshot = _snapshot(visit, run_id)
    folder = visit.request.GET.get("folder", "").strip("/")
    return sent(lambda: downloads.source(snapshot, folder))


@require_safe
@in_workspace(Right.VIEW)
def get_file(visit: Visit, run_id: str, path: str) -> HttpResponseBase:
    """Return a file of the source: an image to be shown if it is asked for and known, else a download."""
    snapshot = _snapshot(visit, run_id)
    is_shown = "show" in visit.request.GET
    return sent(lambda: downloads.source_file(snapshot, path, show=is_shown))


def _snapshot(visit: Visit, run_id: str) -> Snapshot:
    run = find_run(visit, run_id)
    if run.snapshot is None:
        raise Http404("This run keeps no source.")
    return run.snapshot


def _source(visit: Visit, run: Run) -> dict[str, Any]:
    """Return the tree of the source, and one of its files as it is shown."""
    found = source.files(run)
    wanted = logs.wanted(visit)
    file = found.get(wanted) if wanted else source.main(run, found)
    asked = {name: visit.request.GET.get(name, "") for name in ("find", "all")}
    search = asked["find"].strip()[:_LONGEST_SEARCH]
    inside = [each for path, each in found.items() if search.lower() in path.lower()]
    context: dict[str, Any] = {
        "tree": folders.tree(inside, Look(file.path if file else "", asked["all"], search)),
        "file": file,
        "count": len(found),
        "size": sum(each.size for each in found.values()),
    }
    if file is None:
        return {**context, "kind": "missing" if wanted else "nothing", "wanted": wanted}
    place = [visit.workspace.name, run.run_id, file.path]
    context["bytes"] = reverse("source_file", args=place)
    return context if is_partial(visit.request) else {**context, **_shown(visit, run, file)}


def _shown(visit: Visit, run: Run, file: SourceFile) -> dict[str, Any]:
    line = visit.request.GET.get("line", "")
    found = source.shown(run, file, as_text=bool(line) or visit.request.GET.get("as") == "text")
    if "coloured" not in found:
        return found
    marked, total = logs.marked_lines(line), len(found["coloured"])
    low, high = marked or (0, 0)
    note = ""
    if line and marked is None:
        note = f"“{line[:40]}” names no line; it is a number from 1, or two as in 3-7."
    elif low > total:
        note = f"{total:,} lines of this file are shown: there is no line {low:,} among them."
    lines = [(n, html, low <= n <= high, "") for n, html in enumerate(found["coloured"], 1)]
    return {**found, "lines": lines, "note": note, "is_marked": any(each[2] for each in lines)}


def _others(visit: Visit, run: Run) -> Iterator[tuple[str, Run]]:
    """Yield the runs whose source is most likely to be compared with this one, in words."""
    if run.parent is not None and run.parent.snapshot_id:
        yield "its parent", run.parent
    before = source.before(run, by=visit.actor)
    if before is not None:
        yield "the run before", before


def _difference(visit: Visit, run: Run, asked: str) -> dict[str, Any]:
    """Return which files differ from those of another run, and one of them line by line."""
    name = compare.id_of(visit.actor, visit.workspace, asked)
    other = next(iter(compare.chosen(visit.actor, visit.workspace, [name]).runs), None)
    if other is None or not other.snapshot_id:
        return {"kind": "missing" if other is None else "sourceless", "other": other}
    before, after = compare_files.files_of(other), compare_files.files_of(run)
    changes = compare_files.changes(before, after)
    paths = [path for kind in changes.values() for path in kind]
    wanted = logs.wanted(visit)
    path = wanted or next(iter(paths), "")
    kinds = [(kind, found[:_MOST], len(found)) for kind, found in changes.items() if found]
    context = {"other": other, "changes": kinds, "path": path, "kind": "same", "most": _MOST}
    context |= {"back": "?" + urlencode({"file": path})} if path in after else {"back": "?"}
    if wanted and wanted not in before and wanted not in after:
        return {**context, "kind": "missing", "wanted": wanted}
    if not path or is_partial(visit.request):
        return context
    return {
        **context,
        "kind": "difference",
        "is_same": before.get(path) == after.get(path),
        "sides": [(other, before.get(path)), (run, after.get(path))],
        "difference": compare_files.difference(
            visit.workspace.pk, before.get(path), after.get(path)
        ),
    }
