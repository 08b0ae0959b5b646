"""A copy of the source directory."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from runs.models.scoped import ScopedQuerySet


class Snapshot(models.Model):
    """The files of a source directory: path to sha256, size and executable bit.

    ``snapshot_id`` is the sha256 of the manifest, so an unchanged folder is the same snapshot.
    ``complete`` is false until every content has arrived.
    """

    workspace = models.ForeignKey("runs.Workspace", models.CASCADE, related_name="snapshots")
    snapshot_id = models.CharField(max_length=64)
    manifest = models.JSONField()
    size = models.PositiveBigIntegerField()
    complete = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet["Snapshot"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "snapshot_id"], name="one_snapshot_per_content"
            )
        ]

    def __str__(self) -> str:
        return self.snapshot_id
