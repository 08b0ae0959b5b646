"""Outputs + logs: the tree, the live log, previews and downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from csp.decorators import csp_update
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs import ansi
from runs.access import Right
from runs.actions.logs import most_bytes
from runs.downloads import archive, download, shown
from runs.models import LogFile, RunFile
from runs.queries import files, log_lines, previews
from runs.views import logs
from runs.views.doors import Visit, find_run, in_workspace, is_partial, sent
from runs.views.run_tab import FRAMES, Context, run_tab

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from runs.models import Run
    from runs.queries.folders import Tree

_MOST_OPEN = 10


@csp_update(FRAMES)
@run_tab("logs")
def outputs(visit: Visit, run: Run, around: Context) -> HttpResponse:
    """Show the files of a run, one of them open."""
    wanted = logs.wanted(visit)
    file = files.chosen(run, wanted)
    place = [visit.workspace.name, run.run_id]
    context = {
        **around,
        **_tabs(visit, run, file),
        "tree": _tree(visit, run, file),
        "file": file,
        "archive": reverse("run_archive", args=place),
        "bytes": reverse("run_file", args=[*place, file.path]) if file else "",
    }
    if is_partial(visit.request):
        return render(visit.request, "runs/_tree.html", context)
    is_missing = bool(wanted) and file is None
    content = {"kind": "missing", "wanted": wanted} if is_missing else _shown(visit, run, file)
    status = 404 if is_missing else 200
    return render(visit.request, "runs/outputs.html", {**context, **content}, status=status)


@require_safe
@in_workspace(Right.VIEW)
def get_file(visit: Visit, run_id: str, path: str) -> HttpResponseBase:
    """Return a file: an image to be shown if it is asked for and known, else a download."""
    run = find_run(visit, run_id)
    find = shown if "show" in visit.request.GET else download
    return sent(lambda: find(run, path))


@require_safe
@in_workspace(Right.VIEW)
def get_archive(visit: Visit, run_id: str) -> HttpResponseBase:
    """Return all files of a run, or those in a folder, as a zip."""
    run = find_run(visit, run_id)
    folder = visit.request.GET.get("folder", "").strip("/")
    return sent(lambda: archive(run, folder))


def _tree(visit: Visit, run: Run, file: RunFile | LogFile | None) -> Tree:
    asked = {name: visit.request.GET.get(name, "").replace("\0", "") for name in ("find", "all")}
    path = file.path if file else ""
    return files.tree(run, search=asked["find"].strip(), whole=asked["all"], chosen=path)


def _shown(visit: Visit, run: Run, file: RunFile | LogFile | None) -> dict[str, Any]:
    """Return what the right side of the page shows of a file."""
    if isinstance(file, LogFile):
        return {
            "kind": "log",
            "began": _began(run),
            **_log(file, visit.request.GET.get("line", "")),
        }
    if isinstance(file, RunFile):
        as_text = visit.request.GET.get("as") == "text"
        preview = previews.of_file(run, file, as_text=as_text)
        drawn = _drawn_text(preview) if preview["kind"] == "text" else {}
        return {**preview, **drawn, "as_text": as_text}
    return {"kind": "nothing"}


def _began(run: Run) -> int:
    """Return when a run began, in milliseconds of the epoch."""
    return int((run.started_at or run.created_at).timestamp() * 1000)


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
        "most": most_bytes(),
        "marked": marked if is_there else None,
        **logs.drawn(log, found, marked),
    }


def _drawn_text(preview: dict[str, Any]) -> dict[str, Any]:
    lines = preview["text"].split("\n")
    shown = lines[: log_lines.LINES]
    return {
        "lines": [
            (n, ansi.line_to_html(line.encode()), False, None) for n, line in enumerate(shown, 1)
        ],
        "is_cut": len(shown) < len(lines) or preview["is_cut"],
    }


def _tabs(visit: Visit, run: Run, file: RunFile | LogFile | None) -> dict[str, Any]:
    """Return the files that are open, as the address says, and what links keep of it."""
    asked = [path for path in visit.request.GET.getlist("open") if "\0" not in path]
    current = file.path if file else ""
    paths = files.known(run, [*asked, current][-_MOST_OPEN:]) if asked else [current] * bool(file)
    return {
        "tabs": [(path, path.rsplit("/", 1)[-1], _closed(paths, path, current)) for path in paths],
        "opened": _opened(paths),
    }


def _closed(paths: list[str], path: str, current: str) -> str:
    """Return the address of the page without one of its open files."""
    left = [other for other in paths if other != path]
    shown = current if path != current else left[-1] if left else ""
    return f"?file={quote(shown, safe='')}{_opened(left)}" if left else ""


def _opened(paths: list[str]) -> str:
    return "".join(f"&open={quote(path, safe='')}" for path in paths)
