"""Runs that have fallen silent: what the worker does about them every second."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from runs.access import Actor
from runs.actions import lifecycle
from runs.actions.refused import Refused
from runs.models import Run
from studio.contract.words import WAITING, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WORKER = Actor.system("worker")
# A pause longer than this between two looks means that this machine itself slept.
_PAUSE = timedelta(seconds=15)
_AT_ONCE = 500


class Watch:
    """Looks for silence, and counts none before it began to listen itself.

    After a restart of the studio or a sleep of its machine every run seems silent, so each gets its
    full time again.
    """

    def __init__(self) -> None:
        self._listening_since = self._looked_at = timezone.now()

    def look(self) -> int:
        """Close or mark what is silent; returns how many runs changed."""
        now = timezone.now()
        if now - self._looked_at > _PAUSE:
            self._listening_since = now
        self._looked_at = now
        return sweep(now, listening_since=self._listening_since)


def sweep(now: datetime, *, listening_since: datetime) -> int:
    """Do once what silence asks for; returns how many runs changed."""
    changed = 0
    silent = timedelta(seconds=settings.RUN_SILENT_SECONDS)
    lost = timedelta(seconds=settings.RUN_LOST_SECONDS)
    if now - listening_since > silent:
        changed += _each(_running(now - silent), lambda run: lifecycle.lose(run, by=WORKER))
    if now - listening_since > lost:
        minutes = f"{settings.RUN_LOST_SECONDS / 60:g} minutes"
        changed += _each(_gone(now - lost), lambda run: _give_up(run, minutes))
        changed += _each(_unanswered(now - lost), _close_cancel)
        changed += _each(_never_started(now - lost), lambda run: _never(run, minutes))
    return changed


def _each(runs: Iterable[Run], change: Callable[[Run], None]) -> int:
    changed = 0
    for run in runs:
        try:
            change(run)
        except Refused:
            # It moved on by itself between our look and our change.
            continue
        changed += 1
    return changed


def _running(before: datetime) -> list[Run]:
    return list(Run.objects.in_status(Status.RUNNING).filter(last_beat_at__lt=before)[:_AT_ONCE])


def _gone(before: datetime) -> list[Run]:
    silent = Run.objects.in_status(Status.NOT_RESPONDING, Status.FINALIZING)
    return list(silent.filter(supervised=True, last_beat_at__lt=before)[:_AT_ONCE]) + list(
        Run.objects.in_status(Status.NOT_RESPONDING).filter(
            supervised=False, last_beat_at__lt=before
        )[:_AT_ONCE]
    )


def _unanswered(before: datetime) -> list[Run]:
    asked = Run.objects.in_status(Status.CANCEL_REQUESTED).filter(cancel_requested_at__lt=before)
    silent = Q(last_beat_at=None) | Q(last_beat_at__lt=before)
    return list(asked.filter(silent)[:_AT_ONCE])


def _never_started(before: datetime) -> list[Run]:
    """Return submitted runs that were taken and then left, or that nobody came to take.

    A run in a target's queue may wait for ever: that is what a queue is for.
    """
    waiting = Run.objects.in_status(*(WAITING - {Status.QUEUED})).filter(supervised=True)
    left = Q(last_beat_at__lt=before) | Q(last_beat_at=None, created_at__lt=before)
    return list(waiting.filter(left)[:_AT_ONCE])


def _give_up(run: Run, minutes: str) -> None:
    place = f" on {run.host}" if run.host else ""
    reason = f"No heartbeat for {minutes}: the runner{place} is gone or cut off."
    lifecycle.give_up(run, by=WORKER, reason=reason)


def _never(run: Run, minutes: str) -> None:
    reason = f"No heartbeat for {minutes}: the script was never started."
    lifecycle.give_up(run, by=WORKER, reason=reason)


def _close_cancel(run: Run) -> None:
    lifecycle.close_unanswered_cancel(run, by=WORKER)
