"""Signed-in browsers, each known to its person; and attempts to get in, which are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from runs.sessions import SessionStore


class SessionManager(BaseSessionManager["Session"]):
    """Sessions by their key."""


class Session(AbstractBaseSession):
    """One browser. ``user`` has signed in with it, if anybody has."""

    user = models.ForeignKey("runs.User", models.CASCADE, null=True, related_name="sessions")

    objects: ClassVar[SessionManager] = SessionManager()

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """Return what reads and writes these rows."""
        from runs.sessions import SessionStore

        return SessionStore


class Attempt(models.Model):
    """One attempt that counts against a limit, such as the sign-ins to one account.

    ``gate`` holds a hash: people type passwords where names belong.
    """

    gate = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["gate", "at"], name="attempts_at_a_gate")]

    def __str__(self) -> str:
        return f"{self.gate[:8]} at {self.at}"
