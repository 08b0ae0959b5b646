"""The life of a run: one function for each change of status.

Every change is one conditional UPDATE with its event, in one transaction. What may become what
stands in ``studio.contract.words.TRANSITIONS``. All raise ``Refused``: illegal move, with the status
that the run has, or forbidden for an actor who does not lead the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from runs import access
from runs.actions import changes
from runs.actions.failures import error_document
from runs.actions.refused import Refused
from runs.actions.text import keep_what_fits
from runs.models import Run
from studio.contract import limits, words
from studio.contract.errors import Code
from studio.contract.words import EventKind, Status, Step

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from runs.access import Actor
    from runs.models import RunEvent

_TRIES = 5
_WARNINGS = 50
NOTED_AFTER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat is answered: ``stop`` says that the process should end within the grace."""

    status: Status
    stop: bool
    grace_seconds: float


def prepare(run: Run, *, by: Actor, reason: str = "", **fields: Any) -> None:
    """Somebody has taken the run and makes its folder."""
    _move(run, Status.PREPARING, by=by, reason=reason, **fields)


def start(run: Run, *, by: Actor, host: str = "") -> None:
    """The script runs. Twice is once."""
    _check_leads(run, by)
    now = timezone.now()
    noted: dict[str, Any] = {"last_beat_at": now} if run.supervised else {}
    if host:
        noted["host"] = keep_what_fits(host, 255)
    if Run.objects.filter(pk=run.pk, status=Status.RUNNING).exists():
        run.refresh_from_db(fields=["status", "started_at"])
        return
    _move(run, Status.RUNNING, by=by, reason="The script runs.", started_at=now, **noted)


def resume(run: Run, *, by: Actor) -> None:
    """The script of a run that had ended goes on with it: only one that leads its run itself does."""
    if run.supervised:
        raise _illegal(run, Status(run.status), Status.RUNNING)
    told, before = "The script goes on.", words.TERMINAL
    gone: dict[str, Any] = dict.fromkeys(("ended_at", "exit_code", "error"))
    _move(run, Status.RUNNING, by=by, reason=told, only_from="", also_from=before, **gone)


def finalize(run: Run, *, by: Actor) -> None:
    """The script has ended; its outputs are on their way."""
    _check_leads(run, by)
    _move(
        run, Status.FINALIZING, by=by, reason="The script has ended; outputs are being collected."
    )


def complete(
    run: Run, *, by: Actor, exit_code: int | None = None, at: datetime | None = None
) -> None:
    """All went well, now or at an earlier time."""
    _check_leads(run, by)
    told = _exit_words(exit_code)
    _end(run, Status.COMPLETED, by=by, reason=told, exit_code=exit_code, at=at)


def fail(
    run: Run,
    *,
    by: Actor,
    error: Mapping[str, str | None] | None = None,
    exit_code: int | None = None,
    at: datetime | None = None,
) -> None:
    """It went wrong. ``error`` may have code, message, type and stackTrace.

    A process that still runs is told to stop at its next heartbeat.
    """
    document = error_document(error or {})
    told = document["error"]["message"] or _exit_words(exit_code) or document["error"]["code"]
    _end(run, Status.FAILED, by=by, reason=told, error=document, exit_code=exit_code, at=at)


def request_cancel(run: Run, *, by: Actor, reason: str = "") -> None:
    """Somebody wants the run to stop.

    Where a process may live its runner is asked, and the run is CancelRequested until it has proven
    that nothing is left. Where there is none, the run is Canceled at once. Asking twice is asking once.
    """
    run.refresh_from_db(fields=["status", "supervised", "cancel_requested_at"])
    now = timezone.now()
    told = reason or "Cancel was requested."
    if run.status in (Status.CANCEL_REQUESTED, Status.CANCELED):
        return
    if has_process(run.status, supervised=run.supervised):
        _move(run, Status.CANCEL_REQUESTED, by=by, reason=told, cancel_requested_at=now)
    else:
        _end(
            run, Status.CANCELED, by=by, reason=told, only_from=run.status, cancel_requested_at=now
        )


def ask_again(run: Run, *, by: Actor) -> None:
    """Ask once more for a cancel that nobody has answered: its time to be answered begins anew."""
    with transaction.atomic():
        waiting = Run.objects.filter(pk=run.pk, status=Status.CANCEL_REQUESTED)
        if not waiting.update(cancel_requested_at=timezone.now()):
            run.refresh_from_db(fields=["status"])
            raise _illegal(run, Status(run.status), Status.CANCEL_REQUESTED)
        record_step(run, by=by, step=Step.ASKED_AGAIN, message="Cancel was requested again.")


def confirm_canceled(
    run: Run,
    *,
    by: Actor,
    reason: str = "",
    exit_code: int | None = None,
    at: datetime | None = None,
) -> None:
    """The run's runner or agent has seen that nothing of it lives."""
    _check_leads(run, by)
    told = reason or "No process of the run is left."
    _end(run, Status.CANCELED, by=by, reason=told, exit_code=exit_code, at=at)


def close_unanswered_cancel(run: Run, *, by: Actor) -> None:
    """Give up waiting for the answer to a cancel; the process may live on, and the run says so."""
    if run.status != Status.CANCEL_REQUESTED:
        raise _illegal(run, Status(run.status), Status.CANCELED)
    place = run.host or run.target
    told = f"Marked as canceled without an answer: a process may still run on {place}."
    with transaction.atomic():
        warn(run, by=by, source="cancel", message=told)
        _end(run, Status.CANCELED, by=by, reason=told)


