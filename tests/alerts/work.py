"""What the worker does for alerts, done at once."""

from __future__ import annotations

import secrets

from django.utils import timezone

from runs.alerts import levels, matching, sending
from runs.models import Delivery


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
