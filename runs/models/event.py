"""What happened to a run: history, live feed and outbox at once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from studio.contract import words

KINDS = [(kind.value, kind.value) for kind in words.EventKind]


class RunEvent(models.Model):
    """One change of one run: when, who, what from and to, and why in words.

    ``kind`` status has ``from_status`` and ``to_status``; kind step carries ``data["step"]``, one of
    ``words.Step``; kind edit carries ``data`` with what was before and after; of kind comment the
    ``reason`` is what somebody said. ``for_alerts``: the rules of alerts have yet to be held against it.
    """

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=16)
    actor_name = models.CharField(max_length=255)
    user = models.ForeignKey("runs.User", models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=16, choices=KINDS)
    from_status = models.CharField(max_length=32, blank=True)
    to_status = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    # Null in rows that were there before: to fill them would write a million rows anew.
    for_alerts = models.BooleanField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(for_alerts=True), name="event_for_alerts"),
            models.Index(
                fields=["to_status", "at"], condition=Q(kind="status"), name="event_to_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.to_status or self.reason}"
