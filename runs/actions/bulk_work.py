"""Carrying out tasks: one run after the other, each in a transaction of its own with its result.

Whoever works holds a task for a while, by a conditional UPDATE that is renewed with every run. A
process that dies loses nothing: the last transaction is whole or was never there, and somebody else
goes on behind it once the time is over. A stop, too, is a conditional UPDATE: the run that would be
next finds it, and its transaction is undone.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from runs import access
from runs.access import Actor, Right
from runs.actions import bulk_steps
from runs.actions.bulk_steps import Outcome
from runs.actions.refused import Refused
from runs.models import Run, Task, TaskRun
from runs.models.task import ENDED, Kind, Result, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from runs.actions.bulk_steps import Change

HELD_FOR = timedelta(seconds=30)
KEPT_FOR = timedelta(days=30)
_READ_AHEAD = 100
# Who waits to write in SQLite stands in no queue but tries again and again. Measured beside a worker
# without gaps: 430 ms for the slowest write in twenty; with gaps as long as the work: 5 ms.
_GAP = 1.0
_FORGOTTEN_AT_ONCE = 5_000
# Seconds that a request waits for a small task that somebody else carries out.
_PATIENCE = 5.0
_REASON = 1_000
log = logging.getLogger(__name__)


class _NotOursError(Exception):
    """The task was stopped, or somebody else holds it: nothing of this transaction counts."""


def work(holder: str, seconds: float, *, only: Task | None = None) -> bool:
    """Work on one task for about so long; returns False when there is nothing to do.

    ``holder`` is a name that nobody else has.
    """
    task = _claim(holder, only)
    if task is None:
        return False
    actor = Actor.of_user(task.created_by)
    rights = access.rights_in(actor, task.workspace)
    if not task.created_by.is_active or Right.BULK not in rights:
        reason = f"Stopped: {task.created_by.username} may not do this here any more."
        _end(task, State.STOPPED, reason)
        return True
    until = time.monotonic() + seconds
    for row, change in _pending(task):
        begun = time.monotonic()
        if not _settle(task, row, change, actor, rights):
            return True
        if only is None and connection.vendor == "sqlite":
            time.sleep((time.monotonic() - begun) * _GAP)
        if time.monotonic() > until:
            Task.objects.filter(pk=task.pk, holder=holder).update(held_until=timezone.now())
            return True
    _end(task, State.DONE)
    return True


def work_at_once(task: Task, holder: str) -> None:
    """Carry out a small task in the request that asked for it."""
    if connection.in_atomic_block:
        # Each run is locked before the workspace is, as by everybody else, or both would wait for ever.
        runs = Run.objects.filter(pk__in=TaskRun.objects.filter(task=task).values("run"))
        list(runs.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    work(holder, float("inf"), only=task)
    task.refresh_from_db()
    # A worker may have been quicker to take it: then it is soon done there.
    until = time.monotonic() + _PATIENCE
    while not task.has_ended and time.monotonic() < until:
        time.sleep(_PATIENCE / 100)
        task.refresh_from_db()


def forget_old(now: datetime) -> int:
    """Forget tasks that ended long ago, some of their rows at a time; returns how many rows went."""
    task = Task.objects.filter(state__in=ENDED, ended_at__lt=now - KEPT_FOR).first()
    if task is None:
        return 0
    rows = list(task.runs.order_by("run").values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE])
    if not rows:
        task.delete()
        return 1
    TaskRun.objects.filter(pk__in=rows).delete()
    return len(rows)


def _claim(holder: str, only: Task | None) -> Task | None:
    """Return a task that nobody holds, the one first that has waited longest."""
    now = timezone.now()
    free = Q(state=State.WAITING.value) | Q(state=State.RUNNING.value, held_until__lte=now)
    # What this holder let fall by an error is still its own.
    free |= Q(state=State.RUNNING.value, holder=holder)
    tasks = Task.objects.filter(free)
    if only is not None:
        tasks = tasks.filter(pk=only.pk)
    due = tasks.order_by(F("held_until").asc(nulls_first=True), "pk")
    for pk in due.values_list("pk", flat=True)[:10]:
        won = Task.objects.filter(free, pk=pk).update(
            state=State.RUNNING.value,
            holder=holder,
            held_until=now + HELD_FOR,
            started_at=Coalesce(F("started_at"), now),
        )
        if won:
            return Task.objects.select_related("workspace", "created_by").get(pk=pk)
    return None


def _pending(task: Task) -> Iterator[tuple[TaskRun, Change | None]]:
    """Yield the runs that have no result yet, with what an undo is to put back."""
    order, beyond = ("-run", "run__lt") if task.backwards else ("run", "run__gt")
    reached = task.reached
    while True:
        rows = TaskRun.objects.filter(task=task, result=Result.PENDING).order_by(order)
        if reached is not None:
            rows = rows.filter(**{beyond: reached})
        ahead = list(rows[:_READ_AHEAD])
        if not ahead:
            return
        changes: dict[int, Change] = {}
        if task.undo_of_id is not None:
            done = TaskRun.objects.filter(task=task.undo_of_id, run__in=[r.run_id for r in ahead])
            changes = {
                key: change for key, change in done.values_list("run_id", "change") if change
            }
        for row in ahead:
            yield row, changes.get(row.run_id)
        reached = ahead[-1].run_id


def _settle(
    task: Task, row: TaskRun, change: Change | None, by: Actor, rights: frozenset[Right]
) -> bool:
    """Do it to one run and keep the result, both or neither; returns False if the task is not ours."""
    try:
        with transaction.atomic():
            outcome, is_refused = _attempt(task, row, change, by, rights)
            result = Result.REFUSED if is_refused else Result.DONE
            settled = TaskRun.objects.filter(pk=row.pk, result=Result.PENDING).update(
                result=result, reason=outcome.left[:_REASON], change=outcome.change
            )
            counter = "refused" if is_refused else "done"
            counted = Task.objects.filter(
                pk=task.pk, holder=task.holder, state=State.RUNNING.value
            ).update(
                held_until=timezone.now() + HELD_FOR,
                reached=row.run_id,
                **{counter: F(counter) + 1},
            )
            if not (settled and counted):
                raise _NotOursError
    except _NotOursError:
        return False
    return True


def _attempt(
    task: Task, row: TaskRun, change: Change | None, by: Actor, rights: frozenset[Right]
) -> tuple[Outcome, bool]:
    """Return what came of it, and whether something was refused."""
    try:
        with transaction.atomic():
            run = Run.objects.select_for_update(no_key=True).get(pk=row.run_id)
            if task.kind != Kind.UNDO:
                outcome = bulk_steps.do(task, run, by=by, rights=rights)
            elif change:
                outcome = bulk_steps.put_back(run, change, by=by, rights=rights)
            else:
                outcome = Outcome()
            return outcome, bool(outcome.left)
    except Run.DoesNotExist:
        return Outcome(left="It is gone for good."), True
    except Refused as refused:
        return Outcome(left=refused.detail), True
    except (OperationalError, InterfaceError):
        # The database is busy or away: nothing is wrong with this run, and it is tried again.
        raise
    except Exception:
        log.exception("task %s failed with run %s", task.pk, row.run_id)
        return Outcome(left="The studio failed with this run; its log has the reason."), True


def _end(task: Task, state: State, reason: str = "") -> None:
    Task.objects.filter(pk=task.pk, holder=task.holder, state=State.RUNNING.value).update(
        state=state.value, reason=reason, ended_at=timezone.now()
    )
