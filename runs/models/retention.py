"""Rules by which a workspace deletes old runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from runs.models.scoped import ScopedQuerySet
from studio.contract import limits


class RetentionRule(models.Model):
    """Runs that ``query`` means go into the bin once they have ended so many ``days`` ago.

    ``created_by`` is who answers for it: the runs are deleted in that person's name. ``looked_at`` is when
    the worker looked last, and ``task`` what it began then; ``problem`` says why the rule was switched off.
    """

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="retention_rules", db_index=False
    )
    created_by = models.ForeignKey("runs.User", models.PROTECT, related_name="+")
    query = models.CharField(max_length=limits.ALERT_QUERY, blank=True)
    days = models.PositiveIntegerField()
    enabled = models.BooleanField(default=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    looked_at = models.DateTimeField(null=True)
    task = models.ForeignKey("runs.Task", models.SET_NULL, null=True, related_name="+")

    objects = ScopedQuerySet["RetentionRule"].as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "id"], name="retention_list")]

    def __str__(self) -> str:
        return f"{self.query or 'all runs'} after {self.days} days"
