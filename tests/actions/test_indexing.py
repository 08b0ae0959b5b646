"""What is kept about runs, so that lists are quick, is true after each change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from runs.access import Actor
from runs.actions import deletion, indexing, labels, lifecycle, metrics, runs
from runs.actions.metrics import Row
from runs.models import (
    ComputeTarget,
    Run,
    RunCount,
    SearchDocument,
    TagOfSet,
    TagSet,
    User,
    Workspace,
)
from runs.models.search import DIVIDER, document, needle
from tests.conftest import MakeRun

Change = Callable[[Run, Actor], object]
CHANGES: dict[str, Change] = {
    "tags": lambda run, by: labels.set_tags(run, {"quality": "Straße", "flag": None}, by=by),
    "no tags": lambda run, by: labels.remove_tags(run, ["team"], by=by),
    "name": lambda run, by: runs.edit(run, by=by, display_name="Another name"),
    "description": lambda run, by: runs.edit(run, by=by, description="Why\nit\x1ffailed"),
    "archived": lambda run, by: runs.edit(run, by=by, hidden=True),
    "completed": lambda run, by: lifecycle.complete(run, by=by),
    "failed": lambda run, by: lifecycle.fail(run, by=by, error={"message": "no"}),
    "canceled": lambda run, by: lifecycle.request_cancel(run, by=by),
    "lost": lambda run, by: lifecycle.lose(run, by=by),
    "numbers": lambda run, by: metrics.append(
        run, by=by, session="s", sequence=0, rows=[Row("loss", 0.5)]
    ),
}


def assert_true_of_all_runs() -> None:
    found = {one.run_id: one.text for one in SearchDocument.objects.all()}
    told: dict[int, str] = {}
    kinds: Counter[tuple[object, ...]] = Counter()
    for run in Run.objects.select_related("experiment", "created_by"):
        tags = [text for pair in run.tags.items() for text in pair]
        texts = [run.display_name, run.run_id, run.description, run.status, run.experiment.name]
        told[run.pk] = document([*texts, run.created_by.username, run.created_by.name, *tags])
        kinds[run.workspace_id, run.shelf, run.depth > 0, run.status] += 1
        ended = run.ended_at and run.started_at
        assert run.seconds == (run.duration.total_seconds() if ended and run.duration else None)
    assert found == told
    rows = RunCount.objects.exclude(number=0)
    names = ("workspace_id", "shelf", "is_child", "status")
    assert {tuple(row[:-1]): row[-1] for row in rows.values_list(*names, "number")} == kinds
    assert_sets_are_those_of_all_runs()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # Fails where the index holds anything but what the documents hold.
            cursor.execute(
                "INSERT INTO runs_searchindex (runs_searchindex, rank) VALUES ('integrity-check', 1)"
            )


def assert_sets_are_those_of_all_runs() -> None:
    sets: Counter[tuple[object, ...]] = Counter()
    for run in Run.objects.select_related("tag_set"):
        assert run.tag_set is not None
        assert {tag.key for tag in run.tag_set.tags.all()} == set(run.tags)
        sets[run.workspace_id, run.tag_set] += 1
    assert {(each.workspace_id, each): each.number for each in TagSet.objects.all()} == sets


@pytest.mark.parametrize("name", CHANGES)
def test_documents_counts_and_seconds_follow_each_change(
    name: str, make_run: MakeRun, alice: User
) -> None:
    run = make_run(start=True, tags={"team": "vision"}, description="First")
    make_run(parent_run_id=run.run_id)
    assert_true_of_all_runs()
    CHANGES[name](run, Actor.of_user(alice))
    assert_true_of_all_runs()


def test_they_follow_a_submitted_run_to_its_end(
    make_run: MakeRun, alice: User, target: ComputeTarget
) -> None:
    by = Actor.system("worker")
    run = make_run(target=target.name)
    for step in (lifecycle.prepare, lifecycle.start, lifecycle.finalize, lifecycle.complete):
        step(run, by=by)
        assert_true_of_all_runs()
    assert Run.objects.get().seconds is not None


def test_they_follow_a_run_to_the_bin_back_and_away(make_run: MakeRun, alice: User) -> None:
    by, run = Actor.of_user(alice), make_run(start=True)
    lifecycle.complete(run, by=by)
    for step in (deletion.delete, deletion.restore, deletion.delete, deletion.purge):
        step(run, by=by)
        assert_true_of_all_runs()
    assert not SearchDocument.objects.exists()


def test_an_edit_of_a_run_read_long_ago_keeps_the_tags_of_others(
    make_run: MakeRun, alice: User
) -> None:
    by, run = Actor.of_user(alice), make_run()
    labels.set_tags(Run.objects.get(), {"quality": "good"}, by=by)
    runs.edit(run, by=by, display_name="Another name")
    assert_true_of_all_runs()


def test_a_rebuild_makes_good_what_was_lost(
    make_run: MakeRun, charlie: User, other_workspace: Workspace
) -> None:
    first = make_run(tags={"team": "vision"})
    make_run(parent_run_id=first.run_id)
    make_run(inside=other_workspace, by=charlie)
    SearchDocument.objects.filter(run=first).delete()
    Run.objects.filter(pk=first.pk).update(description="written past the actions", status="Failed")
    RunCount.objects.update(number=7)
    TagSet.objects.update(number=7)
    TagSet.objects.create(workspace=other_workspace, digest="of nothing")
    Workspace.objects.update(newest_at=None, disorder=9)
    call_command("rebuild_index")
    assert_true_of_all_runs()
    assert indexing.rebuild() == 3
    assert set(Workspace.objects.values_list("disorder", flat=True)) == {0}
    assert (
        Workspace.objects.get(pk=first.workspace_id).newest_at
        == Run.objects.get(depth=1).created_at
    )


def test_a_workspace_knows_how_far_its_clock_went_back(
    make_run: MakeRun, workspace: Workspace
) -> None:
    noon = timezone.now()
    for minutes in (0, 5, 2, 4, 1, 9):
        with mock.patch.object(timezone, "now", return_value=noon + timedelta(minutes=minutes)):
            make_run()
    for _ in ("kept", "found anew"):
        workspace.refresh_from_db()
        assert workspace.disorder == 240
        assert workspace.newest_at == noon + timedelta(minutes=9)
        indexing.rebuild()


def test_runs_with_the_same_keys_of_tags_share_a_set(make_run: MakeRun, alice: User) -> None:
    first, other = make_run(tags={"a": "1", "b": None}), make_run(tags={"b": "2", "a": "3"})
    assert TagSet.objects.get().number == 2
    labels.set_tags(first, {"c": "1"}, by=Actor.of_user(alice))
    labels.remove_tags(first, ["c"], by=Actor.of_user(alice))
    assert TagSet.objects.get().number == 2
    for run in (first, other):
        lifecycle.request_cancel(run, by=Actor.of_user(alice))
        deletion.delete(run, by=Actor.of_user(alice))
        deletion.purge(run, by=Actor.of_user(alice))
    assert not TagSet.objects.exists()
    assert not TagOfSet.objects.exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [("Good", True), ("RUN", True), ("go", True), ("g", True), ("oo", False), ("o", False),
     ("a", True), ("ar", False), ("  ", False), ("ru", True), ("-r", False), ("good run", True)],
)  # fmt: skip
def test_fewer_than_three_letters_are_found_where_a_word_begins(text: str, found: bool) -> None:
    assert (needle(text) in document(["good run", None, "a"])) is found


def test_no_text_is_found_across_two() -> None:
    assert needle(f"one{DIVIDER}two") not in document(["one", "two"])
    assert needle("onetwo") not in document(["one", "two"])
