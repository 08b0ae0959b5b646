"""What happened to a run, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from studio.contract.words import EventKind, Status

if TYPE_CHECKING:
    from datetime import timedelta

    from runs.models import Run, RunEvent

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline; ``lasted`` is how long the status before it held."""

    event: RunEvent
    lasted: timedelta | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened, oldest first; ``is_all`` is false when the oldest are left out."""

    entries: list[Entry]
    is_all: bool


def timeline(run: Run) -> Timeline:
    """Return the latest changes of status and steps of a cancel."""
    kinds = (EventKind.STATUS.value, EventKind.STEP.value)
    newest = list(run.events.filter(kind__in=kinds).order_by("-pk")[: _SHOWN + 1])
    entries: list[Entry] = []
    changed = None
    for event in reversed(newest[:_SHOWN]):
        is_move = event.kind == EventKind.STATUS
        lasted = event.at - changed if changed is not None and is_move else None
        entries.append(Entry(event, lasted))
        changed = event.at if is_move else changed
    return Timeline(entries, len(newest) <= _SHOWN)


def is_cancel_unanswered(run: Run) -> bool:
    """Whether a cancel was asked for so long ago that somebody should look."""
    if run.status != Status.CANCEL_REQUESTED or run.cancel_requested_at is None:
        return False
    waited = (timezone.now() - run.cancel_requested_at).total_seconds()
    silent = (
        (timezone.now() - run.last_beat_at).total_seconds() if run.last_beat_at else float("inf")
    )
    return bool(min(waited, silent) > settings.CANCEL_UNANSWERED_SECONDS)
