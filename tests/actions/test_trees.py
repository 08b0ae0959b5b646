"""Stopping a run with all that it has started."""

from __future__ import annotations

import pytest

from runs.access import Actor
from runs.actions import lifecycle, trees
from runs.actions.refused import Refused
from runs.models import Run, User
from tests.conftest import MakeRun


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


@pytest.fixture
def tree(make_run: MakeRun) -> dict[str, Run]:
    """A run with two children, one of which has ended, and a grandchild."""
    top = make_run(run_id="top", start=True)
    found = {"top": top}
    for name, parent in (("left", "top"), ("right", "top"), ("below", "right")):
        found[name] = make_run(run_id=name, parent_run_id=parent, start=True)
    found["beside"] = make_run(run_id="beside", start=True)
    return found


def statuses() -> dict[str, str]:
    return dict(Run.objects.values_list("run_id", "status"))


def test_a_tree_is_canceled_from_the_top_and_nothing_beside_it(
    tree: dict[str, Run], by: Actor
) -> None:
    lifecycle.complete(tree["left"], by=by)
    assert trees.cancel_tree(tree["top"], by=by) == 3
    assert statuses() == {
        "top": "Canceled",
        "left": "Completed",
        "right": "Canceled",
        "below": "Canceled",
        "beside": "Running",
    }
    assert tree["below"].events.filter(reason__contains="with top, above it").exists()


def test_children_of_an_ended_run_are_canceled_as_well(tree: dict[str, Run], by: Actor) -> None:
    lifecycle.complete(tree["top"], by=by)
    assert trees.cancel_tree(tree["top"], by=by) == 3
    assert statuses()["top"] == "Completed"
    assert statuses()["below"] == "Canceled"


def test_where_nothing_goes_on_the_reason_is_told(tree: dict[str, Run], by: Actor) -> None:
    lifecycle.complete(tree["beside"], by=by)
    with pytest.raises(Refused, match="is Completed"):
        trees.cancel_tree(tree["beside"], by=by)
