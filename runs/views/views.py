"""What the list's view bar does: save, save as, share, rename, delete, and choose defaults."""

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
from runs.queries import charts
from runs.queries.views import seen
from runs.views import list_state
from runs.views.doors import Visit, find_view, in_workspace
from studio.contract.errors import Code
from studio.contract.words import Sharing

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse, QueryDict

    from runs.models import CustomView

_SAVES = 100


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def create(visit: Visit) -> HttpResponse:
    """Keep the list as it is under a name."""

    def keep() -> CustomView:
        name = visit.request.POST.get("name", "").strip()
        state = _state(visit).document()
        return views.create(visit.workspace, by=visit.actor, name=name, state=state)

    return _done(visit, keep, "Kept as a view of your own.")


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def save(visit: Visit, slug: str) -> HttpResponse:
    """Save the list over the version that it was opened with."""
    view = find_view(visit, slug)
    version = _number(visit.request.POST.get("version", ""))
    try:
        state = _state(visit).document()
        views.save(view, by=visit.actor, version=version, state=state)
    except Refused as refused:
        if refused.code is Code.CONFLICT:
            return _conflict(visit, view, refused)
        messages.error(visit.request, f"{refused.detail} {refused.hint}")
        return _back(visit, visit.request.POST.get("address", ""))
    messages.success(visit.request, "Saved.")
    return _back(visit, f"?view={slug}")


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
        members = _members(asked) if "members" in asked else named
        # Whoever may not share may still rename.
        if (sharing, members) != (view.sharing, named):
            views.share(view, by=visit.actor, sharing=sharing, members=members)
        return view

    return _done(visit, change, "Saved.")


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

    return _done(visit, change, "")


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
        "saves": [(save, _told(read_state(save.state)[0])) for save in saves],
    }
    return render(visit.request, "runs/view_history.html", context)


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def bring_back(visit: Visit, slug: str) -> HttpResponse:
    """Save an older version as the newest one."""
    view = find_view(visit, slug)
    version = _number(visit.request.POST.get("version", ""))
    return _done(
        visit,
        lambda: views.bring_back(view, by=visit.actor, version=version),
        f"Version {version} is the newest one again.",
    )


@require_POST
@in_workspace(Right.KEEP_VIEWS)
def delete(visit: Visit, slug: str) -> HttpResponse:
    """Delete the view, or bring it back."""
    view = find_view(visit, slug)
    is_back = visit.request.POST.get("back") == "true"
    try:
        (views.undelete if is_back else views.delete)(view, by=visit.actor)
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}")
        return _back(visit, f"?view={slug}")
    if is_back:
        messages.success(visit.request, f"The view {view.name} is back.")
        return _back(visit, f"?view={slug}")
    context = {"view": view, "workspace": visit.workspace, "visit": visit}
    return render(visit.request, "runs/view_deleted.html", context)


def _done(visit: Visit, act: Callable[[], CustomView], said: str) -> HttpResponse:
    try:
        view = act()
    except Refused as refused:
        messages.error(visit.request, f"{refused.detail} {refused.hint}".strip())
        return _back(visit, visit.request.POST.get("address", ""))
    if said:
        messages.success(visit.request, said)
    return _back(visit, f"?view={view.slug}")


def _conflict(visit: Visit, view: CustomView, refused: Refused) -> HttpResponse:
    """Show what somebody else saved beside what is being saved."""
    current = refused.extra["current"]
    theirs, _ = read_state(current["state"])
    view.refresh_from_db()
    (now,) = seen([view], by=visit.actor, workspace=visit.workspace)
    mine = _state(visit)
    state = list_state.ListState(mine, theirs, now, view.slug)
    parts = [
        (name, was, is_now)
        for (name, was), (_, is_now) in zip(_told(theirs), _told(mine), strict=True)
    ]
    context = {
        "workspace": visit.workspace,
        "visit": visit,
        "view": view,
        "now": now,
        "address": state.link(),
        "parts": parts,
        "problem": refused,
    }
    return render(visit.request, "runs/view_conflict.html", context, status=409)


def _told(state: ViewState) -> list[tuple[str, str]]:
    """Return the parts of a state in words, to be compared."""
    shown = ", ".join(column.id for column in state.columns) or "those of the studio"
    return [
        ("Filter", state.filter or "none"),
        ("Columns", shown),
        ("Sort", ", ".join(state.sort) or "newest first"),
        ("Group", state.group or "none"),
        ("Child runs", "shown" if state.children else "left out"),
        ("Density", state.density),
        ("Charts", charts.written(state.charts) or "none"),
    ]


def _state(visit: Visit) -> ViewState:
    """Return the state of the list that the form was sent from."""
    return list_state.of_address(visit, visit.request.POST.get("address", "")).state


def _back(visit: Visit, address: str) -> HttpResponse:
    place = reverse("runs", args=[visit.workspace.name])
    return redirect(place + (address if address.startswith("?") else ""))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _members(asked: QueryDict) -> dict[str, bool]:
    """Return who is named, and whether each may edit: lines of a user name, with ``edit`` behind it."""
    found = {}
    for line in filter(None, map(str.strip, str(asked["members"]).splitlines())):
        name, _, rest = line.partition(" ")
        if rest.strip() not in ("", "edit"):
            reason = f'"{line[:100]}" is not understood.'
            hint = 'Write a user name on each line, with "edit" behind it for editors.'
            raise Refused(Code.BAD_REQUEST, reason, field="members", hint=hint)
        found[name] = bool(rest)
    return found


def _sharing(text: str) -> Sharing:
    try:
        return Sharing(text)
    except ValueError:
        raise Refused(
            Code.BAD_REQUEST, "Share with nobody or the workspace.", field="sharing"
        ) from None
