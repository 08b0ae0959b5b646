"""All runs: the list, and what completes its query while somebody writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from runs import live
from runs.access import Right
from runs.actions.refused import Refused
from runs.queries import compare, export, facets, language
from runs.queries.charts import KINDS
from runs.queries.columns import FIXED
from runs.queries.conditions import meant
from runs.queries.survey import Asking
from runs.queries.views import first_view
from runs.views import charts, list_chips, list_notes, list_page, list_state, view_menu
from runs.views.account import LAST_WORKSPACE
from runs.views.doors import Visit, in_workspace, is_in_place, is_partial

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from django.http import HttpRequest

    from runs.queries.columns import Column
    from runs.queries.views import SeenView
    from runs.views.list_state import ListState

_COMPLETED = 2_000


@require_safe
@gzip_page
@vary_on_headers("HX-Request", "HX-Request-Type")
@in_workspace(Right.VIEW)
def all_runs(visit: Visit) -> HttpResponse:
    """Show the runs of a workspace as the address asks for them."""
    request = visit.request
    changed = live.of_list(visit.workspace)
    known = live.unchanged(request, changed)
    if known is not None:
        return known
    _remember(visit)
    views = view_menu.views_of(visit)
    view = view_of(visit, views)
    if view is not None and view.is_comparison:
        # A list that is open stays what it is, also once its reader begins with a comparison.
        return HttpResponse(status=204) if is_partial(request) else redirect(view.address)
    context = shown(visit, lambda: list_state.read(request.GET, view))
    context |= {"changed": changed, **view_menu.around(visit, views, view)}
    template = "runs/_list.html" if is_partial(request) else "runs/list.html"
    return render(request, template, context, status=status_of(request, context))


def status_of(request: HttpRequest, context: dict[str, Any]) -> int:
    """Return the status of a list; to a page that shows why there is none it has not failed."""
    return 400 if "problem" in context and not is_in_place(request) else 200


def shown(visit: Visit, read: Callable[[], ListState]) -> dict[str, Any]:
    """Return what a list shows: its ``page``, or the ``problem`` why none can be."""
    context: dict[str, Any] = {
        "visit": visit,
        "in_place": is_in_place(visit.request),
        "workspace": visit.workspace,
        "fixed_columns": FIXED.values(),
        "fields": facets.ABOUT.items(),
        "formats": export.offered(),
        "most_compared": compare.MOST_RUNS,
        "may_bulk": visit.may(Right.BULK),
    }
    try:
        state = read()
        context |= {"state": state, **_around(state)}
        context["page"] = list_page.page(visit, state)
        context["notes"] = list_notes.notes(visit.workspace, state)
    except Refused as refused:
        context |= {"problem": refused}
    return context


@require_safe
@in_workspace(Right.VIEW)
def complete(visit: Visit) -> JsonResponse:
    """Answer with what may stand next in a query, and with what is wrong with it."""
    text = visit.request.GET.get("filter", "")[:_COMPLETED]
    place = visit.request.GET.get("at", "")
    at = int(place) if place.isascii() and place.isdigit() and len(place) < 6 else len(text)
    found = facets.complete(text, at, workspace=visit.workspace)
    items = [
        {"text": c.text, "label": c.label, "start": c.start, "about": c.about, "count": c.count}
        for c in found
    ]
    return JsonResponse({"items": items, "problem": _problem(visit, text)})


@require_safe
@in_workspace(Right.VIEW)
def open_view(visit: Visit, slug: str) -> HttpResponse:
    """Open a custom view by its link."""
    return redirect(view_menu.opened(visit, slug).address)


def _problem(visit: Visit, text: str) -> dict[str, Any] | None:
    try:
        meant(language.parse(text), Asking(visit.workspace, visit.actor, timezone.now()))
    except Refused as refused:
        return {
            "detail": refused.detail,
            "hint": refused.hint,
            "position": refused.extra.get("position"),
        }
    return None


def view_of(visit: Visit, views: list[SeenView]) -> SeenView | None:
    """Return the view that the address names; without any part it is the person's first one."""
    asked = visit.request.GET
    slug = asked.get("view", "")
    if not slug and not set(asked) - {"since"}:
        first = first_view(visit.actor, visit.workspace)
        slug = first.slug if first is not None else ""
    if slug in ("", list_state.BUILT_IN):
        return None
    found = next((each for each in views if each.view.slug == slug), None)
    if found is None:
        raise Http404(f"There is no view {slug}.")
    return found


def _around(state: list_state.ListState) -> dict[str, Any]:
    is_mine, mine = list_chips.toggled(state, "submitter:me")
    dense = "normal" if state.state.density == "compact" else "compact"
    return {
        "chips": list_chips.chips(state),
        "is_mine": is_mine,
        "mine": mine,
        "children": state.link(children=not state.state.children),
        "differ": state.link(differ=not state.state.differ),
        "everything": state.link(differ=False),
        "density": state.link(density=dense),
        "cleared": state.link(filter=""),
        "groupable": _groupable(state),
        "charts": charts.cards(state),
        "chart_kinds": KINDS.items(),
    }


def _groupable(state: list_state.ListState) -> list[Column]:
    """Return the columns that runs can stand together by."""
    found = {name: FIXED[name] for name in ("experiment", "status", "compute", "submitter", "type")}
    found |= {each.id: each for each in state.columns if each.kind in ("tag", "property", "param")}
    if state.group is not None:
        found[state.group.id] = state.group
    return list(found.values())


def _remember(visit: Visit) -> None:
    session = visit.request.session
    if session.get(LAST_WORKSPACE) != visit.workspace.name:
        session[LAST_WORKSPACE] = visit.workspace.name
