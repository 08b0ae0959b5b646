"""Making runs and editing what people write on them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from runs.access import Actor
from runs.actions import lifecycle
from runs.actions import runs as run_actions
from runs.actions.refused import Refused
from runs.actions.runs import NewRun
from runs.actions.text import past_moment
from runs.models import Run, User, Workspace
from runs.queries.runs import RunQuery, matching
from studio.contract.errors import Code
from tests.conftest import MakeRun


def test_runs_of_an_experiment_count_up(make_run: MakeRun) -> None:
    assert [make_run().number for _ in range(3)] == [1, 2, 3]
    assert make_run(experiment_name="other").number == 1


def test_a_run_without_a_name_gets_one_that_can_be_said(make_run: MakeRun) -> None:
    assert re.fullmatch(r"[a-z]+_[a-z]+_[a-z0-9]{6}", make_run().display_name)


@pytest.mark.parametrize(
    ("place", "status", "supervised"),
    [("sdk", "NotStarted", False), ("local", "NotStarted", True), ("studio-local", "Queued", True)],
)
@pytest.mark.usefixtures("target")
def test_where_it_will_run_decides_how_it_begins(
    make_run: MakeRun, place: str, status: str, supervised: bool
) -> None:
    run = make_run(target=place)
    assert (run.status, run.supervised) == (status, supervised)


def test_a_child_knows_its_parent_root_and_depth(make_run: MakeRun) -> None:
    top = make_run()
    child = make_run(parent_run_id=top.run_id)
    grandchild = make_run(parent_run_id=child.run_id)
    assert (grandchild.parent, grandchild.root, grandchild.depth) == (child, top, 2)


def test_tags_and_properties_come_with_the_run(make_run: MakeRun) -> None:
    run = make_run(
        tags={"quality": "fantastic run", "worth another look": None}, properties={"a": "b"}
    )
    fresh = Run.objects.get(pk=run.pk)
    assert fresh.tags == {"quality": "fantastic run", "worth another look": None}
    assert sorted(fresh.tag_rows.values_list("key", "value")) == [
        ("quality", "fantastic run"),
        ("worth another look", None),
    ]
    assert fresh.properties == {"a": "b"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"experiment_name": "a b"}, "experimentName"),
        ({"run_id": "../x"}, "runId"),
        ({"display_name": "x" * 257}, "displayName"),
        ({"description": "nul\0"}, "description"),
        ({"display_name": "\ud800"}, "displayName"),
        ({"parent_run_id": "nobody"}, "parentRunId"),
        ({"target": "moon"}, "target"),
        ({"target": "local", "script_name": "../../etc/passwd"}, "scriptName"),
        ({"target": "local", "start": True}, "start"),
        ({"snapshot_id": "0" * 64}, "snapshotId"),
        ({"grace_seconds": -1.0}, "graceSeconds"),
        ({"max_run_seconds": 0.0 - 5}, "maxRunDurationSeconds"),
        ({"tags": {"": "x"}}, "tags."),
        ({"tags": {f"k{n}": None for n in range(51)}}, "tags"),
        ({"properties": {"k": "v" * 8001}}, "properties.k"),
    ],
)
def test_a_field_that_breaks_its_rule_is_named_and_nothing_is_stored(
    make_run: MakeRun, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_run(**fields)
    assert refused.value.field == field
    assert not Run.objects.exists()


def test_a_submitted_run_needs_something_to_run(workspace: Workspace, alice: User) -> None:
    with pytest.raises(Refused) as refused:
        run_actions.create(
            workspace, by=Actor.of_user(alice), new=NewRun("explore-runs", target="local")
        )
    assert refused.value.field == "scriptName"


def test_an_id_is_given_once(make_run: MakeRun) -> None:
    make_run(run_id="mine")
    with pytest.raises(Refused) as refused:
        make_run(run_id="mine")
    assert refused.value.code is Code.CONFLICT
    assert make_run().number == 2


def test_an_edit_tells_what_was_before(run: Run, alice: User) -> None:
    run_actions.edit(run, by=Actor.of_user(alice), display_name="best so far")
    event = run.events.latest("id")
    assert event.data["display_name"]["after"] == "best so far"
    assert Run.objects.get(pk=run.pk).version == 2


def test_an_edit_of_an_old_version_shows_the_present_text(run: Run, alice: User) -> None:
    by = Actor.of_user(alice)
    run_actions.edit(run, by=by, description="first", version=1)
    with pytest.raises(Refused) as refused:
        run_actions.edit(run, by=by, description="second", version=1)
    assert refused.value.extra["current"]["description"] == "first"
    assert Run.objects.get(pk=run.pk).description == "first"


def test_a_run_of_another_time_keeps_its_times(make_run: MakeRun, alice: User) -> None:
    run = make_run(start=True, started="2026-10-01T10:00:00Z")
    ended = past_moment("2026-10-01T12:30:00+02:00", "endTimeUtc", after=run.started_at)
    lifecycle.complete(run, by=Actor.of_user(alice), at=ended)
    run.refresh_from_db()
    assert run.duration == timedelta(minutes=30)


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-10-01T10:00:00", "2026-13-01T10:00:00Z", "9999-01-01T00:00:00Z",
     "0001-01-01T00:00:00+23:59", "2026-09-01T10:00:00Z"],
)  # fmt: skip
def test_an_end_that_cannot_be_is_refused(make_run: MakeRun, text: str) -> None:
    run = make_run(start=True, started="2026-10-01T10:00:00Z")
    with pytest.raises(Refused) as caught:
        past_moment(text, "endTimeUtc", after=run.started_at)
    assert caught.value.field == "endTimeUtc"


def test_all_runs_below_the_top_of_a_tree_are_found(
    make_run: MakeRun, workspace: Workspace, alice: User
) -> None:
    top = make_run(run_id="top")
    make_run(run_id="child", parent_run_id="top")
    make_run(run_id="grandchild", parent_run_id="child")
    make_run(run_id="stranger")
    by = Actor.of_user(alice)
    found = matching(Run.objects.all(), RunQuery(root=top.run_id), workspace=workspace, by=by)
    assert {run.run_id for run in found} == {"child", "grandchild"}
