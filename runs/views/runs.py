"""All runs."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from runs import access
from runs.access import Right
from runs.actions.refused import Refused
from runs.queries.paging import page
from runs.queries.runs import RunQuery, matching
from runs.views.account import LAST_WORKSPACE
from runs.views.doors import Visit, in_workspace, is_partial
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.models import Run

_QUERY_FIELDS = [field.name for field in fields(RunQuery)]


@require_safe
@vary_on_headers("HX-Request")
@in_workspace(Right.VIEW)
def all_runs(visit: Visit) -> HttpResponse:
    """Show the runs of a workspace, newest first."""
    request = visit.request
    if not is_partial(request):
        request.session[LAST_WORKSPACE] = visit.workspace.name
    # Read before the rows: what changes meanwhile is asked for again, never missed.
    changed = visit.workspace.change_number
    if request.GET.get("since") == str(changed):
        return HttpResponse(status=204)
    context = {"visit": visit, "workspace": visit.workspace, "changed": changed}
    status = 200
    try:
        asked = _asked(request.GET.dict())
        runs, older = _page(visit, asked, request.GET.get("after", ""))
        context |= {"runs": runs, "older": _link(request.GET.dict(), older), "asked": asked}
        context |= {"is_filtered": asked != RunQuery(), "is_first": "after" not in request.GET}
    except Refused as refused:
        context |= {"runs": [], "problem": refused}
        status = 400
    template = "runs/_table.html" if is_partial(request) else "runs/list.html"
    return render(request, template, context, status=status)


def _page(visit: Visit, asked: RunQuery, after: str) -> tuple[list[Run], str | None]:
    rows = matching(access.runs_of(visit.actor, visit.workspace), asked).with_names()
    runs, older = page(rows, limits.PAGE, after, field="after")
    for run in runs:
        run.workspace = visit.workspace
    return runs, older


def _asked(given: dict[str, str]) -> RunQuery:
    """Return what the address asks for; a word it does not know is refused, never ignored."""
    asked = {k: v for k, v in given.items() if k not in ("after", "since")}
    for name in asked:
        if name not in _QUERY_FIELDS:
            hint = f"Known are {', '.join(_QUERY_FIELDS)}."
            raise Refused(Code.BAD_REQUEST, "There is no such filter.", field=name[:100], hint=hint)
    children = asked.pop("include_children", "false")
    if children not in ("true", "false"):
        reason = 'This should be "true" or "false".'
        raise Refused(Code.BAD_REQUEST, reason, field="include_children")
    return RunQuery(**asked, include_children=children == "true")


def _link(given: dict[str, str], older: str | None) -> str:
    if older is None:
        return ""
    kept = {k: v for k, v in given.items() if k not in ("after", "since")}
    return "?" + urlencode({**kept, "after": older})
