"""All runs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from runs import access, live
from runs.access import Right
from runs.actions.refused import Refused
from runs.queries import paging
from runs.queries.runs import RunQuery, matching
from runs.views.account import LAST_WORKSPACE
from runs.views.doors import Visit, in_workspace, is_partial
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from runs.models import Run

_FILTERS = {
    "experiment": "Experiment",
    "status": "Status",
    "parent": "Children of",
    "root": "Runs below",
    "target": "Compute target",
    "submitter": "Submitted by",
    "type": "Type",
    "filter": "Filter",
    "tags": "Tags",
    "properties": "Properties",
    "include_children": "Child runs",
}
_QUERY_FIELDS = [field.name for field in fields(RunQuery)]
_PLACES = ("after", "before")


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition in force; ``without`` is the query of the list without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list, and the queries of those around it; empty where there is none."""

    runs: list[Run]
    newest: str
    newer: str
    older: str


@require_safe
@vary_on_headers("HX-Request")
@in_workspace(Right.VIEW)
def all_runs(visit: Visit) -> HttpResponse:
    """Show the runs of a workspace, newest first."""
    request = visit.request
    changed = live.of_list(visit.workspace)
    known = live.unchanged(request, changed)
    if known is not None:
        return known
    _remember(visit)
    context = {"visit": visit, "workspace": visit.workspace, "changed": changed}
    status = 200
    try:
        given = _given(request.GET)
        context |= {"page": _page(visit, given), "filters": _filters(given)}
    except Refused as refused:
        context |= {"problem": refused}
        status = 400
    template = "runs/_table.html" if is_partial(request) else "runs/list.html"
    return render(request, template, context, status=status)


def _remember(visit: Visit) -> None:
    session = visit.request.session
    if session.get(LAST_WORKSPACE) != visit.workspace.name:
        session[LAST_WORKSPACE] = visit.workspace.name


def _given(asked: QueryDict) -> dict[str, str]:
    """Return what the address asks for; what it does not know is refused, never ignored."""
    given = {}
    for name, values in asked.lists():
        if name not in (*_QUERY_FIELDS, *_PLACES, "since"):
            hint = f"Known are {', '.join(_QUERY_FIELDS)}."
            raise _refused("There is no such filter.", name[:100], hint)
        if len(values) > 1:
            raise _refused("It is given twice.", name, "Give it once.")
        if values[0] and name != "since":
            given[name] = values[0]
    if len(given.keys() & set(_PLACES)) > 1:
        raise _refused("A page is after one run or before one.", "before", "Leave one out.")
    return given


def _asked(given: dict[str, str]) -> RunQuery:
    asked = {name: value for name, value in given.items() if name not in _PLACES}
    children = asked.pop("include_children", "false")
    if children not in ("true", "false"):
        raise _refused('This should be "true" or "false".', "include_children")
    return RunQuery(**asked, include_children=children == "true")


def _page(visit: Visit, given: dict[str, str]) -> Page:
    reached = access.runs_of(visit.actor, visit.workspace)
    rows = matching(reached, _asked(given), workspace=visit.workspace, by=visit.actor).with_names()
    after, before = given.get("after", ""), given.get("before", "")
    runs = paging.newer_page(rows, limits.PAGE, before) if before else None
    is_first = runs is None and not after
    if runs is None:
        runs, next_cursor = paging.page(rows, limits.PAGE, after, field="after")
    else:
        next_cursor = paging.encode(runs[-1].pk)
    for run in runs:
        run.workspace = visit.workspace
    return Page(
        runs,
        newest="" if is_first else _link(given),
        newer=_link(given, before=paging.encode(runs[0].pk)) if runs and not is_first else "",
        older=_link(given, after=next_cursor) if next_cursor else "",
    )


def _filters(given: dict[str, str]) -> list[Filter]:
    kept = {name: value for name, value in given.items() if name not in _PLACES}
    return [
        Filter(label, kept[name], _link({k: v for k, v in kept.items() if k != name}))
        for name, label in _FILTERS.items()
        if name in kept
    ]


def _link(given: dict[str, str], **place: str) -> str:
    kept = {name: value for name, value in given.items() if name not in _PLACES}
    return "?" + urlencode({**kept, **place})


def _refused(reason: str, name: str, hint: str = "") -> Refused:
    return Refused(Code.BAD_REQUEST, reason, field=name, hint=hint)
