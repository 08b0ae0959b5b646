"""The worker's loop: every duty in its turn, whatever befalls another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from runs.access import Actor
from runs.actions import bulk
from runs.management import watching
from runs.management.watching import Duty
from runs.models import Run, RunEvent, Task, TaskRun, User, Workspace
from runs.models.task import Kind, Result
from tests.acceptance.studio_process import wait_for
from tests.conftest import MakeRun

MANY = 400


def looks(times: int) -> Callable[[float], bool]:
    """Let the loop go round so often, at once."""
    left = iter(range(times))
    return lambda _: next(left, None) is None


@pytest.mark.usefixtures("run")
def test_the_worker_carries_out_tasks(workspace: Workspace, alice: User, make_run: MakeRun) -> None:
    make_run()
    chosen = Run.objects.inside(workspace)
    by = Actor.of_user(alice)
    task = bulk.start(workspace, chosen, by=by, kind=Kind.CANCEL, arguments={}, confirm=2)
    watching.watch(looks(1))
    task.refresh_from_db()
    assert (task.state, task.done) == ("done", 2)


@pytest.mark.django_db
def test_a_duty_that_fails_ends_neither_the_worker_nor_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fail() -> bool:
        done.append("failed")
        raise OSError("no disk")

    def succeed() -> bool:
        done.append("done")
        return True

    monkeypatch.setattr(watching, "BREATH_SECONDS", 0)
    monkeypatch.setattr(
        watching, "duties", lambda: [Duty("fail", fail, 0), Duty("succeed", succeed, 60)]
    )
    watching.watch(looks(3))
    assert done == ["failed", "done", "done", "done"], "it waits after an error, not after success"
    assert "The worker could not fail; it tries again." in caplog.text


def test_a_duty_with_nothing_to_do_waits_its_time() -> None:
    looked: list[float] = []

    def look() -> bool:
        looked.append(now)
        return False

    duty = Duty("look", look, 5)
    for now in (10.0, 14.0, 15.0):
        duty.look(now)
    assert looked == [10, 15]


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """The command, in a process of its own, on the database of the tests."""
    told = connection.settings_dict
    url = f"sqlite:///{told['NAME']}"
    if connection.vendor != "sqlite":
        url = f"postgres://{told['USER']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "STUDIO_DATA_DIR": str(settings.DATA_DIR),
        "DJANGO_SETTINGS_MODULE": "studio.settings",
    }
    command = [sys.executable, str(settings.ROOT / "manage.py"), "worker"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.django_db(transaction=True)
def test_after_a_kill_the_next_worker_goes_on_and_does_nothing_twice(
    workspace: Workspace, alice: User, run: Run
) -> None:
    Run.objects.bulk_create(
        Run(
            workspace=workspace,
            experiment=run.experiment,
            created_by=alice,
            run_id=f"many-{number}",
            number=number + 2,
        )
        for number in range(MANY - 1)
    )
    by, chosen = Actor.of_user(alice), Run.objects.inside(workspace)
    tags = {"tags": {"quality": "good"}}
    task = bulk.start(workspace, chosen, by=by, kind=Kind.TAG, arguments=tags, confirm=MANY)

    def is_at(least: int) -> bool:
        task.refresh_from_db()
        return task.done >= least

    with worker():
        wait_for(lambda: is_at(20), seconds=30, what="some runs")
    task.refresh_from_db()
    assert 20 <= task.done < MANY
    assert task.state == "running"
    done = TaskRun.objects.filter(task=task, result=Result.DONE).count()
    assert done == task.done == RunEvent.objects.filter(kind="edit").count()
    # In life the next worker waits until this time is over by itself.
    Task.objects.filter(pk=task.pk).update(held_until=timezone.now())
    with worker():
        wait_for(lambda: is_at(MANY), seconds=60, what="all runs")
        wait_for(lambda: is_at(MANY) and task.state == "done", seconds=10, what="the end")
    assert set(RunEvent.objects.filter(kind="edit").values_list("run_id", flat=True)) == set(
        Run.objects.values_list("pk", flat=True)
    )
    assert RunEvent.objects.filter(kind="edit").count() == MANY
    assert all(run.tags == {"quality": "good"} for run in Run.objects.all())
