"""Work on many runs: begun, stopped and undone. Carried out in ``bulk_work``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.utils import timezone

from runs import access
from runs.access import Right
from runs.actions.bulk_rules import AT_ONCE, DESTRUCTIVE, ONLY_OWNERS, UNDOABLE, checked
from runs.actions.refused import Refused
from runs.models import Task, TaskRun
from runs.models.task import ENDED, Kind, State
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from runs.access import Actor
    from runs.models import Workspace
    from runs.models.run import RunQuerySet

# One statement, so that what is frozen is what matched at one moment, however many they are.
_FREEZE = (
    f"INSERT INTO {TaskRun._meta.db_table} (task_id, run_id, public_id, result, reason) "  # noqa: S608
    "WITH chosen (run, name) AS ({}) SELECT %s, run, name, 0, '' FROM chosen"
)
_MOST_WAITING = 100


def start(
    workspace: Workspace,
    chosen: RunQuerySet,
    *,
    by: Actor,
    kind: Kind,
    arguments: Mapping[str, Any],
    confirm: int | None = None,
) -> Task:
    """Return a new task for the runs that are chosen now; it waits for ``bulk_work``.

    Raises:
        Refused: arguments that do not fit; no run; ``confirm``, how many runs are meant, is missing
            where it is needed, or is not how many they are: ``extra`` then says ``selected``;
            a purge by somebody who owns nothing here.
    """
    if kind is Kind.PURGE and Right.DELETE not in access.rights_in(by, workspace):
        raise Refused(Code.FORBIDDEN, ONLY_OWNERS, field="action")
    given = checked(kind, arguments)
    with transaction.atomic():
        task = _new(workspace, by, kind=kind, arguments=given, backwards=kind in _BACKWARDS)
        _freeze(task, chosen.order_by("pk").values_list("pk", "run_id"))
        _check_count(task, confirm)
    return task


def undo(task: Task, *, by: Actor) -> Task:
    """Return a new task that puts back what ``task`` did; what was changed since is left alone.

    Raises:
        Refused: it goes on still, did nothing, or nothing that could be put back.
    """
    if task.kind not in UNDOABLE:
        reason = f"What was done by {task.kind} cannot be undone."
        raise Refused(Code.CONFLICT, reason)
    if not task.has_ended:
        reason = "This task has not ended yet."
        raise Refused(Code.CONFLICT, reason, hint="Stop it, or wait until it has ended.")
    with transaction.atomic():
        place = task.workspace
        new = _new(place, by, kind=Kind.UNDO, undo_of=task, backwards=not task.backwards)
        changed = TaskRun.objects.filter(task=task, change__isnull=False)
        _freeze(new, changed.values_list("run", "public_id"))
        if not new.total:
            raise Refused(Code.CONFLICT, "This task has changed nothing that could be put back.")
    return new


def stop(task: Task) -> Task:
    """Do nothing more for a task; what is done stays done. A task that has ended stays as it is."""
    Task.objects.filter(pk=task.pk).exclude(state__in=ENDED).update(
        state=State.STOPPED.value, ended_at=timezone.now()
    )
    task.refresh_from_db()
    return task


def task_for(by: Actor, workspace: Workspace, number: str) -> Task:
    """Return the task of that number.

    Raises:
        Refused: there is none here.
    """
    known = number.isascii() and number.isdigit() and len(number) < access.ID_DIGITS
    tasks = Task.objects.inside(workspace).select_related("created_by")
    task = tasks.filter(pk=int(number)).first() if known else None
    if task is None:
        raise access.not_found("task", number)
    task.workspace = workspace
    return task


# Child runs are made after their parents, and go into the bin before them.
_BACKWARDS = frozenset({Kind.DELETE, Kind.PURGE})


def _new(workspace: Workspace, by: Actor, *, kind: Kind, **fields: Any) -> Task:
    if by.user is None:
        raise Refused(Code.FORBIDDEN, "Only a person works on many runs.")
    waiting = Task.objects.inside(workspace).exclude(state__in=ENDED)
    if waiting.count() >= _MOST_WAITING:
        raise Refused(
            Code.CONFLICT,
            f"{_MOST_WAITING} tasks wait in this workspace already.",
            hint="Stop one of them, or wait until one has ended.",
        )
    return Task.objects.create(workspace=workspace, created_by=by.user, kind=kind.value, **fields)


def _freeze(task: Task, rows: QuerySet[Any, Any]) -> None:
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE.format(sql), [*params, task.pk])
        task.total = cursor.rowcount
    task.save(update_fields=["total"])


def _check_count(task: Task, confirm: int | None) -> None:
    if not task.total:
        raise Refused(Code.BAD_REQUEST, "No run is selected.", field="selection")
    if confirm is None and not needs_confirmation(Kind(task.kind), task.total):
        return
    if confirm != task.total:
        selected = f"{task.total:,} run{'s' if task.total != 1 else ''}"
        meant = "" if confirm is None else f", not {confirm:,}"
        raise Refused(
            Code.CONFLICT,
            f"This would {task.kind} {selected}{meant}.",
            field="confirm",
            hint=f"If that is meant, send confirm: {task.total}.",
            extra={"selected": task.total},
        )


def needs_confirmation(kind: Kind, count: int) -> bool:
    """Whether somebody has to say how many runs are meant."""
    return kind in DESTRUCTIVE or count > AT_ONCE


def is_done_at_once(kind: Kind, count: int) -> bool:
    """Whether the request does it that asked for it, not the worker: few runs, and it can be undone."""
    return kind in UNDOABLE and count <= AT_ONCE


def can_be_undone(task: Task) -> bool:
    """Whether there is something that could be put back."""
    return task.has_ended and task.kind in UNDOABLE and task.done > 0
