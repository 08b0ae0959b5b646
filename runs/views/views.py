"""Custom views: the page of them all, and what the view bar does: share, rename, delete, choose."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from runs import access
from runs.access import Right
from runs.actions import views
from runs.actions.refused import Refused
from runs.queries.views import deleted_views, seen
from runs.views import toasts
from runs.views.doors import Visit, find_view, in_workspace
from runs.views.view_saves import done, state_of
from studio.contract.errors import Code
from studio.contract.words import Sharing

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from runs.models import CustomView

_WAYS = ("none", "view", "edit")


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Right.KEEP_VIEWS)
def all_views(visit: Visit) -> HttpResponse:
    """Show all views that this person may see, and those to bring back; or keep a page as one."""
    if visit.request.method == "POST":
        return _create(visit)
    shown = access.views_of(visit.actor, visit.workspace).present().order_by("name", "pk")
    gone = deleted_views(visit.actor, visit.workspace)
    every = seen([*shown, *gone], by=visit.actor, workspace=visit.workspace)
    context = {
        "visit": visit,
        "workspace": visit.workspace,
        "views": [each for each in every if each.view.deleted_at is None],
        "deleted": [
            (each, each.view.deleted_at and each.view.deleted_at + views.KEPT_FOR)
            for each in every
            if each.view.deleted_at is not None
        ],
    }
    return render(visit.request, "runs/views.html", context)


def _create(visit: Visit) -> HttpResponse:
    def keep() -> CustomView:
        name = visit.request.POST.get("name", "").strip()
        state = state_of(visit).document()
        return views.create(visit.workspace, by=visit.actor, name=name, state=state)

    return done(visit, keep, "Kept as a view of your own.")


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def arrange(visit: Visit, slug: str) -> HttpResponse:
    """Rename the view, share it, or make it the default."""
    view = find_view(visit, slug)
    asked = visit.request.POST

    def change() -> CustomView:
        name = asked.get("name", "").strip()
        if name and name != view.name:
            views.save(view, by=visit.actor, version=view.version, name=name)
        sharing = _sharing(asked.get("sharing", view.sharing))
        named = {m.user.username: m.can_edit for m in view.members.select_related("user")}
        members = _members(asked) if "member" in asked else named
        # Whoever may not share may still rename.
        if (sharing, members) != (view.sharing, named):
            views.share(view, by=visit.actor, sharing=sharing, members=members)
        return view

    return done(visit, change, "Saved.", stays=True)


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def choose(visit: Visit, slug: str) -> HttpResponse:
    """Star the view, or make it the first one, for oneself or for the workspace."""
    view = find_view(visit, slug)
    what, on = visit.request.POST.get("what", ""), visit.request.POST.get("on") == "true"

    def change() -> CustomView:
        if what == "star":
            views.star(view, by=visit.actor, on=on)
        elif what == "default":
            views.set_default(visit.workspace, view if on else None, by=visit.actor)
        elif what == "workspace-default":
            views.set_workspace_default(visit.workspace, view if on else None, by=visit.actor)
        else:
            raise Refused(Code.BAD_REQUEST, "A view has no such mark.", field="what")
        return view

    return done(visit, change, "", stays=True)


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def delete(visit: Visit, slug: str) -> HttpResponse:
    """Delete the view, with a way to bring it back."""
    view = find_view(visit, slug)
    place = reverse("runs", args=[visit.workspace.name])
    try:
        views.delete(view, by=visit.actor)
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}")
        shown = reverse("view", args=[visit.workspace.name, slug])
        return redirect(toasts.way_back(visit, shown))
    undo = reverse("undelete_view", args=[visit.workspace.name, slug])
    see = reverse("views", args=[visit.workspace.name])
    toasts.say(visit.request, f"The view {view.name} is deleted.", undo=undo, see=see)
    return redirect(toasts.way_back(visit, f"{place}?view=default"))


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def undelete(visit: Visit, slug: str) -> HttpResponse:
    """Bring a deleted view back."""
    view = find_view(visit, slug)

    def bring_back() -> CustomView:
        views.undelete(view, by=visit.actor)
        return view

    return done(visit, bring_back, f"The view {view.name} is back.")


def _members(asked: QueryDict) -> dict[str, bool]:
    """Return who is named, and whether each may edit: a user name and a way for each."""
    found = {}
    for text, way in zip_longest(asked.getlist("member"), asked.getlist("way"), fillvalue=""):
        name = text.strip()
        if name and way not in _WAYS:
            reason = f"{name[:100]} should be able to look at it, or to save it too."
            raise Refused(Code.BAD_REQUEST, reason, field="members")
        if name and way != "none":
            found[name] = way == "edit"
    return found


def _sharing(text: str) -> Sharing:
    try:
        return Sharing(text)
    except ValueError:
        raise Refused(
            Code.BAD_REQUEST, "Share with nobody or the workspace.", field="sharing"
        ) from None
