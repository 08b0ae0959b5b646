"""What proves a person besides their password. No key is stored, and of recovery codes only hashes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SecondStep(models.Model):
    """A person's authenticator app. ``salt`` makes its key from the studio's own.

    ``last_step`` is the step of time of the code that was used last: none of it or before it counts.
    """

    user = models.OneToOneField("runs.User", models.CASCADE, related_name="second_step")
    salt = models.CharField(max_length=43)
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"second step of {self.user_id}"


class RecoveryCode(models.Model):
    """A code that stands in for the app, once."""

    user = models.ForeignKey("runs.User", models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "digest"], name="one_recovery_code")
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"
