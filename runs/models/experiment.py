"""A named group of runs."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from runs.models.scoped import ScopedQuerySet
from studio.contract import limits

# Every workspace has this one from the start: MLflow's clients log there when they are told nothing.
DEFAULT_NUMBER, DEFAULT_NAME = 0, "Default"


class ExperimentQuerySet(ScopedQuerySet["Experiment"]):
    """Experiments, and the words for some of them."""

    def active(self) -> Self:
        """Return those that are not archived; of these a name stands for one only."""
        return self.filter(archived_at=None)

    def listed(self) -> Self:
        """Return those that lists show: not the Default experiment before somebody uses it."""
        return self.exclude(number=DEFAULT_NUMBER, last_run_number=0)

    def archived(self) -> Self:
        """Return those that are archived."""
        return self.exclude(archived_at=None)


class Experiment(models.Model):
    """A named group of runs in one workspace, made on the first use of its name.

    ``number`` counts the experiments of the workspace; 0 is the one that each has from the start.
    ``last_run_number`` is the number of the newest run; the next run takes one more.
    ``changed_at`` is when somebody last changed what people write on it.
    """

    workspace = models.ForeignKey("runs.Workspace", models.CASCADE, related_name="experiments")
    name = models.CharField(max_length=limits.EXPERIMENT_NAME)
    number = models.PositiveIntegerField()
    description = models.TextField(blank=True)
    tags = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    last_run_number = models.PositiveIntegerField(default=0)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=models.Q(archived_at=None),
                name="one_active_experiment_per_name",
            ),
            models.UniqueConstraint(
                fields=["workspace", "number"], name="one_experiment_per_number"
            ),
        ]

    def __str__(self) -> str:
        return self.name
