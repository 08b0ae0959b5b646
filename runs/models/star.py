"""Runs at hand."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class RunStar(models.Model):
    """A run that somebody wants at hand."""

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="stars", db_index=False)
    user = models.ForeignKey("runs.User", models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "run"], name="one_run_star_per_person")
        ]
        indexes: ClassVar = [models.Index(fields=["run"], name="star_of_run")]

    def __str__(self) -> str:
        return f"{self.user_id} stars {self.run_id}"
