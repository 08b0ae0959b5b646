"""Bytes on disk that a deleted run has left, until it is known whether somebody else needs them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Leftover(models.Model):
    """A content by its sha256, or the logs of a run that is gone, by its former key.

    Written in the transaction that deletes the run, so that no crash forgets the bytes.
    """

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    sha256 = models.CharField(max_length=64, blank=True)
    logs_of = models.BigIntegerField(null=True)
    look_after = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["look_after"], name="leftover_due")]

    def __str__(self) -> str:
        return self.sha256 or f"logs of {self.logs_of}"
