"""Experiments: archived ones free their name, empty ones can go."""

from __future__ import annotations

import pytest

from runs.access import Actor
from runs.actions import experiments
from runs.actions.refused import Refused
from runs.models import Experiment, User, Workspace
from tests.conftest import MakeRun


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


@pytest.fixture
def experiment(workspace: Workspace, by: Actor) -> Experiment:
    return experiments.get_or_create(workspace, "explore-runs", by=by)[0]


def test_an_archived_experiment_frees_its_name(
    workspace: Workspace, experiment: Experiment, by: Actor
) -> None:
    experiments.archive(experiment, by=by)
    archived = Experiment.objects.get(pk=experiment.pk).archived_at
    experiments.archive(experiment, by=by)
    assert Experiment.objects.get(pk=experiment.pk).archived_at == archived
    other, is_new = experiments.get_or_create(workspace, "explore-runs", by=by)
    assert is_new
    with pytest.raises(Refused, match="active experiment is called") as caught:
        experiments.reactivate(experiment, by=by)
    assert caught.value.field == "archived"
    experiments.archive(other, by=by)
    experiments.reactivate(experiment, by=by)
    active = list(Experiment.objects.inside(workspace).active())
    assert active == [Experiment.objects.get(number=0), experiment]


def test_only_an_empty_experiment_is_deleted(
    make_run: MakeRun, experiment: Experiment, by: Actor
) -> None:
    run = make_run(experiment_name="explore-runs")
    with pytest.raises(Refused, match="has 1 runs") as caught:
        experiments.delete(experiment, by=by)
    assert "Archive it" in caught.value.hint
    run.delete()
    experiments.delete(experiment, by=by)
    assert not Experiment.objects.listed().exists()


def test_tags_merge_and_go_by_key(experiment: Experiment, by: Actor) -> None:
    experiments.set_tags(experiment, {"quality": "good", "to look at": None}, by=by)
    assert experiments.set_tags(experiment, {"quality": "fair"}, by=by) == {
        "quality": "fair",
        "to look at": None,
    }
    assert experiments.remove_tags(experiment, ["quality", "never there"], by=by) == {
        "to look at": None
    }
    assert Experiment.objects.get(pk=experiment.pk).tags == {"to look at": None}


@pytest.mark.parametrize(
    "tags", [{"": "x"}, {"k" * 251: "x"}, {"k": "\0"}, {str(n): None for n in range(51)}]
)
def test_tags_that_cannot_be_kept_are_refused_and_change_nothing(
    experiment: Experiment, by: Actor, tags: dict[str, str | None]
) -> None:
    with pytest.raises(Refused) as caught:
        experiments.set_tags(experiment, tags, by=by)
    assert caught.value.field.startswith("tags")
    assert Experiment.objects.get(pk=experiment.pk).tags == {}


def test_the_default_experiment_of_a_workspace_stays(workspace: Workspace, by: Actor) -> None:
    default = Experiment.objects.inside(workspace).get(number=0)
    assert default.name == "Default"
    for remove in (experiments.archive, experiments.delete):
        with pytest.raises(Refused, match='Every workspace keeps its experiment "Default"'):
            remove(default, by=by)


def test_a_number_is_never_given_twice(workspace: Workspace, by: Actor) -> None:
    first = experiments.create(workspace, "a", by=by, tags={})
    experiments.delete(first, by=by)
    second, _ = experiments.get_or_create(workspace, "b", by=by)
    assert (first.number, second.number) == (1, 2)
