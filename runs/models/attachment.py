"""Files that people add to what they write about a run."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from studio.contract import limits


class Attachment(models.Model):
    """A name in a run's description for a content; the bytes lie in the blob store."""

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="attachments", db_index=False)
    name = models.CharField(max_length=limits.ATTACHMENT_NAME)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey("runs.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "name"], name="one_attachment_per_name")
        ]
        indexes: ClassVar = [models.Index(fields=["sha256"], name="attachment_content")]

    def __str__(self) -> str:
        return self.name
