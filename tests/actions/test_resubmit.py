"""Starting a run once more."""

from __future__ import annotations

import pytest

from runs.access import Actor
from runs.actions import resubmit
from runs.actions.refused import Refused
from runs.models import ComputeTarget, Run, User
from tests.conftest import MakeRun


@pytest.fixture
def by(bob: User) -> Actor:
    return Actor.of_user(bob)


@pytest.fixture
def submitted(make_run: MakeRun, target: ComputeTarget) -> Run:
    return make_run(
        target="studio-local",
        definition={"command": ["python", "train.py"], "arguments": ["--lr", "0.1"]},
        tags={"quality": "good", "look": None},
        properties={"azureml.git.commit": "abc", "author": "alice"},
        grace_seconds=7,
    )


def test_a_run_is_started_again_with_other_arguments(submitted: Run, by: Actor, bob: User) -> None:
    new = resubmit.resubmit(submitted, by=by, arguments=["--lr", "0.2"])
    assert new.run_id != submitted.run_id
    assert (new.status, new.target, new.created_by) == ("Queued", "studio-local", bob)
    assert new.definition == {"command": ["python", "train.py"], "arguments": ["--lr", "0.2"]}
    assert new.properties == {"azureml.git.commit": "abc", "resubmittedFrom": submitted.run_id}
    assert (new.tags, new.grace_seconds) == ({"quality": "good", "look": None}, 7)
    assert (submitted.definition or {})["arguments"] == ["--lr", "0.1"]


def test_a_run_that_was_resubmitted_can_be_resubmitted(submitted: Run, by: Actor) -> None:
    second = resubmit.resubmit(submitted, by=by)
    third = resubmit.resubmit(second, by=by)
    assert third.properties["resubmittedFrom"] == second.run_id


def test_a_child_stays_a_child(make_run: MakeRun, target: ComputeTarget, by: Actor) -> None:
    parent = make_run(start=True)
    command = {"command": ["true"]}
    child = make_run(parent_run_id=parent.run_id, target="studio-local", definition=command)
    assert resubmit.resubmit(child, by=by).parent == parent


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"start": True}, "Its own script started it"),
        ({"target": "local", "definition": {"command": ["true"]}}, "submit it from there"),
        ({"target": "studio-local"}, "Its source was not kept"),
    ],
)
def test_what_the_studio_cannot_start_is_refused_with_the_reason(
    make_run: MakeRun, target: ComputeTarget, by: Actor, fields: dict[str, object], reason: str
) -> None:
    run = make_run(**fields)
    with pytest.raises(Refused, match=reason):
        resubmit.resubmit(run, by=by)
    assert Run.objects.count() == 1
