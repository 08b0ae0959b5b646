"""Custom views: kept, shared, starred, deleted and brought back. A save never overwrites unseen."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from runs import access
from runs.access import Right
from runs.actions import audit
from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.actions.view_state import read_state
from runs.models import CustomView, Membership, User, ViewMember, ViewStar, ViewVersion, Workspace
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Sharing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from runs.access import Actor

# A deleted view can be brought back for so long.
KEPT_FOR = timedelta(days=30)
_SLUG = 60
_FORGOTTEN_AT_ONCE = 100


def create(workspace: Workspace, *, by: Actor, name: str, state: Any) -> CustomView:
    """Return a new view of the actor's own.

    Raises:
        Refused: a name that cannot be, a state that cannot be shown, too many views.
    """
    owner = _person(by)
    check_text(name, "name", limits.VIEW_NAME, shortest=1)
    mine = CustomView.objects.inside(workspace).present().filter(owner=owner)
    if mine.count() >= limits.VIEWS_PER_PERSON:
        reason = f"You have {limits.VIEWS_PER_PERSON} views here, which is the most there can be."
        raise Refused(Code.CONFLICT, reason, hint="Delete one that you do not need.")
    slug = f"{slugify(name)[:_SLUG].strip('-') or 'view'}-{secrets.token_hex(3)}"
    with transaction.atomic():
        view = CustomView.objects.create(
            workspace=workspace,
            slug=slug,
            name=name,
            owner=owner,
            state=_checked(state),
            updated_by=owner,
        )
        _keep(view, owner)
    return view


def save(
    view: CustomView, *, by: Actor, version: int, name: str | None = None, state: Any = None
) -> CustomView:
    """Store another name or state, as the version after ``version``.

    Raises:
        Refused: somebody saved meanwhile (``extra`` has what they saved), or the actor may not edit.
    """
    person = _editor(view, by)
    fields: dict[str, Any] = {}
    if name is not None:
        fields["name"] = check_text(name, "name", limits.VIEW_NAME, shortest=1)
    if state is not None:
        fields["state"] = _checked(state)
    with transaction.atomic():
        now = CustomView.objects.select_for_update(no_key=True).get(pk=view.pk)
        if now.version != version:
            raise _changed_meanwhile(now)
        if all(getattr(now, field) == value for field, value in fields.items()):
            return now
        for field, value in fields.items():
            setattr(now, field, value)
        now.version += 1
        now.updated_at, now.updated_by = timezone.now(), person
        now.save()
        _keep(now, person)
    return now


def bring_back(view: CustomView, *, by: Actor, version: int) -> CustomView:
    """Save an older version as the newest one.

    Raises:
        Refused: there is no such version, or the actor may not edit.
    """
    old = view.versions.filter(version=version).first()
    if old is None:
        raise access.not_found("version", str(version))
    return save(view, by=by, version=view.version, name=old.name, state=old.state)


def share(
    view: CustomView,
    *,
    by: Actor,
    sharing: Sharing | None = None,
    members: Mapping[str, bool] | None = None,
) -> None:
    """Say who sees and who edits the view: the whole workspace, or members by user name.

    Raises:
        Refused: not the owner; a reader shares with nobody; somebody who is no member.
    """
    person = _owner(view, by)
    if Right.EDIT not in access.rights_in(by, view.workspace):
        reason = "Readers keep views for themselves."
        hint = "An owner of the workspace can give you another role."
        raise Refused(Code.FORBIDDEN, reason, field="sharing", hint=hint)
    invited = _people(view.workspace, members or {})
    before = {"sharing": view.sharing}
    with transaction.atomic():
        if sharing is not None:
            CustomView.objects.filter(pk=view.pk).update(sharing=sharing.value)
            view.sharing = sharing.value
        if members is not None:
            ViewMember.objects.filter(view=view).delete()
            ViewMember.objects.bulk_create(
                ViewMember(view=view, user=user, can_edit=can_edit)
                for user, can_edit in invited.items()
                if user != person
            )
        after = {"sharing": view.sharing, **({"members": dict(members)} if members else {})}
        _told(by, "view.share", view, before=before, after=after)


def star(view: CustomView, *, by: Actor, on: bool) -> None:
    """Have a view at hand, or no more."""
    person = _person(by)
    if on:
        ViewStar.objects.get_or_create(view=view, user=person)
    else:
        ViewStar.objects.filter(view=view, user=person).delete()


def set_default(workspace: Workspace, view: CustomView | None, *, by: Actor) -> None:
    """Begin with this view whenever the actor opens the list; None for the workspace's."""
    mine = Membership.objects.filter(workspace=workspace, user=_person(by))
    mine.update(default_view=view)


