"""Files of a run: finished ones, stored by content, and logs, which grow."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from studio.contract import limits


class RunFile(models.Model):
    """A name in a run for a content; the bytes lie in the blob store under their sha256."""

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="files", db_index=False)
    path = models.CharField(max_length=limits.FILE_PATH)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "path"], name="one_file_per_path")
        ]
        indexes: ClassVar = [models.Index(fields=["sha256"], name="file_content")]

    def __str__(self) -> str:
        return self.path


class LogFile(models.Model):
    """A log that grows; ``size`` bytes of it are committed, whatever lies behind them on disk is not.

    ``is_searched`` says that its document for ``log:`` knows all of them, ``is_full`` that its run's logs
    have all that they may have: its last line says so, and nothing is added to it any more.
    """

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="logs", db_index=False)
    path = models.CharField(max_length=limits.FILE_PATH)
    size = models.PositiveBigIntegerField(default=0)
    lines = models.PositiveBigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)
    is_searched = models.BooleanField(default=False)
    is_full = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "path"], name="one_log_per_path")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], name="log_unsearched", condition=models.Q(is_searched=False)
            )
        ]

    def __str__(self) -> str:
        return self.path
