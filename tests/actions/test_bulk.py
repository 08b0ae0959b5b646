"""Work on many runs: what was frozen is done once, whatever dies, and can be put back."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.access import Actor, Right
from runs.actions import bulk, bulk_work, deletion, labels, lifecycle
from runs.actions.refused import Refused
from runs.models import ComputeTarget, Membership, Run, Task, TaskRun, User, Workspace
from runs.models.task import Kind
from tests.actions.tasks import QUALITY, Begin, finish, make_ended, results, tags
from tests.conftest import MakeRun


def test_what_matches_later_is_not_touched(make_run: MakeRun, begin: Begin) -> None:
    make_run(run_id="early")
    task = begin(Kind.TAG, tags=QUALITY)
    make_run(run_id="late")
    finish(task)
    assert tags() == {"early": QUALITY, "late": {}}
    assert (task.state, task.total, task.done, task.refused) == ("done", 1, 1, 0)


def test_a_count_that_is_not_meant_begins_nothing(
    make_run: MakeRun, workspace: Workspace, by: Actor
) -> None:
    for _ in range(3):
        make_run()
    rows = Run.objects.inside(workspace)
    for confirm in (None, 2, 4):
        with pytest.raises(Refused) as refused:
            bulk.start(workspace, rows, by=by, kind=Kind.CANCEL, arguments={}, confirm=confirm)
        assert refused.value.extra == {"selected": 3}
        assert refused.value.field == "confirm"
    with pytest.raises(Refused, match="No run"):
        bulk.start(workspace, rows.none(), by=by, kind=Kind.TAG, arguments={"tags": QUALITY})
    assert not Task.objects.exists()
    assert not TaskRun.objects.exists()


@pytest.mark.parametrize(
    ("kind", "arguments", "field"),
    [
        (Kind.TAG, {}, "tags"),
        (Kind.TAG, {"tags": QUALITY, "keys": ["a"]}, "keys"),
        (Kind.TAG, {"tags": {"": "a"}}, "tags."),
        (Kind.TAG, {"tags": {str(n): None for n in range(51)}}, "tags"),
        (Kind.UNTAG, {"keys": ["ok", "\0"]}, "keys.1"),
        (Kind.ARCHIVE, {"reason": "why"}, "reason"),
        (Kind.CANCEL, {"reason": "x" * 3_001}, "reason"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_by_name(
    begin: Begin, run: Run, kind: Kind, arguments: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        begin(kind, **arguments)
    assert refused.value.field == field
    assert not Task.objects.exists()


def test_each_run_gets_its_own_result(
    make_run: MakeRun, begin: Begin, by: Actor, target: ComputeTarget
) -> None:
    make_run(run_id="new")
    make_run(run_id="queued", target="studio-local")
    led = make_run(run_id="led", target="studio-local")
    lifecycle.start(led, by=Actor("runner", "led"))
    lifecycle.complete(make_run(run_id="ended", start=True), by=by)
    deletion.delete(make_ended(make_run, by, run_id="binned"), by=by)
    task = begin(Kind.CANCEL, reason="Not needed.")
    finish(task)
    assert results(task) == {
        "new": "done",
        "queued": "done",
        "led": "done",
        "ended": "It is Completed.",
        "binned": "It is in the bin; restore it first.",
    }
    statuses = dict(Run.objects.values_list("run_id", "status"))
    assert statuses["new"] == statuses["queued"] == "Canceled"
    assert statuses["led"] == "CancelRequested"
    event = led.events.latest("pk")
    assert (event.actor_name, event.reason) == ("bob", "Not needed.")
    with pytest.raises(Refused, match="cannot be undone"):
        bulk.undo(task, by=by)


def expire(task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(held_until=timezone.now())


def test_who_was_thought_dead_and_is_not_changes_nothing(
    make_run: MakeRun, begin: Begin, by: Actor
) -> None:
    for name in "abc":
        make_run(run_id=name)
    task = begin(Kind.TAG, tags=QUALITY)
    stale = bulk_work._claim("first", None)
    assert stale == task
    assert not bulk_work.work("second", 60), "it is held"
    expire(task)
    assert bulk_work.work("second", 0)
    row, _ = next(bulk_work._pending(stale))
    assert row.public_id == "b"
    assert not bulk_work._settle(stale, row, None, by, frozenset(Right))
    assert tags() == {"a": QUALITY, "b": {}, "c": {}}
    assert results(task)["b"] == "pending"
    finish(task)
    assert results(task) == dict.fromkeys("abc", "done")


def test_nothing_is_done_after_a_stop(make_run: MakeRun, begin: Begin) -> None:
    for name in "abc":
        make_run(run_id=name)
    task = begin(Kind.TAG, tags=QUALITY)
    bulk_work.work("w", 0)
    held = bulk_work._claim("w", None)
    assert held is not None
    rows = list(bulk_work._pending(held))
    bulk.stop(task)
    by = Actor.of_user(held.created_by)
    assert not bulk_work._settle(held, rows[0][0], None, by, frozenset(Right))
    finish(task)
    assert (task.state, task.done) == ("stopped", 1)
    assert tags() == {"a": QUALITY, "b": {}, "c": {}}
    assert results(task) == {"a": "done", "b": "pending", "c": "pending"}
    ended = task.ended_at
    assert ended is not None
    assert bulk.stop(task).ended_at == ended


def test_tasks_take_turns(make_run: MakeRun, begin: Begin) -> None:
    for _ in range(3):
        make_run()
    first, second = begin(Kind.TAG, tags=QUALITY), begin(Kind.TAG, tags={"a": None})
    for _ in range(4):
        bulk_work.work("w", 0)
    assert list(Task.objects.order_by("pk").values_list("done", flat=True)) == [2, 2]
    finish(first, second)
    assert first.state == second.state == "done"


def test_a_fault_with_one_run_keeps_nobody_waiting(
    make_run: MakeRun, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        make_run(run_id=name)
    set_tags = labels.set_tags

    def faulty(run: Run, *args: Any, **named: Any) -> Any:
        done = set_tags(run, *args, **named)
        if run.run_id == "b":
            raise KeyError(run.run_id)
        return done

    monkeypatch.setattr(labels, "set_tags", faulty)
    task = begin(Kind.TAG, tags=QUALITY)
    finish(task)
    assert (task.done, task.refused) == (2, 1)
    assert "its log has the reason" in results(task)["b"]
    assert tags()["b"] == {}


def test_who_may_no_longer_is_not_obeyed(
    make_run: MakeRun, begin: Begin, workspace: Workspace, bob: User
) -> None:
    make_run(run_id="a")
    task = begin(Kind.TAG, tags=QUALITY)
    Membership.objects.filter(user=bob).update(role="reader")
    finish(task)
    assert (task.state, task.done) == ("stopped", 0)
    assert task.reason == "Stopped: bob may not do this here any more."
    assert tags() == {"a": {}}


def test_a_workspace_has_only_so_many_tasks_waiting(
    make_run: MakeRun, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run()
    monkeypatch.setattr(bulk, "_MOST_WAITING", 1)
    first = begin(Kind.TAG, tags=QUALITY)
    with pytest.raises(Refused, match="tasks wait"):
        begin(Kind.TAG, tags=QUALITY)
    finish(first)
    begin(Kind.TAG, tags=QUALITY)


def test_tasks_are_forgotten_after_thirty_days(
    make_run: MakeRun, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_work, "_FORGOTTEN_AT_ONCE", 2)
    for _ in range(3):
        make_run()
    old, young = begin(Kind.TAG, tags=QUALITY), begin(Kind.UNTAG, keys=["quality"])
    finish(old, young)
    now = timezone.now()
    Task.objects.filter(pk=old.pk).update(ended_at=now - bulk_work.KEPT_FOR - timedelta(hours=1))
    assert [bulk_work.forget_old(now) for _ in range(4)] == [2, 1, 1, 0]
    assert Task.objects.get() == young
    assert TaskRun.objects.count() == 3


def test_runs_of_another_workspace_are_never_meant(
    make_run: MakeRun, begin: Begin, charlie: User, other_workspace: Workspace
) -> None:
    make_run(run_id="ours")
    make_run(run_id="theirs", by=charlie, inside=other_workspace)
    finish(begin(Kind.TAG, tags=QUALITY))
    assert tags() == {"ours": QUALITY, "theirs": {}}


def test_thousands_are_frozen_in_one_statement_and_cost_the_same_each(
    workspace: Workspace, begin: Begin, run: Run
) -> None:
    Run.objects.bulk_create(
        [
            Run(
                workspace=workspace,
                experiment=run.experiment,
                created_by=run.created_by,
                run_id=f"many-{number}",
                number=number + 2,
            )
            for number in range(4_999)
        ],
        batch_size=500,
    )
    with CaptureQueriesContext(connection) as caught:
        task = begin(Kind.ARCHIVE)
    assert len(caught) < 10
    assert task.total == 5_000 == TaskRun.objects.filter(task=task).count()
    with CaptureQueriesContext(connection) as caught:
        bulk_work.work("w", 0)
    first = len(caught)
    Task.objects.filter(pk=task.pk).update(reached=task.runs.order_by("-run")[100].run_id)
    with CaptureQueriesContext(connection) as caught:
        finish(task)
    assert (task.state, task.done) == ("done", 101)
    assert len(caught) < 101 * first


def test_a_small_task_that_a_worker_took_first_is_waited_for(
    run: Run, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = begin(Kind.ARCHIVE)
    Task.objects.filter(pk=task.pk).update(
        state="running", holder="worker", held_until=timezone.now() + timedelta(seconds=30)
    )
    monkeypatch.setattr(time, "sleep", lambda _: bulk_work.work("worker", 10, only=task))
    bulk_work.work_at_once(task, "request")
    assert (task.state, task.done) == ("done", 1)
