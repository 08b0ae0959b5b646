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
from runs.views.doors import Visit, find_run, in_workspace, is_partial
from runs.views.run import frame

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from runs.models import Run
    from runs.queries.log_lines import Lines

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
    wanted = _wanted(visit)
    file = files.chosen(run, tree.root, wanted)
    if file is None and wanted:
        raise Http404("This run has no such file.")
    context = {**frame(visit, run, "logs"), "changed": changed, "tree": tree, "file": file}
    if is_partial(visit.request):
        return render(visit.request, "runs/_tree.html", context)
    return render(visit.request, "runs/outputs.html", {**context, **_shown(run, file)})


@require_safe
@in_workspace(Right.VIEW)
def lines(visit: Visit, run_id: str) -> HttpResponse:
    """Return lines of a log: the last, those after an offset, or those before one."""
    run = find_run(visit, run_id)
    log = run.logs.filter(path=_wanted(visit)).first()
    if log is None:
        raise Http404("This run has no such log.")
    found = _asked_lines(visit, log)
    response = render(visit.request, "runs/_lines.html", _drawn(found))
    response["X-Log-Start"], response["X-Log-End"] = str(found.start), str(found.end)
    response["X-Log-First"] = str(found.first)
    response["X-Log-Line"] = str(found.first + len(found.lines))
    response["X-Log-Size"] = str(log.size)
    response["X-Run-Ended"] = str(int(run.is_terminal))
    response["Cache-Control"] = "no-store"
    return response


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


def _wanted(visit: Visit) -> str:
    """Return the path that is asked for; no file has one with a NUL, and no database takes it."""
    path = visit.request.GET.get("file", "")
    if "\0" in path:
        raise Http404("This run has no such file.")
    return path


def _asked_lines(visit: Visit, log: LogFile) -> Lines:
    asked = visit.request.GET
    if "last" in asked:
        return log_lines.last(log)
    number = _number(visit, "line")
    if "before" in asked:
        return log_lines.before(log, min(_number(visit, "before"), log.size), number)
    return log_lines.after(log, min(_number(visit, "after"), log.size), number)


def _shown(run: Run, file: RunFile | LogFile | None) -> dict[str, Any]:
    """Return what the right side of the page shows of a file."""
    if isinstance(file, LogFile):
        found = log_lines.last(file)
        return {"kind": "log", "found": found, **_drawn(found)}
    if isinstance(file, RunFile):
        if file.path.lower().endswith(IMAGES):
            return {"kind": "image"}
        text = _text(run, file)
        return {"kind": "other"} if text is None else {"kind": "text", **_drawn_text(text, file)}
    return {"kind": "nothing"}


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
        "lines": [(n, ansi.line_to_html(line.encode())) for n, line in enumerate(shown, 1)],
        "is_cut": len(shown) < len(lines) or file.size > _PREVIEW_BYTES,
    }


def _drawn(found: Lines) -> dict[str, Any]:
    drawn = [(number, ansi.line_to_html(line)) for number, line in found.numbered()]
    partial = (found.first + len(found.lines), ansi.line_to_html(found.partial))
    return {
        "lines": drawn,
        "partial": partial if found.partial else None,
        "next_line": partial[0],
    }


def _number(visit: Visit, name: str) -> int:
    text = visit.request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404(f"{name} is no number.")
    return int(text)
