"""Who somebody is at the provider of single sign-on."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Identity(models.Model):
    """A person's account at a provider, known by what never changes: its issuer and its subject."""

    user = models.ForeignKey("runs.User", models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_person_per_identity"),
            models.UniqueConstraint(fields=["user", "issuer"], name="one_identity_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.issuer}"
