"""The drop-down of views: those with a star, one's own, and what others share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runs.models import User, Workspace
    from runs.queries.views import SeenView

# So many names are offered; any other can be typed.
_MOST = 500


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
