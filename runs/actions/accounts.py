"""People, and the one-time links that sign them in."""

from __future__ import annotations

import getpass
import secrets
from datetime import timedelta

from django.utils import timezone

from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.actions.tokens import digest_of
from runs.models import SignInLink, User
from studio.contract.errors import Code

LINK_LIVES = timedelta(hours=24)


def create_user(username: str, *, name: str = "", email: str = "") -> User:
    """Return a new person without a password; refuses a name that is taken."""
    check_text(username, "username", 150, shortest=1)
    check_text(name, "name", 150)
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


def sign_in_link(user: User) -> str:
    """Return the secret of a new link that signs one browser in, once, within 24 hours."""
    secret = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        user=user, digest=digest_of(secret), expires_at=timezone.now() + LINK_LIVES
    )
    return secret


def use_sign_in_link(secret: str) -> User:
    """Return whom the link signs in, and use it up; of two who come at once, one gets in."""
    now = timezone.now()
    fresh = SignInLink.objects.filter(
        digest=digest_of(secret), used_at=None, expires_at__gt=now, user__is_active=True
    )
    link = fresh.select_related("user").first()
    if link is None or not fresh.filter(pk=link.pk).update(used_at=now):
        raise Refused(
            Code.NOT_FOUND,
            "This sign-in link was used already or has expired.",
            hint="Start the studio again: it prints a new link.",
        )
    return link.user
