"""The bar of views on a page: the drop-down with a star, one's own and shared ones, and who may what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runs import access
from runs.access import Right
from runs.models import Membership
from runs.queries.views import seen
from runs.views.doors import find_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runs.models import User, Workspace
    from runs.queries.views import SeenView
    from runs.views.doors import Visit

# So many names are offered; any other can be typed.
_MOST = 500


def views_of(visit: Visit) -> list[SeenView]:
    """Return all views that this person sees, by name."""
    shown = access.views_of(visit.actor, visit.workspace).present().order_by("name", "pk")
    return seen(shown, by=visit.actor, workspace=visit.workspace)


def opened(visit: Visit, slug: str) -> SeenView:
    """Return the view of this slug as this person sees it, or answer that there is none."""
    (found,) = seen([find_view(visit, slug)], by=visit.actor, workspace=visit.workspace)
    return found


def around(visit: Visit, views: list[SeenView], view: SeenView | None) -> dict[str, Any]:
    """Return what the bar of a page is drawn from that shows ``view``, or none."""
    return {
        "groups": groups(views, visit.actor.user),
        "people": people(visit.workspace, view),
        "may_manage": visit.may(Right.MANAGE),
        "may_share": visit.may(Right.EDIT),
    }


def groups(views: Iterable[SeenView], user: User | None) -> list[tuple[str, list[SeenView]]]:
    """Return the views in groups with their titles; each stands once, and no group is empty."""
    starred: list[SeenView] = []
    mine: list[SeenView] = []
    shared: list[SeenView] = []
    for each in views:
        place = starred if each.is_starred else mine if each.view.owner == user else shared
        place.append(each)
    named = [("Starred", starred), ("Mine", mine), ("Shared with me", shared)]
    return [(title, found) for title, found in named if found]


def people(workspace: Workspace, view: SeenView | None) -> list[str]:
    """Return the user names that a view can be shared with, if this person may share it."""
    if view is None or not view.can_arrange:
        return []
    members = Membership.objects.filter(workspace=workspace).exclude(user=view.view.owner)
    return list(members.order_by("user__username").values_list("user__username", flat=True)[:_MOST])
