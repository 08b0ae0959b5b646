"""Work on many runs: what was frozen is done once, whatever dies, and can be put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import bulk, bulk_work, deletion, labels, lifecycle, runs
from runs.actions.refused import Refused
from runs.models import ComputeTarget, Membership, Run, RunEvent, Task, TaskRun, User, Workspace
from runs.models.run import Shelf
from runs.models.task import Kind, Result
from tests.conftest import MakeRun

QUALITY = {"quality": "good"}
Begin = Callable[..., Task]


@pytest.fixture
def by(bob: User) -> Actor:
    return Actor.of_user(bob)


@pytest.fixture
def begin(workspace: Workspace, by: Actor) -> Begin:
    """Make a task for runs, all by default, and confirm it."""

    def start(kind: Kind, chosen: Any = None, **arguments: Any) -> Task:
        rows = Run.objects.inside(workspace) if chosen is None else chosen
        count = rows.count()
        return bulk.start(workspace, rows, by=by, kind=kind, arguments=arguments, confirm=count)

    return start


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


def make_ended(make_run: MakeRun, by: Actor, **fields: Any) -> Run:
    run = make_run(start=True, **fields)
    lifecycle.complete(run, by=by)
    return run


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
    assert not bulk_work._settle(stale, row, None, by)
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
    assert not bulk_work._settle(held, rows[0][0], None, Actor.of_user(held.created_by))
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


def test_undo_puts_back_all_but_what_was_changed_since(
    make_run: MakeRun, begin: Begin, by: Actor, alice: User
) -> None:
    old = {"quality": "poor", "other": None}
    for name in ("plain", "retagged", "untagged", "same", "beside"):
        make_run(run_id=name, tags=old)
    make_run(run_id="good", tags=QUALITY)
    task = begin(Kind.TAG, tags={"quality": "good", "new": None})
    finish(task)
    found = {run.run_id: run for run in Run.objects.all()}
    labels.set_tags(found["retagged"], {"quality": "best"}, by=Actor.of_user(alice))
    labels.remove_tags(found["untagged"], ["new"], by=Actor.of_user(alice))
    labels.set_tags(found["beside"], {"mine": "1"}, by=Actor.of_user(alice))
    undone = bulk.undo(task, by=by)
    finish(undone)
    changed = 'Tag "quality" was changed since by alice.'
    assert results(undone) == {
        "plain": "done",
        "retagged": changed,
        "untagged": "done",
        "same": "done",
        "beside": "done",
        "good": "done",
    }
    assert tags() == {
        "plain": old,
        "retagged": {"quality": "best", "other": None},
        "untagged": old,
        "same": old,
        "beside": {**old, "mine": "1"},
        "good": QUALITY,
    }
    again = bulk.undo(undone, by=by)
    finish(again)
    assert tags()["plain"] == {"quality": "good", "other": None, "new": None}
    assert tags()["good"] == {"quality": "good", "new": None}


def test_undo_of_removed_tags_brings_them_back(make_run: MakeRun, begin: Begin, by: Actor) -> None:
    make_run(run_id="a", tags={"x": None, "y": "1", "z": "2"})
    make_run(run_id="b", tags={"z": "2"})
    task = begin(Kind.UNTAG, keys=["x", "y"])
    finish(task)
    assert tags() == {"a": {"z": "2"}, "b": {"z": "2"}}
    undone = bulk.undo(task, by=by)
    assert undone.total == 1, "nothing was done to the other"
    finish(undone)
    assert tags()["a"] == {"x": None, "y": "1", "z": "2"}


def shelves() -> dict[str, int]:
    return dict(Run.objects.order_by("pk").values_list("run_id", "shelf"))


def test_trees_are_deleted_and_brought_back_whole(
    make_run: MakeRun, begin: Begin, by: Actor
) -> None:
    for name, parent in (("top", ""), ("mid", "top"), ("leaf", "mid"), ("archived", "")):
        make_ended(make_run, by, run_id=name, parent_run_id=parent)
    runs.edit(Run.objects.get(run_id="archived"), by=by, hidden=True)
    task = begin(Kind.DELETE)
    finish(task)
    assert results(task) == dict.fromkeys(("top", "mid", "leaf", "archived"), "done")
    assert set(shelves().values()) == {Shelf.BIN}
    undone = bulk.undo(task, by=by)
    finish(undone)
    assert shelves() == {"top": 0, "mid": 0, "leaf": 0, "archived": Shelf.ARCHIVED}
    redone = bulk.undo(undone, by=by)
    finish(redone)
    assert set(shelves().values()) == {Shelf.BIN}
    restored = begin(Kind.RESTORE, Run.objects.exclude(run_id="leaf"))
    finish(restored)
    purged = begin(Kind.PURGE)
    finish(purged)
    assert results(purged) == {
        "top": "It is not in the bin; delete it first.",
        "mid": "It is not in the bin; delete it first.",
        "leaf": "done",
        "archived": "It is not in the bin; delete it first.",
    }
    late = bulk.undo(redone, by=by)
    finish(late)
    assert results(late)["leaf"] == "It is gone for good."


def test_undo_leaves_what_was_moved_since(make_run: MakeRun, begin: Begin, by: Actor) -> None:
    for name in ("plain", "restored", "binned"):
        make_ended(make_run, by, run_id=name)
    task = begin(Kind.ARCHIVE)
    finish(task)
    found = {run.run_id: run for run in Run.objects.all()}
    runs.edit(found["restored"], by=by, hidden=False)
    deletion.delete(found["binned"], by=by)
    undone = bulk.undo(task, by=by)
    finish(undone)
    assert results(undone) == {
        "plain": "done",
        "restored": "done",
        "binned": "Somebody has moved it since: it is in the bin.",
    }
    assert shelves() == {"plain": 0, "restored": 0, "binned": Shelf.BIN}


def test_a_task_is_undone_only_when_it_has_ended(
    make_run: MakeRun, begin: Begin, by: Actor
) -> None:
    for name in "ab":
        make_run(run_id=name)
    task = begin(Kind.TAG, tags=QUALITY)
    with pytest.raises(Refused, match="not ended"):
        bulk.undo(task, by=by)
    bulk_work.work("w", 0)
    undone = bulk.undo(bulk.stop(task), by=by)
    assert undone.total == 1, "only what was done is undone"
    finish(undone)
    assert tags() == {"a": {}, "b": {}}
    nothing = begin(Kind.UNTAG, keys=["nowhere"])
    finish(nothing)
    with pytest.raises(Refused, match="changed nothing"):
        bulk.undo(nothing, by=by)


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
