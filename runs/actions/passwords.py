"""Passwords: signing in with one, setting it, and links by which a new one is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from runs.access import Actor
from runs.actions import accounts, audit, sessions
from runs.actions.refused import Refused
from runs.actions.text import UNSTORABLE, check_text
from runs.actions.throttle import Gate, attempt, forgive
from runs.models import SignInLink, User
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 1_024
A_MINUTE_FOR_AN_ACCOUNT, A_MINUTE_FROM_AN_ADDRESS = 5, 20


def sign_in(username: str, password: str, *, address: str) -> User:
    """Return whom name and password belong to.

    Raises:
        Refused: they belong to nobody who may sign in, or there were too many attempts.
    """
    tries = attempt(*_gates(username, address))
    nobody = Actor("nobody", username, address=address)
    could_be = _is_text(username, limits.USER_NAME) and _is_text(password, LONGEST)
    user = authenticate(username=username, password=password) if could_be else None
    if not isinstance(user, User):
        audit.record(nobody, "sign_in.fail")
        raise Refused(
            Code.BAD_REQUEST,
            "There is no account with this user name and password.",
            hint="Whoever has no password yet signs in by a link.",
        )
    forgive(tries)
    audit.record(Actor.of_user(user, address), "sign_in.password")
    return user


def change(user: User, *, current: str, new: str, by: Actor, keep: str = "") -> None:
    """Set a new password of a person; every session but the one called ``keep`` ends.

    ``current`` is asked of whoever has one.

    Raises:
        Refused: the current one is wrong, or the new one too weak.
    """
    had_one = user.has_usable_password()
    if user.signs_in_elsewhere():
        reason = "You come in by single sign-on, and have no password here."
        raise Refused(
            Code.CONFLICT, reason, hint="An owner of your workspaces can make a link to one."
        )
    if had_one:
        confirm(user, current, by=by)
    with transaction.atomic():
        store(user, new)
        sessions.end_all(user, by=by, keep=keep)
        audit.record(by, "password.change" if had_one else "password.set", about=user.username)


def confirm(user: User, current: str, *, by: Actor) -> None:
    """Ask who has signed in for their password once more.

    Raises:
        Refused: it is wrong, they have none, or there were too many attempts.
    """
    if not user.has_usable_password():
        reason = "You have no password yet."
        raise Refused(Code.CONFLICT, reason, field="current", hint="Set one first.")
    tries = attempt(*_gates(user.username, by.address))
    if not _is_text(current, LONGEST) or not user.check_password(current):
        reason = "This is not your current password."
        raise Refused(Code.BAD_REQUEST, reason, field="current")
    forgive(tries)


def put(user: User, new: str, *, by: Actor) -> None:
    """Set a person's password for them, and end all their sessions.

    Raises:
        Refused: it is too weak.
    """
    with transaction.atomic():
        store(user, new)
        sessions.end_all(user, by=by)
        audit.record(by, "password.set", about=user.username)


def store(user: User, new: str, field: str = "new") -> None:
    """Store a password; refuses one that is too weak, by the name of its field."""
    check_text(new, field, LONGEST)
    try:
        validate_password(new, user)
    except ValidationError as weak:
        raise Refused(Code.BAD_REQUEST, " ".join(weak.messages), field=field) from None
    user.set_password(new)
    user.save(update_fields=["password"])


def unlike() -> Refused:
    """Return the refusal of a new password that was typed in two ways."""
    return Refused(Code.BAD_REQUEST, "The two new passwords are not the same.", field="again")


def ask_reset(told: str, *, address: str, send: Callable[[User, str], None]) -> None:
    """Have a link sent to the person of that user name or e-mail, if there is one who has an e-mail.

    Nobody learns from the answer who has an account.

    Raises:
        Refused: there were too many attempts.
    """
    attempt(
        Gate("reset of an account", told, A_MINUTE_FOR_AN_ACCOUNT),
        Gate("reset from an address", address, A_MINUTE_FROM_AN_ADDRESS),
    )
    if not _is_text(told, limits.EMAIL):
        return
    named = Q(username__iexact=told) | Q(email__iexact=told)
    for user in User.objects.filter(named, is_active=True).exclude(email=""):
        if user.signs_in_elsewhere():
            continue
        secret = accounts.make_link(user, SignInLink.PASSWORD)
        audit.record(Actor("nobody", told, address=address), "password.ask", about=user.username)
        send(user, secret)


def reset(secret: str, new: str, *, address: str) -> User:
    """Set the password of whom the link is for, use the link up, and end all their sessions.

    Raises:
        Refused: the link opens nothing, or the password is too weak; the link is good for another.
    """
    with transaction.atomic():
        user = accounts.use_link(secret, SignInLink.PASSWORD)
        SignInLink.objects.filter(user=user, used_at=None).delete()
        put(user, new, by=Actor.of_user(user, address))
    return user


def _is_text(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and not UNSTORABLE.search(text)


def _gates(username: str, address: str) -> tuple[Gate, Gate]:
    return (
        Gate("sign-in to an account", username, A_MINUTE_FOR_AN_ACCOUNT),
        Gate("sign-in from an address", address, A_MINUTE_FROM_AN_ADDRESS),
    )
