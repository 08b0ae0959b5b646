"""What the viewer of a log asks for while somebody reads: lines, and places to go to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs import ansi
from runs.access import Right
from runs.actions.refused import Refused
from runs.queries import log_lines, log_search
from runs.queries.log_search import Wish
from runs.views.doors import Visit, find_run, in_workspace

if TYPE_CHECKING:
    from runs.models import LogFile, Run
    from runs.queries.log_lines import Lines
    from runs.queries.log_search import Result
    from runs.stores.log_scan import Hit

_RANGE = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,15}))?", re.ASCII)
# What the list of hits shows of a line: so much, and of that so much before what was sought.
_EXCERPT = 300
_BEFORE = 60


@require_safe
@in_workspace(Right.VIEW)
def lines(visit: Visit, run_id: str) -> HttpResponse:
    """Return lines of a log: the last, those from a number on, before it or around it.

    Whoever says how many bytes were ``known`` and knows them all is told so with 204; ``state`` asks
    for the headers alone.
    """
    run = find_run(visit, run_id)
    log = find_log(visit, run)
    asked = visit.request.GET
    if "state" in asked or asked.get("known") == str(log.size):
        response = HttpResponse(status=204)
    else:
        found = _asked_lines(visit, log)
        response = render(visit.request, "runs/_lines.html", drawn(log, found))
        response["X-Log-First"], response["X-Log-Next"] = str(found.first), str(found.following)
    response["X-Log-Total"] = str(log_lines.count(log))
    response["X-Log-Size"] = str(log.size)
    response["X-Run-Ended"] = str(int(run.is_terminal))
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@in_workspace(Right.VIEW)
def search(visit: Visit, run_id: str) -> HttpResponse:
    """Return which lines of a log have what is sought, as JSON for the viewer; ``back`` the nearest first.

    A wish that cannot be fulfilled is no fault of the page: it is told in ``refused``.
    """
    run = find_run(visit, run_id)
    log = find_log(visit, run)
    asked = visit.request.GET
    wish = Wish(
        asked.get("text", ""),
        is_regex="regex" in asked,
        is_exact="case" in asked,
        is_errors="errors" in asked,
    )
    places = {name: _number(visit, name) for name in ("first", "last", "limit") if name in asked}
    places["limit"] = min(places.get("limit", log_search.MOST), log_search.MOST)
    way = log_search.search_back if "back" in asked else log_search.search
    try:
        told = _told(way(log, wish, **places))
    except Refused as refused:
        told = {"refused": f"{refused.detail} {refused.hint}".strip()}
    response = JsonResponse(told)
    response["Cache-Control"] = "no-store"
    return response


def wanted(visit: Visit) -> str:
    """Return the path that is asked for; no file has one with a NUL, and no database takes it."""
    path = visit.request.GET.get("file", "")
    if "\0" in path:
        raise Http404("This run has no such file.")
    return path


def find_log(visit: Visit, run: Run) -> LogFile:
    """Return the log that is asked for, or answer that there is none."""
    log = run.logs.filter(path=wanted(visit)).first()
    if log is None:
        raise Http404("This run has no such log.")
    return log


def marked_lines(text: str) -> tuple[int, int] | None:
    """Return the first and last line that an address marks, as ``120`` or ``120-140``; None for none."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    return (min(first, last), max(first, last)) if first and last else None


def drawn(log: LogFile, found: Lines, marked: tuple[int, int] | None = None) -> dict[str, Any]:
    """Return what the template of lines shows: of each its number, HTML, whether it is marked, its time.

    The time is told where it is another than that of the line before.
    """
    low, high = marked or (0, 0)
    times = log_lines.times(log, found)
    shown = [
        (n, ansi.line_to_html(text), low <= n <= high, None if time == before else time)
        for (n, text), time, before in zip(found.numbered(), times, [None, *times], strict=False)
    ]
    return {
        "lines": shown[: -1 if found.is_unfinished else None],
        "partial": shown[-1] if found.is_unfinished else None,
    }


def _asked_lines(visit: Visit, log: LogFile) -> Lines:
    asked = visit.request.GET
    if "last" in asked:
        return log_lines.last(log)
    if "before" in asked:
        return log_lines.before(log, _number(visit, "before"))
    if "around" in asked:
        return log_lines.around(log, _number(visit, "around"))
    return log_lines.after(log, _number(visit, "from"))


def _number(visit: Visit, name: str) -> int:
    text = visit.request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Http404(f"{name} is no number.")
    return int(text)


def _told(found: Result) -> dict[str, Any]:
    return {
        "hits": [_told_hit(hit) for hit in found.hits],
        "count": found.count,
        "next": found.next,
        "complete": found.is_complete,
        "rest": int(found.is_in_rest),
    }


def _told_hit(hit: Hit) -> dict[str, Any]:
    """Return a hit with a piece of its line around the first place; a browser counts in UTF-16."""
    begin = max(0, hit.spans[0][0] - _BEFORE) if hit.spans else 0
    return {
        "line": hit.line,
        "text": hit.text[begin : begin + _EXCERPT],
        "begin": _units(hit.text[:begin]),
        "spans": [[_units(hit.text[:start]), _units(hit.text[:end])] for start, end in hit.spans],
    }


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
