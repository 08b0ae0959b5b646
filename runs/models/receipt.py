"""How much of what a sender sent has been stored."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Receipt(models.Model):
    """The high-water mark of one sender: rows of metrics, or bytes of a log, stored so far.

    Moved in the same transaction as the data, so that sending again is harmless.
    """

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="receipts", db_index=False)
    stream = models.CharField(max_length=1_100)
    session = models.CharField(max_length=64)
    received = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "stream", "session"], name="one_receipt_per_sender"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.session}: {self.received}"
