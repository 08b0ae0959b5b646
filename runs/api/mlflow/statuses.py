"""Their words for where a run stands, and what a client's word does to a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs.actions import lifecycle
from runs.api.mlflow.errors import Fault
from studio.contract.words import TERMINAL, WAITING, Status

if TYPE_CHECKING:
    from datetime import datetime

    from runs.access import Actor
    from runs.models import Run

_ENDS = {Status.COMPLETED: "FINISHED", Status.FAILED: "FAILED", Status.CANCELED: "KILLED"}
THEIRS = {
    status.value: _ENDS.get(status, "SCHEDULED" if status in WAITING else "RUNNING")
    for status in Status
}
_NUMBERS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}


def ours(word: str) -> list[str]:
    """Return the statuses that are this word of theirs."""
    return [status for status, theirs in THEIRS.items() if theirs == word]


def named(value: object) -> object:
    """Return the word that a client means, who may have sent its number."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    word = _NUMBERS.get(value) if type(value) is int else value
    if word not in _NUMBERS.values():
        raise ValueError("no status")
    return word


def report(run: Run, word: str, *, by: Actor, at: datetime | None) -> None:
    """Let a run stand where its script says, since ``at`` if it has ended.

    Raises:
        Refused: its runner sets its status, or it cannot become that any more.
        Fault: it has begun and cannot be scheduled.
    """
    if THEIRS[run.status] == word:
        return
    if word == "SCHEDULED":
        raise Fault(f"The run {run.run_id} has begun, and cannot be SCHEDULED any more.")
    if run.status in TERMINAL:
        lifecycle.resume(run, by=by)
    elif run.status in WAITING and word != "FAILED":
        lifecycle.start(run, by=by)
    if word == "FINISHED":
        lifecycle.complete(run, by=by, at=at)
    elif word == "FAILED":
        lifecycle.fail(run, by=by, at=at)
    elif word == "KILLED":
        lifecycle.confirm_canceled(run, by=by, reason="The script was stopped.", at=at)
