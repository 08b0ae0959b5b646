"""Why a run stands where it stands, and what to do about it: one sentence of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Q
from django.utils import timezone

from runs.models import Agent
from studio.contract.words import TARGET_LOCAL, TERMINAL, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from runs.models import Run

# An agent calls every few seconds, also when it has nothing to do.
_SILENT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Standing:
    """``why`` it stands there since ``since``, and what to do ``next``; both are sentences."""

    why: str
    next: str = ""
    since: datetime | None = None


def standing(run: Run) -> Standing | None:
    """Return why a run waits or is about to end; None if its status says all."""
    tell = _TELLERS.get(Status(run.status))
    return None if tell is None else tell(run)


def _not_started(run: Run) -> Standing:
    if run.target == TARGET_LOCAL:
        why = "It waits for the machine it was submitted from."
        told = f"Start it there: python -m studio.compute.agent --once {run.run_id}"
        return Standing(why, told, run.created_at)
    return Standing(
        "Its script has not begun to run.", "The script calls run.start() when it does."
    )


def _queued(run: Run) -> Standing:
    target = run.compute_target
    if target is None:
        return Standing(
            f"Its compute target {run.target} is not there any more.", "Cancel it, or resubmit it."
        )
    heard = Agent.objects.filter(target=target).aggregate(last=Max("last_seen_at"))["last"]
    if heard is None or timezone.now() - heard > _SILENT:
        why = f"No agent of {target.name} answers, so nothing starts there."
        return Standing(
            why, f"Start one: python -m studio.compute.agent --target {target.name}", heard
        )
    held = ~Q(status__in=[*TERMINAL, Status.NOT_STARTED, Status.QUEUED])
    found = target.runs.aggregate(
        before=Count("pk", filter=Q(status=Status.QUEUED, pk__lt=run.pk)),
        held=Count("pk", filter=held),
    )
    before, going = found["before"], f"{found['held']} of {target.max_runs} places are taken"
    place = f"{_runs(before)} before it" if before else "It is the next one"
    return Standing(f"{place} on {target.name}; {going}.")


def _preparing(run: Run) -> Standing:
    return Standing(f"Its folder is made on {run.host or run.target}.", since=run.last_beat_at)


def _finalizing(run: Run) -> Standing:
    return Standing("The script has ended; its outputs are being collected.")


def _cancel_requested(run: Run) -> Standing:
    why = (
        f"The runner on {run.host or run.target} was asked to end the process, "
        f"which has {run.grace_seconds:g} s to save its work."
    )
    return Standing(why, since=run.cancel_requested_at)


def _runs(count: int) -> str:
    return "1 run is" if count == 1 else f"{count} runs are"


_TELLERS: dict[Status, Callable[[Run], Standing]] = {
    Status.NOT_STARTED: _not_started,
    Status.QUEUED: _queued,
    Status.PREPARING: _preparing,
    Status.FINALIZING: _finalizing,
    Status.CANCEL_REQUESTED: _cancel_requested,
}
