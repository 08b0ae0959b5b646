"""Runs as a file: all that the list means, those that are selected, those of a custom view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from runs import access
from runs.access import Right
from runs.actions import audit
from runs.actions.refused import Refused
from runs.downloads import exported
from runs.queries.columns import FIXED
from runs.queries.selection import chosen
from runs.queries.views import held, seen
from runs.views import feeds, list_page, list_state, view_menu
from runs.views.bulk import selection_of
from runs.views.doors import Visit, find_view, in_workspace
from runs.views.runs import view_of
from studio.contract import limits

if TYPE_CHECKING:
    from django.http import StreamingHttpResponse
    from django.http.response import HttpResponseBase

    from runs.models.run import RunQuerySet


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Right.VIEW)
def export(visit: Visit) -> HttpResponseBase:
    """Download the runs that the list means, or those selected, with its columns, in its order."""
    try:
        if visit.request.method == "POST":
            return _selected(visit)
        asked = visit.request.GET.copy()
        format = asked.pop("format", ["csv"])[-1]
        state = list_state.read(asked, view_of(visit, view_menu.views_of(visit)))
        runs = list_page.meant(visit, state, state.state.filter)
        return _file(visit, runs, state, format)
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
        return redirect(reverse("runs", args=[visit.workspace.name]) + "?view=default")


def _selected(visit: Visit) -> StreamingHttpResponse:
    asked = visit.request.POST
    state = list_state.of_address(visit, asked.get("address", ""))
    runs = chosen(selection_of(visit), workspace=visit.workspace, by=visit.actor)
    return _file(visit, runs, state, asked.get("format", ""))


def _file(
    visit: Visit, runs: RunQuerySet, state: list_state.ListState, format: str
) -> StreamingHttpResponse:
    shown = [FIXED["id"], *(each for each in state.columns if each.id != "id")]
    answer = exported(runs, shown, state.keys, visit.workspace, format)
    if visit.request.method != "HEAD":
        after = {"format": format, "filter": state.state.filter}
        audit.record(visit.actor, "runs.export", workspace=visit.workspace, after=after)
    return answer


@require_safe
@in_workspace(Right.VIEW)
def view_file(visit: Visit, slug: str, format: str) -> HttpResponseBase:
    """Answer with the runs of a custom view as a file, or as a feed of the newest."""
    view = find_view(visit, slug)
    (of,) = seen([view], by=visit.actor, workspace=visit.workspace)
    try:
        state = list_state.read(QueryDict(), None if of.is_comparison else of)
        if of.is_comparison:
            runs = held(access.runs_of(visit.actor, visit.workspace), of.state)
        else:
            runs = list_page.meant(visit, state, state.state.filter)
        if format == "atom":
            newest = list(runs.with_names().newest_first()[: limits.PAGE])
            return feeds.of_runs(view, newest, visit.request)
        return _file(visit, runs, state, format)
    except Refused as refused:
        raise Http404(refused.detail) from None
