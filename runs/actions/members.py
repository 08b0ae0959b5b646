"""Who belongs to a workspace, and in which role. A workspace always has an owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from runs import access
from runs.actions import audit
from runs.actions.refused import Refused
from runs.models import Membership, Workspace
from studio.contract.errors import Code
from studio.contract.words import Role

if TYPE_CHECKING:
    from runs.access import Actor


def of(workspace: Workspace) -> list[Membership]:
    """Return the memberships, by user name, with their people."""
    found = Membership.objects.filter(workspace=workspace).select_related("user")
    return list(found.order_by("user__username"))


def find(workspace: Workspace, username: str) -> Membership:
    """Return the membership of the person of that user name; refuses who is no member."""
    mine = Membership.objects.filter(workspace=workspace, user__username=username)
    membership = mine.select_related("user").first() if "\0" not in username else None
    if membership is None:
        raise access.not_found("member", username)
    membership.workspace = workspace
    return membership


def role_named(word: str) -> Role:
    """Return the role that a word means; refuses any other."""
    if word not in set(Role):
        reason = f"A member is {', '.join(Role)}."
        raise Refused(Code.BAD_REQUEST, reason, field="role")
    return Role(word)


def change_role(membership: Membership, role: Role, *, by: Actor) -> None:
    """Give a member another role.

    Raises:
        Refused: the last owner would be none.
    """
    before = membership.role
    if before == role:
        return
    with transaction.atomic():
        _keep_an_owner(membership)
        membership.role = role.value
        membership.save(update_fields=["role"])
        _told(by, "member.role", membership, before={"role": before}, after={"role": role.value})


def remove(membership: Membership, *, by: Actor) -> None:
    """End a membership; also one's own. The person's runs and shared views stay.

    Raises:
        Refused: the last owner would leave.
    """
    with transaction.atomic():
        _keep_an_owner(membership)
        membership.delete()
        _told(by, "member.remove", membership, before={"role": membership.role})


def _keep_an_owner(membership: Membership) -> None:
    """Refuse to take the last owner away. Of two owners who leave at once, one waits here."""
    if membership.role != Role.OWNER:
        return
    Workspace.objects.select_for_update(no_key=True).get(pk=membership.workspace_id)
    owners = Membership.objects.filter(workspace=membership.workspace_id, role=Role.OWNER)
    if not owners.filter(user__is_active=True).exclude(pk=membership.pk).exists():
        raise Refused(
            Code.CONFLICT,
            "The last owner of a workspace stays its owner.",
            field="role",
            hint="Make somebody else an owner first, or archive the workspace.",
        )


def _told(
    by: Actor,
    verb: str,
    membership: Membership,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    audit.record(
        by,
        verb,
        workspace=membership.workspace,
        about=membership.user.username,
        before=before,
        after=after,
    )
