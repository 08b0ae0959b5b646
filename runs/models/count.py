"""How many runs there are of each kind: kept, because to count a million takes too long."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from runs.models.run import STATUSES, Shelf
from runs.models.scoped import ScopedQuerySet


class RunCount(models.Model):
    """The number of runs of a workspace in one status and on one shelf, child runs apart.

    Each run knows by which row it is counted: ``Run.counted_in``. Kept by ``runs.actions.counting``.
    """

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    shelf = models.PositiveSmallIntegerField(choices=Shelf.choices)
    is_child = models.BooleanField()
    status = models.CharField(max_length=32, choices=STATUSES)
    number = models.BigIntegerField(default=0)

    objects = ScopedQuerySet["RunCount"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "shelf", "is_child", "status"], name="one_count_per_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.status}"
