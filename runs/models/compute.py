"""Where submitted scripts run, and who starts them there."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from runs.models.scoped import ScopedQuerySet


class ComputeTarget(models.Model):
    """A named place for runs; at most ``max_runs`` run there at once, the others wait in its queue."""

    workspace = models.ForeignKey("runs.Workspace", models.CASCADE, related_name="compute_targets")
    name = models.CharField(max_length=63)
    kind = models.CharField(max_length=16, default="local")
    max_runs = models.PositiveIntegerField(default=2)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet["ComputeTarget"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="one_target_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """A process that leases runs for one compute target; known by its name, seen at its last call."""

    target = models.ForeignKey(ComputeTarget, models.CASCADE, related_name="agents")
    name = models.CharField(max_length=255)
    host = models.CharField(max_length=255, blank=True)
    boot_id = models.CharField(max_length=64, blank=True)
    version = models.CharField(max_length=32, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["target", "name"], name="one_agent_per_name")
        ]

    def __str__(self) -> str:
        return self.name
