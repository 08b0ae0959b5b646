"""What the worker does for alerts, done at once."""

from __future__ import annotations

import secrets

from django.utils import timezone

from runs.access import Actor
from runs.actions import metrics
from runs.actions.metrics import Row
from runs.alerts import levels, matching, sending
from runs.models import AlertRule, Delivery, DeliveryItem, Run


def match() -> None:
    """Hold all rules against all that happened."""
    while matching.match_waiting():
        pass
    while levels.look():
        pass


def send() -> int:
    """Send all that is due; returns how many tries that took."""
    holder = secrets.token_hex(16)
    tries = 0
    while sending.send_next(holder):
        tries += 1
    return tries


def work() -> int:
    """Match and send."""
    match()
    return send()


def wait_for_all() -> None:
    """Let the time come at which each message is due."""
    Delivery.objects.filter(next_at__gt=timezone.now()).update(next_at=timezone.now())


def told(rule: AlertRule) -> list[tuple[str, str]]:
    """Return what a rule has told: runs and statuses, in order."""
    rows = DeliveryItem.objects.filter(delivery__rule=rule).order_by("pk")
    return list(rows.values_list("run__display_name", "to_status"))


def log(run: Run, by: Actor, name: str, *values: float, session: str = "s") -> None:
    """Log values of a metric, one a step."""
    rows = [Row(name, value, step=step) for step, value in enumerate(values)]
    metrics.append(run, by=by, session=session, sequence=0, rows=rows)
