"""People, and the one-time links that sign them in."""

from __future__ import annotations

import getpass
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from runs.access import Actor
from runs.actions import audit
from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.actions.tokens import digest_of
from runs.models import Membership, SignInLink, User, Workspace
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

LINK_LIVES = timedelta(hours=24)


def create_user(username: str, *, name: str = "", email: str = "") -> User:
    """Return a new person without a password; refuses a name that is taken."""
    check_text(username, "username", limits.USER_NAME, shortest=1)
    check_text(name, "name", limits.USER_NAME)
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(Code.CONFLICT, f'There is already a user "{username}".', field="username")
    user = User(username=username, name=name, email=email)
    user.set_unusable_password()
    user.save()
    return user


def create_owner() -> User:
    """Return the first person, named as the account that runs the studio."""
    try:
        username = getpass.getuser()
    except (KeyError, OSError):
        username = "owner"
    return create_user(username or "owner")


def somebody_signs_in() -> bool:
    """Whether anybody here can sign in with a password."""
    people = User.objects.filter(is_active=True)
    return any(user.has_usable_password() for user in people.only("password"))


def edit_profile(user: User, *, name: str, email: str, by: Actor) -> None:
    """Store how a person is called and where mails reach them.

    Raises:
        Refused: a text too long, or an address that is none.
    """
    check_text(name, "name", limits.USER_NAME)
    check_email(email)
    before = {"name": user.name, "email": user.email}
    after = {"name": name, "email": email}
    if before == after:
        return
    with transaction.atomic():
        user.name, user.email = name, email
        user.save(update_fields=["name", "email"])
        audit.record(by, "profile.change", about=user.username, before=before, after=after)


def prefer(user: User, workspace: Workspace | None) -> None:
    """Open that workspace first when this person comes in, or the first of their names again."""
    User.objects.filter(pk=user.pk).update(default_workspace=workspace)


def first_workspace(user: User) -> Workspace | None:
    """Return the workspace that a person prefers, else the first of their own; None without any."""
    mine = Workspace.objects.visible_to(user)
    preferred = mine.filter(pk=user.default_workspace_id or 0).first()
    return preferred or mine.order_by(F("archived_at").asc(nulls_first=True), "name").first()


def check_email(email: str, field: str = "email") -> str:
    """Return the address; refuses one that no mail can be sent to. None at all is allowed."""
    check_text(email, field, limits.EMAIL)
    try:
        if email:
            validate_email(email)
    except ValidationError:
        reason = "This is no e-mail address; it should look like name@example.org."
        raise Refused(Code.BAD_REQUEST, reason, field=field) from None
    return email


def may_make_link(user: User, by: Actor) -> bool:
    """Whether the actor may make a link for a person: an owner of every workspace that they are in.

    Whoever has the link is that person everywhere, so one workspace's owner is not enough.
    """
    is_member = Membership.objects.filter(user=user).exists()
    return is_member and by.token is None and user.pk not in strangers_among([user], by)


def strangers_among(people: Iterable[User], by: Actor) -> set[int]:
    """Return the ids of those whom the actor may make no link for, asked at once."""
    owned = Membership.objects.filter(user=by.user, role=Role.OWNER).values("workspace")
    theirs = Membership.objects.filter(user__in=people).exclude(workspace__in=owned)
    return {*theirs.values_list("user", flat=True), by.user.pk if by.user else 0}


def link_for(user: User, *, by: Actor) -> str:
    """Return the secret of a link by which a person sets a new password; an owner hands it over.

    Raises:
        Refused: the actor does not own every workspace that this person is in.
    """
    if not may_make_link(user, by):
        raise Refused(
            Code.FORBIDDEN,
            f"{user} belongs to a workspace that you do not own.",
            hint="Whoever runs the studio can type: manage.py password --user NAME",
        )
    with transaction.atomic():
        audit.record(by, "password.link", about=user.username)
        return make_link(user, SignInLink.PASSWORD)


def sign_in_link(user: User) -> str:
    """Return the secret of a new link that signs one browser in, once, within 24 hours."""
    return make_link(user, SignInLink.SIGN_IN)


def make_link(user: User, purpose: str) -> str:
    """Return the secret of a new link of that purpose, good once and for 24 hours."""
    secret = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        user=user,
        purpose=purpose,
        digest=digest_of(secret),
        expires_at=timezone.now() + LINK_LIVES,
    )
    return secret


def whose_link(secret: str, purpose: str) -> User:
    """Return whom a link is for that opens something still; refuses any other."""
    link = _fresh(secret, purpose).select_related("user").first()
    if link is None:
        raise _used_up(purpose)
    return link.user


def use_sign_in_link(secret: str, *, address: str = "") -> User:
    """Return whom the link signs in, and use it up; of two who come at once, one gets in."""
    with transaction.atomic():
        user = use_link(secret, SignInLink.SIGN_IN)
        audit.record(Actor.of_user(user, address), "sign_in.link")
    return user


def use_link(secret: str, purpose: str) -> User:
    """Return whom the link is for, and use it up, in the transaction of the caller."""
    user = whose_link(secret, purpose)
    if not _fresh(secret, purpose).update(used_at=timezone.now()):
        raise _used_up(purpose)
    return user


def forget_old_links(now: datetime) -> int:
    """Delete links that have long opened nothing; returns how many."""
    count, _ = SignInLink.objects.filter(expires_at__lt=now - LINK_LIVES).delete()
    return count


def _fresh(secret: str, purpose: str) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(
        digest=digest_of(secret),
        purpose=purpose,
        used_at=None,
        expires_at__gt=timezone.now(),
        user__is_active=True,
    )


def _used_up(purpose: str) -> Refused:
    if purpose == SignInLink.PASSWORD:
        return Refused(
            Code.NOT_FOUND, "This link was used already or has expired.", hint="Ask for a new one."
        )
    return Refused(
        Code.NOT_FOUND,
        "This sign-in link was used already or has expired.",
        hint="Start the studio again: it prints a new link.",
    )
