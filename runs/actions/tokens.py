"""API tokens. The studio keeps only their hashes."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from runs.actions.refused import Refused
from runs.models import ApiToken
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.models import ComputeTarget, Run, User

PREFIX = "stu_"
_SHAPE = re.compile(r"stu_[A-Za-z0-9_-]{43}")
_SHOWN = 12


def issue(
    user: User,
    name: str,
    *,
    run: Run | None = None,
    target: ComputeTarget | None = None,
    days: float | None = 365,
) -> str:
    """Return a new token in plain text: the only time that anybody sees it."""
    plain = PREFIX + secrets.token_urlsafe(32)
    _keep(user, name, plain, run=run, target=target, days=days)
    return plain


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
    return (
        ApiToken.objects.select_related("user", "run__workspace", "target__workspace")
        .filter(digest=digest_of(plain))
        .first()
    )


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
) -> ApiToken:
    return ApiToken.objects.create(
        user=user,
        name=name[:100],
        prefix=plain[:_SHOWN],
        digest=digest_of(plain),
        run=run,
        target=target,
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
