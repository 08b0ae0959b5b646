"""Answers kept for callers who may ask the same thing twice."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class KeptAnswer(models.Model):
    """What one token was answered to one Idempotency-Key; ``fingerprint`` is the request's sha256."""

    token = models.ForeignKey("runs.ApiToken", models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token", "key"], name="one_answer_per_key")
        ]
        indexes: ClassVar = [models.Index(fields=["token", "created_at"], name="answer_age")]

    def __str__(self) -> str:
        return self.key
