"""The worker's loop: every duty in its turn, whatever befalls another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runs.access import Actor
from runs.actions import bulk
from runs.management import watching
from runs.management.watching import Duty
from runs.models import Run, User, Workspace
from runs.models.task import Kind
from tests.conftest import MakeRun


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
