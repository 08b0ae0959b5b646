"""Lines of a log by their numbers, and lines by what is in them."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Router
from pydantic import Field

from runs import ansi
from runs.access import Right
from runs.actions.refused import Refused
from runs.api.auth import ApiRequest, Needs
from runs.api.describing import answers
from runs.api.paging import Flag, Number
from runs.api.v1.runs import PLACE
from runs.documents import time_of_ms
from runs.models import LogFile, Run
from runs.queries import log_lines, log_search
from runs.queries.log_search import Wish
from studio.contract import places
from studio.contract.errors import Code

router = Router()
_TEXT = 1_000
LineNumber = Annotated[Number, Field(ge=1, le=10**15)]
Lines = Annotated[Number, Field(ge=1, le=log_lines.LINES)]
Hits = Annotated[Number, Field(ge=0, le=log_search.MOST)]


@router.get(
    PLACE + "/{run_id}/logs/lines",
    auth=Needs(Right.VIEW),
    openapi_extra=answers({"items": "LogLine[]", "next": "integer?", "total": "integer"}),
)
def read_lines(
    request: ApiRequest,
    ws: str,
    run_id: str,
    path: str = places.STD_LOG,
    first: LineNumber = 1,
    last: LineNumber | None = None,
    limit: Lines = 100,
) -> dict[str, Any]:
    """Return lines of a log (the script's unless path names another), and when each arrived.

    They end with ``last``, or after ``limit``; ``next`` is where to go on, null at the end.
    """
    log = find_log(request.auth.run(ws, run_id), path)
    _check_range(first, last)
    most = min(limit, last - first + 1) if last else limit
    found = log_lines.after(log, first, most)
    total = log_lines.count(log)
    items = [
        {"line": n, "text": ansi.shown_text(text), "timeUtc": time_of_ms(arrived)}
        for (n, text), arrived in zip(found.numbered(), log_lines.times(log, found), strict=True)
    ]
    behind = first + len(items)
    is_end = behind > min(total, last or total)
    return {"items": items, "next": None if is_end else behind, "total": total}


@router.get(
    PLACE + "/{run_id}/logs/search",
    auth=Needs(Right.VIEW),
    openapi_extra=answers(
        {
            "items": "LogMatch[]",
            "count": "integer",
            "next": "integer",
            "complete": "boolean",
            "total": "integer",
        }
    ),
)
def search(
    request: ApiRequest,
    ws: str,
    run_id: str,
    path: str = places.STD_LOG,
    text: str = "",
    regex: Flag = False,
    case: Flag = False,
    errors: Flag = False,
    first: LineNumber = 1,
    last: LineNumber | None = None,
    limit: Hits = 100,
    backwards: Flag = False,
    times: Flag = False,
) -> dict[str, Any]:
    """Find lines of a log (the script's unless path names another); limit 0 counts them.

    With ``times`` each says when it arrived, null where that was not recorded.

    A look lasts a second or two: where it is not ``complete``, go on from line ``next``.
    """
    log = find_log(request.auth.run(ws, run_id), path)
    _check_range(first, last)
    wish = Wish(text, is_regex=regex, is_exact=case, is_errors=errors)
    if backwards and not limit:
        reason = "Lines are counted forwards."
        raise Refused(Code.BAD_REQUEST, reason, field="limit", hint="Leave backwards out.")
    way = log_search.search_back if backwards else log_search.search
    found = way(log, wish, first=first, last=last, limit=limit)
    items = [
        {"line": hit.line, "text": hit.text[:_TEXT], "spans": [list(s) for s in hit.spans]}
        for hit in found.hits
    ]
    if times:
        _date(log, items)
    return {
        "items": items,
        "count": found.count + found.is_in_rest,
        "next": found.next,
        "complete": found.is_complete,
        "total": log_lines.count(log),
    }


def _date(log: LogFile, items: list[dict[str, Any]]) -> None:
    """Tell of each line when it arrived."""
    ordered = sorted(items, key=lambda item: item["line"])
    arrived = log_lines.times_of(log, [item["line"] for item in ordered])
    for item, moment in zip(ordered, arrived, strict=True):
        item["timeUtc"] = time_of_ms(moment)


def _check_range(first: int, last: int | None) -> None:
    if last is not None and last < first:
        reason = f"Line {last} stands before line {first}."
        raise Refused(Code.BAD_REQUEST, reason, field="last", hint="Give the smaller one first.")


def find_log(run: Run, path: str) -> LogFile:
    """Return a log of a run. Refuses a path that none has."""
    log = LogFile.objects.filter(run=run, path=path).first()
    if log is None:
        raise Refused(Code.NOT_FOUND, f'This run has no log "{path[:200]}".')
    return log
