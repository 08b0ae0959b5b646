"""Custom views as one person sees them, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.urls import reverse

from runs import access
from runs.actions.refused import Refused
from runs.actions.view_state import ViewState, read_state
from runs.models import Membership, ViewMember, ViewStar
from runs.queries import language, order
from runs.queries.tree import AllOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runs.access import Actor
    from runs.models import CustomView, Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.order import Key
    from runs.queries.runs import RunQuery


@dataclass(frozen=True, slots=True)
class SeenView:
    """A view, and what it is to the person who looks; ``dropped`` says what of it is not shown.

    ``address`` is the page that shows it: a list, or runs side by side.
    """

    view: CustomView
    address: str
    state: ViewState
    dropped: list[str]
    members: list[ViewMember]
    is_starred: bool
    is_default: bool
    is_workspace_default: bool
    can_edit: bool
    can_arrange: bool

    @property
    def is_comparison(self) -> bool:
        """Whether it shows runs side by side, and no list."""
        return self.state.compare is not None


def seen(views: Iterable[CustomView], *, by: Actor, workspace: Workspace) -> list[SeenView]:
    """Return the views as this actor sees them."""
    shown = list(views)
    if not shown:
        return []
    keys = [view.pk for view in shown]
    stars = ViewStar.objects.filter(view__in=keys, user=by.user)
    starred = set(stars.values_list("view", flat=True))
    members: dict[int, list[ViewMember]] = {key: [] for key in keys}
    for member in ViewMember.objects.filter(view__in=keys).select_related("user").order_by("pk"):
        members[member.view_id].append(member)
    mine = Membership.objects.get(workspace=workspace, user=by.user)
    rights = access.rights_of(by, mine)

    def one(view: CustomView) -> SeenView:
        state, dropped = read_state(view.state)
        invited = any(m.can_edit and m.user == by.user for m in members[view.pk])
        return SeenView(
            view=view,
            address=address_of(view, workspace, state),
            state=state,
            dropped=dropped,
            members=members[view.pk],
            is_starred=view.pk in starred,
            is_default=view.pk == mine.default_view_id,
            is_workspace_default=view.pk == workspace.default_view_id,
            can_edit=access.may_edit(view, by, rights, invited=invited),
            can_arrange=access.may_arrange(view, by, rights),
        )

    return [one(view) for view in shown]


def address_of(view: CustomView, workspace: Workspace, state: ViewState) -> str:
    """Return the page that shows a view whose state this is."""
    page = "runs" if state.compare is None else "compare"
    return f"{reverse(page, args=[workspace.name])}?view={view.slug}"


def deleted_views(by: Actor, workspace: Workspace) -> list[CustomView]:
    """Return the deleted views that this actor may bring back, the last one first."""
    rights = access.rights_in(by, workspace)
    gone = access.views_of(by, workspace).filter(deleted_at__isnull=False).order_by("-deleted_at")
    return [view for view in gone if access.may_arrange(view, by, rights)]


def first_view(by: Actor, workspace: Workspace) -> CustomView | None:
    """Return the view that the list begins with: the person's own default, else the workspace's."""
    mine = Membership.objects.filter(workspace=workspace, user=by.user).first()
    wanted = [mine.default_view_id if mine is not None else None, workspace.default_view_id]
    for key in wanted:
        if key is not None:
            view = access.views_of(by, workspace).present().filter(pk=key).first()
            if view is not None:
                return view
    return None


def held(runs: RunQuerySet, state: ViewState) -> RunQuerySet:
    """Return those of the runs that a view can show: a comparison has no others than its own."""
    return runs if state.compare is None else runs.filter(run_id__in=state.selected)


def narrowed(state: ViewState, asked: RunQuery, *, include_children: bool = False) -> RunQuery:
    """Return what a view asks for and, besides, what is asked of its runs.

    Raises:
        Refused: one of the two queries cannot be read.
    """
    shown = include_children or state.children or asked.include_children
    shown = shown or state.compare is not None
    query = asked.filter
    if state.filter:
        both = [language.parse(text) for text in (state.filter, query)]
        query = AllOf(tuple(node for node in both if node != AllOf())).text()
    return replace(asked, filter=query, include_children=shown)


def keys_of(state: ViewState) -> tuple[Key, ...]:
    """Return what a view sorts by: its group first, so that its runs stand together."""
    group = [state.group] if state.group else []
    try:
        return order.keys([*group, *state.sort][: order.MOST_KEYS])
    except Refused:
        # An address was checked when it was read; a view of another time shows what it can.
        return order.NEWEST_FIRST
