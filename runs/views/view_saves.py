"""Saves of a custom view: one over the other, what two at once look like, and old ones brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from runs.access import Right
from runs.actions import views
from runs.actions.refused import Refused
from runs.actions.view_state import ViewState, read_state
from runs.queries.views import address_of, seen
from runs.views import compare_state, list_state, toasts
from runs.views.doors import Visit, find_view, in_workspace
from runs.views.view_words import parts_of
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from runs.models import CustomView

_SAVES = 100


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def save(visit: Visit, slug: str) -> HttpResponse:
    """Save the page over the version that it was opened with."""
    view = find_view(visit, slug)
    version = _number(visit.request.POST.get("version", ""))
    try:
        state = state_of(visit).document()
        views.save(view, by=visit.actor, version=version, state=state)
    except Refused as refused:
        if refused.code is Code.CONFLICT:
            return _conflict(visit, view, refused)
        messages.error(visit.request, f"{refused.detail} {refused.hint}")
        return back(visit, visit.request.POST.get("address", ""))
    toasts.say(visit.request, "Saved.")
    return back(visit, f"?view={slug}")


@require_safe
@in_workspace(Right.VIEW)
def history(visit: Visit, slug: str) -> HttpResponse:
    """Show the saves of a view, the newest first."""
    view = find_view(visit, slug)
    (now,) = seen([view], by=visit.actor, workspace=visit.workspace)
    saves = view.versions.select_related("saved_by").order_by("-version")[:_SAVES]
    context = {
        "visit": visit,
        "workspace": visit.workspace,
        "view": view,
        "now": now,
        "saves": [(save, parts_of(read_state(save.state)[0]).items()) for save in saves],
    }
    return render(visit.request, "runs/view_history.html", context)


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def bring_back(visit: Visit, slug: str) -> HttpResponse:
    """Save an older version as the newest one."""
    view = find_view(visit, slug)
    version = _number(visit.request.POST.get("version", ""))
    return done(
        visit,
        lambda: views.bring_back(view, by=visit.actor, version=version),
        f"Version {version} is the newest one again.",
    )


def done(
    visit: Visit, act: Callable[[], CustomView], said: str, *, stays: bool = False
) -> HttpResponse:
    """Change a view and show it, or stay on the page; where that is refused, say why there."""
    try:
        view = act()
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
        return back(visit, visit.request.POST.get("address", ""))
    if said:
        toasts.say(visit.request, said)
    place = address_of(view, visit.workspace, read_state(view.state)[0])
    return redirect(toasts.way_back(visit, place) if stays else place)


def state_of(visit: Visit) -> ViewState:
    """Return the state of the page that the form was sent from, a list or a comparison."""
    address = visit.request.POST.get("address", "")
    if _page(visit) == "compare":
        return compare_state.of_address(visit, address).view_state
    return list_state.of_address(visit, address).state


def _page(visit: Visit) -> str:
    return "compare" if visit.request.POST.get("page") == "compare" else "runs"


def back(visit: Visit, address: str) -> HttpResponse:
    """Return to the page that the form was sent from, as an address of it says."""
    place = reverse(_page(visit), args=[visit.workspace.name])
    return redirect(place + (address if address.startswith("?") else ""))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _conflict(visit: Visit, view: CustomView, refused: Refused) -> HttpResponse:
    """Show what somebody else saved beside what is being saved."""
    current = refused.extra["current"]
    theirs, _ = read_state(current["state"])
    view.refresh_from_db()
    (now,) = seen([view], by=visit.actor, workspace=visit.workspace)
    mine = state_of(visit)
    link = list_state.ListState(mine, theirs, now, view.slug).link()
    if mine.compare is not None:
        link = compare_state.over(mine, now).link()
    was, is_now = parts_of(theirs), parts_of(mine)
    parts = [(name, was.get(name, "–"), is_now.get(name, "–")) for name in {**was, **is_now}]
    context = {
        "workspace": visit.workspace,
        "visit": visit,
        "view": view,
        "now": now,
        "address": link,
        "page": reverse(_page(visit), args=[visit.workspace.name]),
        "comparing": mine.compare is not None,
        "parts": parts,
        "problem": refused,
    }
    return render(visit.request, "runs/view_conflict.html", context, status=409)
