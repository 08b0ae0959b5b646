"""What messages say, in the words of people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from runs.actions.text import one_line
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from runs.models import AlertRule

_HAPPENED = {
    Status.COMPLETED: "has completed",
    Status.FAILED: "has failed",
    Status.CANCELED: "was canceled",
    Status.NOT_RESPONDING: "does not respond",
    Status.RUNNING: "runs",
    Status.QUEUED: "waits in the queue",
    Status.CANCEL_REQUESTED: "is asked to stop",
}


def happened(name: str, status: str) -> str:
    """Return what happened to a run, in one line."""
    return f"{one_line(name)} {_HAPPENED.get(Status(status), f'is {status}')}"


def lasted(name: str, rule: AlertRule) -> str:
    """Return that a run takes longer than a rule expects."""
    return f"{one_line(name)} takes longer than {span(rule.seconds or 0)}"


def crossed(name: str, rule: AlertRule) -> str:
    """Return that a metric of a run has crossed the number of a rule."""
    return f"{one_line(name)}: {one_line(rule.metric)} {rule.operator} {rule.value:g}"


def many(statuses: Iterable[str]) -> str:
    """Return how many runs are in which status."""
    counts = Counter(statuses).most_common()
    told = ", ".join(f"{count:,} {status}" for status, count in counts)
    total = sum(count for _, count in counts)
    return f"{total:,} changes of runs: {told}"


def span(seconds: float) -> str:
    """Return a time as people say it, in two parts at most."""
    whole = round(seconds)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def duration(lasted_for: timedelta | None) -> str:
    """Return how long a run took, "" before its start."""
    return "" if lasted_for is None else span(lasted_for.total_seconds())
