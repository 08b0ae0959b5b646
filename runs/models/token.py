"""Keys: API tokens and one-time sign-in links. Only their hashes are stored."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from studio.contract.words import Scope

ALL_SCOPES = " ".join(Scope)


class ApiToken(models.Model):
    """A bearer token.

    With ``run`` it may touch that run and its children only, with ``target`` it is an agent's; any
    other is its person's, as far as ``scopes`` go: words with a space between them.
    """

    user = models.ForeignKey("runs.User", models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    scopes = models.CharField(max_length=32, default=ALL_SCOPES)
    digest = models.CharField(max_length=64, unique=True)
    run = models.ForeignKey("runs.Run", models.CASCADE, null=True, related_name="api_tokens")
    target = models.ForeignKey(
        "runs.ComputeTarget", models.CASCADE, null=True, related_name="api_tokens"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def is_live(self) -> bool:
        """Whether the token still opens anything."""
        return self.revoked_at is None and (
            self.expires_at is None or self.expires_at > timezone.now()
        )


class SignInLink(models.Model):
    """A link that works once: it signs one browser in, or lets its person set a new password."""

    SIGN_IN = "sign_in"
    PASSWORD = "password"  # noqa: S105 (a purpose, no secret)

    user = models.ForeignKey("runs.User", models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=16, default=SIGN_IN)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for {self.user_id}"