def record_step(
    run: Run, *, by: Actor, step: Step, message: str, data: Mapping[str, Any] | None = None
) -> RunEvent:
    """Keep one step of a cancel. Also after the end: proof may come late."""
    with transaction.atomic():
        changes.record(run)
        told = {**(data or {}), "step": step.value}
        reason = keep_what_fits(message, limits.ERROR_MESSAGE)
        return changes.tell(run, EventKind.STEP, by=by, reason=reason, data=told)


def warn(run: Run, *, by: Actor, source: str, message: str) -> None:
    """Add a warning to the run; the newest fifty are kept."""
    said = keep_what_fits(message, limits.WARNING_MESSAGE)
    warning = {"source": keep_what_fits(source, 100), "message": said}
    with transaction.atomic():
        locked = Run.objects.select_for_update(no_key=True)
        known = locked.values_list("warnings", flat=True).get(pk=run.pk)
        if warning in known:
            return
        changes.record(run, warnings=[*known, warning][-_WARNINGS:])


def beat(run: Run, *, by: Actor, host: str = "") -> Beat:
    """The run's process lives. Brings a run back that was not responding."""
    now = timezone.now()
    noted: dict[str, Any] = {"last_beat_at": now}
    if host and host != run.host:
        noted["host"] = keep_what_fits(host, 255)
    Run.objects.filter(pk=run.pk).filter(
        Q(last_beat_at=None) | Q(last_beat_at__lt=now - NOTED_AFTER)
    ).update(**noted)
    seen = look(run)
    if seen.status == Status.NOT_RESPONDING:
        _move(run, Status.RUNNING, by=by, reason="The heartbeat is back.")
        return look(run)
    return seen


def look(run: Run) -> Beat:
    """Return what a heartbeat would be answered now, without counting one."""
    known = Run.objects.filter(pk=run.pk)
    found = known.values_list("status", "grace_seconds", "supervised").first()
    if found is None:
        raise access.not_found("run", run.run_id)
    status, grace, supervised = found
    # A run that was failed by hand has ended, and its process should as well.
    ended = status in words.TERMINAL and supervised
    return Beat(Status(status), status == Status.CANCEL_REQUESTED or ended, grace)


def lose(run: Run, *, by: Actor) -> None:
    """The heartbeats stay away."""
    _move(run, Status.NOT_RESPONDING, by=by, reason="No heartbeat has come lately.")


def give_up(run: Run, *, by: Actor, reason: str) -> None:
    """The run has been silent for too long: it is closed, with the reason in words."""
    error = {"code": "RunnerLost", "message": reason}
    _end(run, Status.FAILED, by=by, reason=reason, error=error_document(error))


def has_process(status: str, *, supervised: bool) -> bool:
    """Whether somebody has taken such a run, so that a process of it may live."""
    return supervised and status not in (Status.NOT_STARTED, Status.QUEUED)


def _check_leads(run: Run, by: Actor) -> None:
    """A runner leads a supervised run, its agent helps; a person only where the agent is theirs."""
    if run.supervised and by.kind == "user" and run.target != words.TARGET_LOCAL:
        raise Refused(
            Code.FORBIDDEN,
            "The status of a submitted run is set by its runner, from the script's exit code.",
            hint="Use cancel to stop it, or fail to mark it as failed.",
        )


def _end(run: Run, to: Status, *, by: Actor, reason: str, **fields: Any) -> None:
    ended_at = fields.pop("at", None) or timezone.now()
    if fields.get("exit_code", 0) is None:
        del fields["exit_code"]
    _move(run, to, by=by, reason=reason, ended_at=ended_at, **fields)


def _move(
    run: Run,
    to: Status,
    *,
    by: Actor,
    reason: str,
    only_from: str = "",
    also_from: Collection[Status] = (),
    **fields: Any,
) -> None:
    for _ in range(_TRIES):
        with transaction.atomic():
            now_in = Status(Run.objects.values_list("status", flat=True).get(pk=run.pk))
            run.status = now_in.value
            if now_in == to and to in words.TERMINAL:
                return
            is_known = to in words.TRANSITIONS[now_in] or now_in in also_from
            if not is_known or only_from not in ("", now_in):
                raise _illegal(run, now_in, to)
            moved = Run.objects.filter(pk=run.pk, status=now_in).update(status=to.value)
            if moved:
                changes.record(run, status=to.value, **fields)
                _tell_move(run, now_in, to, by, reason)
                return
    raise Refused(Code.CONFLICT, "The status changes too fast just now.", hint="Try again.")


def _tell_move(run: Run, before: Status, after: Status, by: Actor, reason: str) -> None:
    changes.tell(
        run,
        EventKind.STATUS,
        by=by,
        from_status=before.value,
        to_status=after.value,
        reason=keep_what_fits(reason, limits.ERROR_MESSAGE),
    )


def _illegal(run: Run, now_in: Status, to: Status) -> Refused:
    return Refused(
        Code.ILLEGAL_MOVE,
        f"Run {run.run_id} is {now_in.value}; it cannot become {to.value}.",
        extra={"current": now_in.value},
    )


def _exit_words(exit_code: int | None) -> str:
    return "" if exit_code is None else f"The script ended with exit code {exit_code}."
