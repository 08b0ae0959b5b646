"""What happened to a run, for its pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from studio.contract.words import TERMINAL, EventKind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runs.models import Run, RunEvent

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Change:
    """What one edit made of one thing; None where there was nothing, or is nothing any more."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline; ``lasted`` is how long the status before it held."""

    event: RunEvent
    lasted: timedelta | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened, oldest first; ``is_all`` is false when the oldest are left out."""

    entries: list[Entry]
    is_all: bool


@dataclass(frozen=True, slots=True)
class Phase:
    """A status that a run was in, and for how long; ``share`` of the time of all, in per cent."""

    status: str
    lasted: timedelta
    share: float


@dataclass(frozen=True, slots=True)
class Story:
    """Some of all that happened, newest first; ``before`` is where the older ones begin, or None."""

    entries: list[Entry]
    before: int | None


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


def phases(found: Timeline) -> list[Phase]:
    """Return the statuses of a timeline one after the other; the one that holds now lasts to now."""
    moves = [entry.event for entry in found.entries if entry.event.kind == EventKind.STATUS]
    ends = [*(event.at for event in moves[1:]), timezone.now()]
    held = [
        (event.to_status, max(end - event.at, timedelta()))
        for event, end in zip(moves, ends, strict=False)
        if event.to_status not in TERMINAL
    ]
    total = sum(lasted.total_seconds() for _, lasted in held)
    return [
        Phase(status, lasted, 100 * lasted.total_seconds() / total if total else 0)
        for status, lasted in held
    ]


def story(run: Run, *, kinds: Iterable[EventKind] = (), before: int | None = None) -> Story:
    """Return what happened, also edits and comments, of some kinds or all."""
    events = run.events.order_by("-pk")
    wanted = [kind.value for kind in kinds]
    if wanted:
        events = events.filter(kind__in=wanted)
    if before is not None:
        events = events.filter(pk__lt=before)
    found = list(events[: _SHOWN + 1])
    shown = found[:_SHOWN]
    entries = [Entry(event, changes=tuple(_changes(event.data))) for event in shown]
    return Story(entries, shown[-1].pk if len(found) > _SHOWN else None)


def is_cancel_unanswered(run: Run) -> bool:
    """Whether a cancel was asked for so long ago that somebody should look."""
    if run.status != Status.CANCEL_REQUESTED or run.cancel_requested_at is None:
        return False
    waited = (timezone.now() - run.cancel_requested_at).total_seconds()
    silent = (
        (timezone.now() - run.last_beat_at).total_seconds() if run.last_beat_at else float("inf")
    )
    return bool(min(waited, silent) > settings.CANCEL_UNANSWERED_SECONDS)


def _changes(data: dict[str, Any]) -> list[Change]:
    """Return what an edit changed: a field of the run, or each of some labels."""
    found: list[Change] = []
    for name, told in data.items():
        if not isinstance(told, dict) or not {"before", "after"} <= set(told):
            continue
        before, after = told["before"], told["after"]
        if isinstance(before, dict) and isinstance(after, dict):
            found += [
                Change(f"{_WORDS.get(name, name)} {key}", _label(before, key), _label(after, key))
                for key in {**before, **after}
            ]
        else:
            found.append(Change(name.replace("_", " "), _said(before), _said(after)))
    return found


_WORDS = {"tags": "tag", "properties": "property", "parameters": "parameter"}


def _label(labels: dict[str, Any], key: str) -> str | None:
    if key not in labels:
        return None
    return "" if labels[key] is None else str(labels[key])


def _said(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)
