"""Outputs + logs: the tree, the live log, previews and downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from runs import ansi, live
from runs.access import Right
from runs.actions.refused import Refused
from runs.downloads import IMAGES, download, image
from runs.models import LogFile, RunFile
from runs.queries import files, log_lines
from runs.stores import blobs
from runs.views import logs
from runs.views.doors import Visit, find_run, in_workspace, is_partial
from runs.views.run import frame

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from runs.models import Run

_PREVIEW_BYTES = 128 * 1024


@require_safe
@vary_on_headers("HX-Request")
@in_workspace(Right.VIEW)
def outputs(visit: Visit, run_id: str) -> HttpResponse:
    """Show the files of a run, one of them open."""
    run = find_run(visit, run_id)
    changed = live.of_run(run)
    known = live.unchanged(visit.request, changed)
    if known is not None:
        return known
    tree = files.tree(run)
    wanted = logs.wanted(visit)
    file = files.chosen(run, tree.root, wanted)
    context = {**frame(visit, run, "logs"), "changed": changed, "tree": tree, "file": file}
    if is_partial(visit.request):
        return render(visit.request, "runs/_tree.html", context)
    shown = (
        {"kind": "missing", "wanted": wanted} if wanted and not file else _shown(visit, run, file)
    )
    status = 404 if shown["kind"] == "missing" else 200
    return render(visit.request, "runs/outputs.html", {**context, **shown}, status=status)


@require_safe
@in_workspace(Right.VIEW)
def get_file(visit: Visit, run_id: str, path: str) -> HttpResponseBase:
    """Return a file: an image to be shown if it is asked for and known, else a download."""
    run = find_run(visit, run_id)
    try:
        response = image(run, path) if "show" in visit.request.GET else download(run, path)
    except Refused as refused:
        raise Http404(refused.detail) from None
    response["Cache-Control"] = "private, no-store"
    return response


def _shown(visit: Visit, run: Run, file: RunFile | LogFile | None) -> dict[str, Any]:
    """Return what the right side of the page shows of a file."""
    if isinstance(file, LogFile):
        return {"kind": "log", **_log(file, visit.request.GET.get("line", ""))}
    if isinstance(file, RunFile):
        if file.path.lower().endswith(IMAGES):
            return {"kind": "image"}
        text = _text(run, file)
        return {"kind": "other"} if text is None else {"kind": "text", **_drawn_text(text, file)}
    return {"kind": "nothing"}


def _log(log: LogFile, asked: str) -> dict[str, Any]:
    """Return the end of a log, or the lines that an address marks and what is around them."""
    marked, total = logs.marked_lines(asked), log_lines.count(log)
    is_there = marked is not None and marked[0] <= total
    found = log_lines.around(log, marked[0]) if marked and is_there else log_lines.last(log)
    note = ""
    if asked and marked is None:
        note = f"“{asked[:40]}” names no line; it is a number from 1, or two as in 120-140."
    elif marked and not is_there:
        note = f"This log has {total:,} lines so far: there is no line {marked[0]:,} in it."
    return {
        "found": found,
        "total": total,
        "note": note,
        "marked": marked if is_there else None,
        **logs.drawn(found, marked),
    }


def _text(run: Run, file: RunFile) -> str | None:
    """Return the beginning of a file, None when it is no text."""
    with blobs.path_of(run.workspace_id, file.sha256).open("rb") as stream:
        data = stream.read(_PREVIEW_BYTES)
    if b"\0" in data:
        return None
    # The last character may be cut in two.
    for cut in range(4):
        try:
            return data[: len(data) - cut].decode()
        except UnicodeDecodeError:
            continue
    return None


def _drawn_text(text: str, file: RunFile) -> dict[str, Any]:
    lines = text.split("\n")
    shown = lines[: log_lines.LINES]
    return {
        "lines": [(n, ansi.line_to_html(line.encode()), False) for n, line in enumerate(shown, 1)],
        "is_cut": len(shown) < len(lines) or file.size > _PREVIEW_BYTES,
    }
