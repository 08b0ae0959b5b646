"""Who comes in by single sign-on: somebody known, somebody who proves to be, or somebody new.

An e-mail alone opens no account: people write theirs into their profile themselves, so whoever had
written down another's would share an account with them. Who has the account's password connects it.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction

from runs.access import Actor
from runs.actions import accounts, audit, passwords, second_steps
from runs.actions.refused import Refused
from runs.actions.text import UNSTORABLE
from runs.actions.workspaces import add_member
from runs.models import Identity, User, Workspace
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

_STRANGE = re.compile(r"[^A-Za-z0-9_.@+-]+")
_TAKEN = "me"
_TRIES = 100


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a provider says of somebody. ``email`` is empty unless the provider has verified it."""

    issuer: str
    subject: str
    email: str
    name: str
    username: str

    @classmethod
    def of_claims(cls, claims: Mapping[str, Any]) -> Visitor:
        """Return who the claims are about."""
        email = _email(claims) if claims.get("email_verified") is True else ""
        username = _text(claims, "preferred_username", limits.USER_NAME)
        name = _text(claims, "name", limits.USER_NAME)
        return cls(claims["iss"], claims["sub"], email, name, username)

    def as_dict(self) -> dict[str, str]:
        """Return it as a session keeps it."""
        return asdict(self)


def arrive(visitor: Visitor, *, address: str) -> User | None:
    """Return who this is, made now if the settings say so; None if they have to prove it first.

    Raises:
        Refused: nobody who may sign in here.
    """
    _check_domain(visitor)
    known = Identity.objects.filter(issuer=visitor.issuer, subject=visitor.subject)
    identity = known.select_related("user").first()
    if identity is not None:
        if not identity.user.is_active:
            raise _closed("Your account here is closed.", "Ask an owner of your workspace.")
        audit.record(Actor.of_user(identity.user, address), "sign_in.single_sign_on")
        return identity.user
    if not visitor.email:
        raise _closed(
            "The provider does not say that your e-mail address is verified.",
            "Verify it there, or sign in with your password.",
        )
    if namesake(visitor) is not None:
        return None
    if not settings.OIDC_MAKE_USERS:
        raise _closed(
            f"Nobody here has the e-mail address {visitor.email}.",
            "Ask an owner for an invitation; or, if you have an account, sign in with its password "
            "and write this address into your profile.",
        )
    return _make(visitor, address)


def namesake(visitor: Visitor) -> User | None:
    """Return who has the visitor's e-mail address here, and could be them; None if nobody has.

    Raises:
        Refused: several have it, they have no password to prove it by, or another identity.
    """
    found = list(User.objects.filter(email__iexact=visitor.email, is_active=True)[:2])
    if not found:
        return None
    if len(found) > 1:
        reason = f"Several accounts here have the e-mail address {visitor.email}."
        raise _closed(reason, "Sign in with a password.")
    user = found[0]
    if user.identities.filter(issuer=visitor.issuer).exists():
        reason = "The account here with your e-mail address belongs to somebody else there."
        raise _closed(reason, "Whoever has it can disconnect it in their profile.")
    if not user.has_usable_password():
        raise _closed(
            "There is an account with your e-mail address here, which has no password yet.",
            "Come in by a link, set a password, and try again.",
        )
    return user


def connect(visitor: Visitor, password: str, code: str, *, address: str) -> User:
    """Return whose account this is from now on, proved by its password and second step.

    Raises:
        Refused: one of them is wrong, or nobody here could be the visitor any more.
    """
    user = namesake(visitor)
    if user is None:
        raise _closed("There is no such account any more.", "Begin again.")
    user = passwords.sign_in(user.username, password, address=address)
    if second_steps.is_on(user):
        second_steps.check(user, code, address=address)
    try:
        with transaction.atomic():
            Identity.objects.create(user=user, issuer=visitor.issuer, subject=visitor.subject)
            audit.record(Actor.of_user(user, address), "account.connect", about=user.username)
    except IntegrityError:
        raise _closed("Somebody was quicker to connect it.", "Begin again.") from None
    return user


def disconnect(user: User, password: str, *, by: Actor) -> None:
    """Let nobody in by single sign-on as this person any more.

    Raises:
        Refused: the password is wrong, or they have none: then they could not come in at all.
    """
    passwords.confirm(user, password, by=by)
    with transaction.atomic():
        if user.identities.all().delete()[0]:
            audit.record(by, "account.disconnect", about=user.username)


def is_connected(user: User) -> bool:
    """Whether this person comes in by the provider of the settings."""
    return user.identities.filter(issuer=settings.OIDC_ISSUER).exists()


def _make(visitor: Visitor, address: str) -> User:
    with transaction.atomic():
        user = _with_free_name(visitor)
        Identity.objects.create(user=user, issuer=visitor.issuer, subject=visitor.subject)
        by = Actor.of_user(user, address)
        audit.record(by, "account.make", about=user.username, after={"by": "single sign-on"})
        for name, role in settings.OIDC_ROLES.items():
            workspace = Workspace.objects.filter(name=name, archived_at=None).first()
            if workspace is not None:
                add_member(workspace, user, Role(role))
                told = {"role": role, "by": "single sign-on"}
                audit.record(
                    by, "member.join", workspace=workspace, about=user.username, after=told
                )
        audit.record(by, "sign_in.single_sign_on")
    return user


def _with_free_name(visitor: Visitor) -> User:
    wanted = visitor.username or visitor.email.partition("@")[0]
    wanted = _STRANGE.sub("-", wanted).lstrip("_.@+-")[: limits.USER_NAME - 3] or "somebody"
    for number in range(1, _TRIES):
        name = wanted if number == 1 else f"{wanted}-{number}"
        if name.casefold() == _TAKEN or User.objects.filter(username__iexact=name).exists():
            continue
        try:
            with transaction.atomic():
                return accounts.create_user(name, name=visitor.name, email=visitor.email)
        except IntegrityError:
            continue
    raise _closed("No user name is free for you.", "Ask an owner for an invitation.")


def _check_domain(visitor: Visitor) -> None:
    """Refuse whose address is of no domain that is meant; asked each time, for people move on."""
    domains = settings.OIDC_DOMAINS
    if not domains or "*" in domains:
        return
    if visitor.email.rpartition("@")[2].casefold() not in domains:
        raise _closed(
            "Only verified e-mail addresses of " + ", ".join(domains) + " come in here.",
            "Sign in there with another account.",
        )


def _email(claims: Mapping[str, Any]) -> str:
    try:
        return accounts.check_email(_text(claims, "email", limits.EMAIL))
    except Refused:
        return ""


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    found = claims.get(name)
    fits = isinstance(found, str) and len(found) <= longest and not UNSTORABLE.search(found)
    return found.strip() if fits and isinstance(found, str) else ""


def _closed(reason: str, hint: str) -> Refused:
    return Refused(Code.FORBIDDEN, reason, hint=hint)
