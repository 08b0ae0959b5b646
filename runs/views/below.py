"""Child runs in the list: the rows below a run that somebody opens there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.access import Right
from runs.actions.refused import Refused
from runs.actions.runs import MAX_DEPTH
from runs.views import list_page, list_state
from runs.views.doors import find_run, in_workspace
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.views.doors import Visit


@require_safe
@in_workspace(Right.VIEW)
def rows_below(visit: Visit, run_id: str) -> HttpResponse:
    """Answer with rows of a run's children, as the list that the address asks for shows them.

    ``level`` is how far below a row of the list itself they stand.
    """
    parent = find_run(visit, run_id)
    asked = visit.request.GET.copy()
    try:
        level = _level(asked.pop("level", ["1"])[-1])
        state = list_state.of_address(visit, asked.urlencode())
        below = list_page.below(visit, state, parent)
    except Refused as refused:
        told = f"{refused.field}: {refused.detail} {refused.hint}".strip()
        return HttpResponse(told, "text/plain; charset=utf-8", status=400)
    may_bulk = visit.may(Right.BULK)
    context = {"below": below, "parent": parent, "level": level, "may_bulk": may_bulk}
    context["workspace"] = visit.workspace
    context["width"] = len(state.columns) + may_bulk
    return render(visit.request, "runs/_rows_below.html", context)


def _level(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:4]) <= MAX_DEPTH):
        reason = f"This should be a number from 1 to {MAX_DEPTH}."
        raise Refused(Code.BAD_REQUEST, reason, field="level")
    return int(text)
