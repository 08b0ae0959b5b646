"""API tokens. The studio keeps only their hashes."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from runs import access
from runs.actions import audit
from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.models import ApiToken
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from runs.access import Actor
    from runs.models import ComputeTarget, Run, User

PREFIX = "stu_"
_SHAPE = re.compile(r"stu_[A-Za-z0-9_-]{43}")
_SHOWN = 12
_LONGEST_DAYS = 3_650


def issue(
    user: User,
    name: str,
    *,
    run: Run | None = None,
    target: ComputeTarget | None = None,
    days: float | None = limits.TOKEN_DAYS,
    scopes: Iterable[Scope] = Scope,
) -> str:
    """Return a new token in plain text: the only time that anybody sees it."""
    plain = PREFIX + secrets.token_urlsafe(32)
    _keep(user, name, plain, run=run, target=target, days=days, scopes=scopes)
    return plain


def make(
    user: User, name: str, *, by: Actor, scopes: Collection[str], days: float | None
) -> tuple[str, ApiToken]:
    """Return a new token of a person's own in plain text, this once, and what is kept of it.

    Raises:
        Refused: no name, no scope or an unknown one, days out of bounds, too many tokens.
    """
    check_text(name, "name", limits.TOKEN_NAME, shortest=1)
    known = [scope for scope in Scope if scope in scopes]
    if not known or len(known) != len(set(scopes)):
        reason = f"A token needs a scope; there are {', '.join(Scope)}."
        raise Refused(Code.BAD_REQUEST, reason, field="scopes")
    if days is not None and not 1 <= days <= _LONGEST_DAYS:
        reason = f"A token lives 1 to {_LONGEST_DAYS:,} days, or until it is revoked."
        raise Refused(Code.BAD_REQUEST, reason, field="days")
    with transaction.atomic():
        if len(of(user)) >= limits.TOKENS_PER_PERSON:
            reason = f"There are {limits.TOKENS_PER_PERSON} tokens, which is the most there can be."
            raise Refused(Code.CONFLICT, reason, field="name", hint="Revoke one that nobody uses.")
        plain = issue(user, name, days=days, scopes=known)
        token = ApiToken.objects.get(digest=digest_of(plain))
        after = {"name": name, "scopes": token.scopes, "days": days}
        audit.record(by, "token.make", about=token.prefix, after=after)
    return plain, token


def of(user: User) -> list[ApiToken]:
    """Return a person's own tokens that live; those of runs and agents are not theirs to care for."""
    mine = ApiToken.objects.filter(user=user, run=None, target=None, revoked_at=None)
    return [token for token in mine.order_by("-id") if token.is_live]


def revoke_own(user: User, number: str, *, by: Actor) -> ApiToken:
    """End one of a person's own tokens; returns it.

    Raises:
        Refused: this person has none of that number.
    """
    token = next((each for each in of(user) if str(each.pk) == number), None)
    if token is None:
        raise access.not_found("token", number)
    with transaction.atomic():
        revoke(token)
        audit.record(by, "token.revoke", about=token.prefix, before={"name": token.name})
    return token


def adopt(user: User, name: str, plain: str) -> ApiToken:
    """Keep a token that came from outside; refuses one that is not as strong as ours."""
    if not _SHAPE.fullmatch(plain):
        raise Refused(
            Code.BAD_REQUEST,
            f"A token is {PREFIX} and 43 letters, digits, - or _.",
            field="STUDIO_BOOTSTRAP_TOKEN",
        )
    return _keep(user, name, plain, days=None)


def find(plain: str) -> ApiToken | None:
    """Return the token that this text is, with what its actor needs; None for any other text."""
    if not _SHAPE.fullmatch(plain):
        return None
    known = ApiToken.objects.filter(digest=digest_of(plain))
    token = known.select_related("user").first()
    # Most tokens are a person's own; to fetch what the others are bound to would double their price.
    if token is None or (token.run_id is None and token.target_id is None):
        return token
    return known.select_related("user", "run__workspace", "target__workspace").first()


def revoke(token: ApiToken) -> None:
    """End a token now."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])


def digest_of(secret: str) -> str:
    """Return what is kept of a secret. It has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _keep(
    user: User,
    name: str,
    plain: str,
    *,
    run: Run | None = None,
    target: ComputeTarget | None = None,
    days: float | None,
    scopes: Iterable[Scope] = Scope,
) -> ApiToken:
    return ApiToken.objects.create(
        user=user,
        name=name[:100],
        prefix=plain[:_SHOWN],
        digest=digest_of(plain),
        scopes=" ".join(scopes),
        run=run,
        target=target,
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
