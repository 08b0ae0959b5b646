"""Whatever dies while a task is carried out, each of its runs is done once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import bulk, bulk_work, lifecycle, runs
from runs.models import Run, RunEvent, Task, TaskRun, Workspace
from runs.models.task import Kind, Result
from tests.actions.tasks import QUALITY, finish


class KilledError(OperationalError):
    """The process ends here: no statement after this one is ever sent."""


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """End everything at that statement: what is not committed by then is rolled back."""
    left = statement

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise KilledError
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        try:
            yield
        except (KilledError, TransactionManagementError):
            # The second stands for the first where Django was rolling back and went on.
            connection.close()


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from([Kind.TAG, Kind.ARCHIVE, Kind.CANCEL, Kind.DELETE]),
    kills=st.lists(st.integers(1, 90), max_size=4),
)
def test_whatever_dies_each_run_is_done_once(
    workspace: Workspace, by: Actor, kind: Kind, kills: list[int]
) -> None:
    name = f"e{Task.objects.count()}"
    for number in range(5):
        new = runs.NewRun(name, start=number % 2 == 0)
        run = runs.create(workspace, by=by, new=new)
        if number == 4:
            lifecycle.complete(run, by=by)
    chosen = Run.objects.filter(experiment__name=name)
    keys = set(chosen.values_list("pk", flat=True))
    arguments = {"tags": QUALITY} if kind is Kind.TAG else {}
    task = bulk.start(workspace, chosen, by=by, kind=kind, arguments=arguments, confirm=5)
    before = RunEvent.objects.filter(run__in=keys).count()
    for turn, statement in enumerate(kills):
        with killed_at(statement):
            bulk_work.work(f"worker-{turn}", 60)
        Task.objects.filter(pk=task.pk).update(held_until=timezone.now())
    finish(task)
    rows = list(TaskRun.objects.filter(task=task))
    assert {row.run_id for row in rows} == keys
    done = [row for row in rows if row.result == Result.DONE]
    refused = [row for row in rows if row.result == Result.REFUSED and row.reason]
    assert (task.state, task.done, task.refused) == ("done", len(done), len(refused))
    assert len(done) + len(refused) == 5
    assert len(done) == {Kind.CANCEL: 4, Kind.DELETE: 1}.get(kind, 5)
    assert RunEvent.objects.filter(run__in=keys).count() == before + len(done)
