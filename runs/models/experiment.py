"""A named group of runs."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from runs.models.scoped import ScopedQuerySet
from studio.contract import limits


class ExperimentQuerySet(ScopedQuerySet["Experiment"]):
    """Experiments, and the words for some of them."""

    def active(self) -> Self:
        """Return those that are not archived; of these a name stands for one only."""
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        """Return those that are archived."""
        return self.exclude(archived_at=None)


class Experiment(models.Model):
    """A named group of runs in one workspace, made on the first use of its name.

    ``last_run_number`` is the number of the newest run; the next run takes one more.
    """

    workspace = models.ForeignKey("runs.Workspace", models.CASCADE, related_name="experiments")
    name = models.CharField(max_length=limits.EXPERIMENT_NAME)
    description = models.TextField(blank=True)
    tags = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    last_run_number = models.PositiveIntegerField(default=0)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=models.Q(archived_at=None),
                name="one_active_experiment_per_name",
            )
        ]

    def __str__(self) -> str:
        return self.name
