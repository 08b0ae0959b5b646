"""Invitations: links by which somebody becomes a member, once."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from runs import access
from runs.access import Actor
from runs.actions import accounts, audit, passwords
from runs.actions.refused import Refused
from runs.actions.text import check_pattern
from runs.actions.tokens import digest_of
from runs.actions.workspaces import add_member
from runs.models import Invitation, Membership, User
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Role

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from runs.models import Workspace

LIVES = timedelta(days=7)
_RULE = "1 to 150 letters, digits, . _ @ + or -, beginning with a letter or digit"
# In the query language this is whoever asks.
_TAKEN = "me"


def invite(
    workspace: Workspace, role: Role, *, by: Actor, email: str = ""
) -> tuple[str, Invitation]:
    """Return the secret of a new invitation, told this once, and what is kept of it.

    Raises:
        Refused: an address that is none, or too many open invitations.
    """
    if by.user is None:
        raise Refused(Code.FORBIDDEN, "Only a person invites somebody.")
    accounts.check_email(email)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        if len(open_ones(workspace)) >= limits.INVITATIONS_PER_WORKSPACE:
            reason = f"{limits.INVITATIONS_PER_WORKSPACE} invitations are open already."
            raise Refused(Code.CONFLICT, reason, hint="Take one back that is not needed.")
        made = Invitation.objects.create(
            workspace=workspace,
            role=role.value,
            email=email,
            digest=digest_of(secret),
            created_by=by.user,
            expires_at=timezone.now() + LIVES,
        )
        after = {"role": role.value, "email": email}
        audit.record(by, "invitation.make", workspace=workspace, after=after)
    return secret, made


def open_ones(workspace: Workspace) -> list[Invitation]:
    """Return the invitations that can still be accepted, the newest first."""
    found = _fresh().filter(workspace=workspace).select_related("created_by")
    return list(found.order_by("-id"))


def take_back(workspace: Workspace, number: str, *, by: Actor) -> Invitation:
    """End an invitation that nobody has accepted; returns what it was.

    Raises:
        Refused: there is none of that number.
    """
    found = next((each for each in open_ones(workspace) if str(each.pk) == number), None)
    if found is None:
        raise access.not_found("invitation", number)
    with transaction.atomic():
        audit.record(
            by,
            "invitation.take_back",
            workspace=workspace,
            before={"role": found.role, "email": found.email},
        )
        Invitation.objects.filter(pk=found.pk).delete()
    return found


def find(secret: str) -> Invitation:
    """Return the invitation of that link.

    Raises:
        Refused: it was accepted, taken back, has expired, or whoever made it owns nothing here now.
    """
    related = ("workspace", "created_by")
    found = _fresh().filter(digest=digest_of(secret)).select_related(*related).first()
    if found is None or not _owns(found):
        raise _used_up()
    return found


def accept(secret: str, user: User, *, address: str) -> Workspace:
    """Make a person a member, and use the link up; of two who come at once, one gets in.

    Raises:
        Refused: the link opens nothing, or they are a member already: then it stays good.
    """
    with transaction.atomic():
        invitation = find(secret)
        workspace = invitation.workspace
        if Membership.objects.filter(workspace=workspace, user=user).exists():
            reason = f"You belong to {workspace.name} already."
            raise Refused(Code.CONFLICT, reason, hint="The link is still good for somebody else.")
        now = timezone.now()
        if not _fresh().filter(pk=invitation.pk).update(accepted_at=now, accepted_by=user):
            raise _used_up()
        add_member(workspace, user, Role(invitation.role))
        after = {"role": invitation.role, "invited by": invitation.created_by.username}
        by = Actor.of_user(user, address)
        audit.record(by, "member.join", workspace=workspace, about=user.username, after=after)
    return workspace


def join_anew(
    secret: str, *, username: str, name: str, password: str, address: str
) -> tuple[User, Workspace]:
    """Make an account for somebody who is invited, and make them a member.

    Raises:
        Refused: the link opens nothing, the name is taken or cannot be, the password is weak.
    """
    invitation = find(secret)
    check_pattern(username, "username", limits.USER_NAME_PATTERN, _RULE)
    if username.casefold() == _TAKEN:
        reason = f'There is already a user "{username}".'
        raise Refused(Code.CONFLICT, reason, field="username")
    try:
        with transaction.atomic():
            user = accounts.create_user(username, name=name, email=invitation.email)
            passwords.store(user, password)
            audit.record(Actor.of_user(user, address), "account.make", about=username)
            return user, accept(secret, user, address=address)
    except IntegrityError:
        reason = f'There is already a user "{username}".'
        raise Refused(Code.CONFLICT, reason, field="username") from None


def _fresh() -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        accepted_at=None, expires_at__gt=timezone.now(), workspace__archived_at=None
    )


def _owns(invitation: Invitation) -> bool:
    """Whether who made the invitation may still make one: else it would outlive their rights."""
    owners = Membership.objects.filter(workspace=invitation.workspace, role=Role.OWNER)
    return owners.filter(user=invitation.created_by, user__is_active=True).exists()


def _used_up() -> Refused:
    return Refused(
        Code.NOT_FOUND,
        "This invitation was used already, has expired or was taken back.",
        hint="Ask whoever invited you for a new one.",
    )
