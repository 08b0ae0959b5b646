"""Work on many runs: what is wanted, which runs it is for, and how it went for each."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models

from runs.models.scoped import ScopedQuerySet
from studio.contract import limits


class Kind(StrEnum):
    """What can be done to many runs at once."""

    TAG = "tag"
    UNTAG = "untag"
    CANCEL = "cancel"
    ARCHIVE = "archive"
    RESTORE = "restore"
    DELETE = "delete"
    PURGE = "purge"
    UNDO = "undo"


class State(StrEnum):
    """How far a task is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class Result(models.IntegerChoices):
    """How it went for one run. A run of a stopped task may be pending for ever."""

    PENDING = 0, "pending"
    DONE = 1, "done"
    REFUSED = 2, "refused"


KINDS = [(kind.value, kind.value) for kind in Kind]
STATES = [(state.value, state.value) for state in State]
ENDED = (State.DONE.value, State.STOPPED.value)


class Task(models.Model):
    """One action on many runs, whose ids were frozen when it was made.

    ``arguments`` are those of the action: ``tags``, ``keys`` or ``reason``. ``backwards`` is for
    what takes child runs before their parents. ``holder`` works on it until ``held_until``, and
    ``reached`` is the last run that it has come to; whoever holds it next goes on behind that.
    """

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="tasks", db_index=False
    )
    created_by = models.ForeignKey("runs.User", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=KINDS)
    arguments = models.JSONField(default=dict)
    undo_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="undone_by")
    backwards = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=STATES, default=State.WAITING.value)
    reason = models.CharField(max_length=300, blank=True)
    total = models.PositiveBigIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=64, blank=True)
    held_until = models.DateTimeField(null=True)
    reached = models.BigIntegerField(null=True)

    objects = ScopedQuerySet["Task"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "held_until"], name="task_queue"),
            models.Index(fields=["workspace", "-id"], name="task_list"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.total} runs"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will be done."""
        return self.state in ENDED


class TaskRun(models.Model):
    """One run of a task. ``change`` is what was done to it, as far as that can be put back.

    ``run`` may be gone, so no constraint ties it and ``public_id`` repeats its id.
    """

    task = models.ForeignKey(Task, models.CASCADE, related_name="runs", db_index=False)
    run = models.ForeignKey(
        "runs.Run", models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    public_id = models.CharField(max_length=limits.RUN_ID)
    result = models.PositiveSmallIntegerField(choices=Result.choices, default=Result.PENDING)
    reason = models.CharField(max_length=1_000, blank=True)
    change = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "run"], name="one_result_per_run")
        ]
        indexes: ClassVar = [models.Index(fields=["task", "result", "run"], name="task_results")]

    def __str__(self) -> str:
        return f"{self.public_id}: {Result(self.result).label}"
