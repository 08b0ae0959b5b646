"""What a message tells, read from the outbox at the moment that it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from runs.alerts import words

if TYPE_CHECKING:
    from datetime import datetime

    from runs.models import Delivery, DeliveryItem, Run


@dataclass(frozen=True, slots=True)
class Told:
    """What happened to one run; times and errors are those that the run has now."""

    number: int
    run: Run
    at: datetime
    status: str
    before: str
    note: str
    duration: str
    error: str
    link: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message: the first of what it tells, and how much there is in all."""

    delivery: Delivery
    told: list[Told]
    total: int
    summary: str
    link: str
    alerts: str

    @property
    def is_test(self) -> bool:
        """Whether somebody only wants to see that it arrives."""
        return self.delivery.is_test

    @property
    def workspace(self) -> str:
        """The workspace's name."""
        return str(self.delivery.workspace.name)


def message(delivery: Delivery, most: int) -> Message:
    """Return what a delivery tells; of more than ``most`` things only the first."""
    items = delivery.items.select_related("run__experiment", "run__workspace", "run__created_by")
    told = [_told(item.event or item.pk, item.run, item) for item in items.order_by("pk")[:most]]
    statuses = delivery.items.order_by().values_list("to_status", flat=True)
    place = delivery.workspace.name
    return Message(
        delivery=delivery,
        told=told,
        total=len(statuses),
        summary=words.many(statuses),
        link=address("runs", place),
        alerts=address("alerts", place),
    )


def address(name: str, *parts: str) -> str:
    """Return the whole address of a page: built from the studio's own, never from a request."""
    return f"{settings.PUBLIC_URL}{reverse(name, args=parts)}"


def _told(number: int, run: Run, item: DeliveryItem) -> Told:
    error = (run.error or {}).get("error", {}).get("message", "")
    return Told(
        number=number,
        run=run,
        at=item.at,
        status=item.to_status,
        before=item.from_status,
        note=item.note,
        duration=words.duration(run.duration),
        error=str(error),
        link=address("run", run.workspace.name, run.run_id),
    )
