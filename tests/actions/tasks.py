"""What the tests of tasks share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runs.access import Actor
from runs.actions import bulk_work, lifecycle
from runs.models import Run, Task, TaskRun
from runs.models.task import Result
from tests.conftest import MakeRun

QUALITY = {"quality": "good"}
Begin = Callable[..., Task]


def finish(*tasks: Task) -> None:
    while bulk_work.work("finisher", 60):
        pass
    for task in tasks:
        task.refresh_from_db()


def results(task: Task) -> dict[str, str]:
    rows = TaskRun.objects.filter(task=task).order_by("run")
    return {row.public_id: row.reason or Result(row.result).label for row in rows}


def tags() -> dict[str, dict[str, str | None]]:
    return {run.run_id: run.tags for run in Run.objects.order_by("pk")}


def make_ended(make_run: MakeRun, actor: Actor, **fields: Any) -> Run:
    run = make_run(start=True, **fields)
    lifecycle.complete(run, by=actor)
    return run
