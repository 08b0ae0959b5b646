"""The browsers that a person has signed in with."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.utils import timezone

from runs import access
from runs.actions import audit
from runs.models import Session

if TYPE_CHECKING:
    from datetime import datetime

    from runs.access import Actor
    from runs.models import User


def of(user: User) -> list[Session]:
    """Return a person's sessions that live, the newest first."""
    live = Session.objects.filter(user=user, expire_date__gt=timezone.now())
    return list(live.order_by("-expire_date"))


def public_id(key: str) -> str:
    """Return what a page may call a session: its key opens it."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def end(user: User, told: str, *, by: Actor) -> None:
    """End the session that the page calls so.

    Raises:
        Refused: this person has none of that name.
    """
    found = next((each for each in of(user) if public_id(each.session_key) == told), None)
    if found is None:
        raise access.not_found("session", told)
    found.delete()
    audit.record(by, "session.end", about=user.username)


def end_all(user: User, *, by: Actor, keep: str = "") -> int:
    """End all of a person's sessions but the one with the key ``keep``; returns how many."""
    others = Session.objects.filter(user=user).exclude(session_key=keep)
    count, _ = others.delete()
    if count:
        audit.record(by, "session.end_all", about=user.username, after={"ended": count})
    return count


def forget_old(now: datetime) -> int:
    """Delete what nobody can use any more; returns how many."""
    count, _ = Session.objects.filter(expire_date__lt=now).delete()
    return count
