"""What a task did is put back, but for what somebody has changed since."""

from __future__ import annotations

import pytest

from runs.access import Actor
from runs.actions import bulk, bulk_work, deletion, labels, runs
from runs.actions.refused import Refused
from runs.models import Run, User, Workspace
from runs.models.run import Shelf
from runs.models.task import Kind
from tests.actions.tasks import QUALITY, Begin, finish, make_ended, results, tags
from tests.conftest import MakeRun


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
    make_run: MakeRun, begin: Begin, by: Actor, alice: User, workspace: Workspace
) -> None:
    for name, parent in (("top", ""), ("mid", "top"), ("leaf", "mid"), ("archived", "")):
        make_ended(make_run, by, run_id=name, parent_run_id=parent, by=by.user)
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
    every = Run.objects.inside(workspace)
    owner = Actor.of_user(alice)
    purged = bulk.start(workspace, every, by=owner, kind=Kind.PURGE, arguments={}, confirm=4)
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