def set_workspace_default(workspace: Workspace, view: CustomView | None, *, by: Actor) -> None:
    """Have everybody begin with this view who has not chosen another.

    Raises:
        Refused: the actor does not own the workspace, or others do not see the view.
    """
    if Right.MANAGE not in access.rights_in(by, workspace):
        raise Refused(Code.FORBIDDEN, "Owners of the workspace choose its default view.")
    if view is not None and view.sharing == Sharing.PRIVATE:
        raise Refused(
            Code.CONFLICT,
            "Others do not see this view.",
            field="sharing",
            hint="Share it with the workspace first.",
        )
    with transaction.atomic():
        Workspace.objects.filter(pk=workspace.pk).update(default_view=view)
        name = "" if view is None else view.name
        audit.record(by, "workspace.default_view", workspace=workspace, about=name)


def delete(view: CustomView, *, by: Actor) -> None:
    """Delete the view; ``undelete`` brings it back for ``KEPT_FOR``."""
    _owner(view, by)
    _hide(view, True, by)


def undelete(view: CustomView, *, by: Actor) -> None:
    """Bring a deleted view back."""
    _owner(view, by)
    _hide(view, False, by)


def forget_old(now: datetime) -> int:
    """Forget some views that were deleted long ago; returns how many."""
    due = CustomView.objects.filter(deleted_at__lt=now - KEPT_FOR).order_by("pk")
    keys = list(due.values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE])
    # Asked again: one of them may have been brought back just now.
    due.filter(pk__in=keys).delete()
    return len(keys)


def _hide(view: CustomView, is_hidden: bool, by: Actor) -> None:
    view.deleted_at = timezone.now() if is_hidden else None
    with transaction.atomic():
        CustomView.objects.filter(pk=view.pk).update(deleted_at=view.deleted_at)
        _told(by, "view.delete" if is_hidden else "view.undelete", view)


def _told(by: Actor, verb: str, view: CustomView, **changed: Mapping[str, Any]) -> None:
    audit.record(by, verb, workspace=view.workspace, about=view.name, **changed)


def _person(by: Actor) -> User:
    if by.user is None or by.scope() is not None:
        raise Refused(Code.FORBIDDEN, "Views belong to people; this token is narrow.")
    return by.user


def _editor(view: CustomView, by: Actor) -> User:
    person = _person(by)
    rights = access.rights_in(by, view.workspace)
    invited = ViewMember.objects.filter(view=view, user=person, can_edit=True).exists()
    if not access.may_edit(view, by, rights, invited=invited):
        reason = f"{view.owner} owns this view, and you may look at it."
        raise Refused(Code.FORBIDDEN, reason, hint="Save it as a view of your own.")
    return person


def _owner(view: CustomView, by: Actor) -> User:
    person = _person(by)
    if not access.may_arrange(view, by, access.rights_in(by, view.workspace)):
        reason = f"{view.owner} owns this view."
        raise Refused(Code.FORBIDDEN, reason, hint="Save it as a view of your own.")
    return person


def _checked(state: Any) -> dict[str, Any]:
    known, dropped = read_state(state)
    if dropped:
        raise Refused(Code.BAD_REQUEST, dropped[0], field="state")
    return known.document()


def _keep(view: CustomView, person: User) -> None:
    ViewVersion.objects.create(
        view=view, version=view.version, name=view.name, state=view.state, saved_by=person
    )


def _people(workspace: Workspace, members: Mapping[str, bool]) -> dict[User, bool]:
    found = User.objects.filter(username__in=members, memberships__workspace=workspace)
    people = {user.username: user for user in found}
    strangers = [name for name in members if name not in people]
    if strangers:
        reason = f'"{strangers[0][:100]}" is no member of this workspace.'
        raise Refused(Code.BAD_REQUEST, reason, field="members")
    return {people[name]: can_edit for name, can_edit in members.items()}


def _changed_meanwhile(now: CustomView) -> Refused:
    return Refused(
        Code.CONFLICT,
        f"{now.updated_by} saved this view meanwhile.",
        field="version",
        hint="Look at what was saved, then save yours over it or as a view of its own.",
        extra={"current": {"name": now.name, "state": now.state, "version": now.version}},
    )
