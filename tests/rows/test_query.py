"""Section 2.6 and table 8.6: find runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from studio.sdk import (
    Experiment,
    Run,
    ScriptRunConfig,
    ServiceException,
    UserErrorException,
    get_run,
)
from tests.rows.conftest import Start

Result = Callable[..., Any]


def ids(runs: Iterable[Run]) -> list[str]:
    return [run.id for run in runs]


@pytest.fixture
def trials(start: Start) -> dict[str, Run]:
    good = start(run_id="good", tags={"quality": "fantastic run", "worth another look": None})
    good.add_properties({"author": "azureml-user"})
    poor = start(run_id="poor", tags={"quality": "poor", "worth another look": ""})
    bare = start(run_id="bare")
    bare.child_run(run_id="child").tag("quality", "fantastic run")
    return {"good": good, "poor": poor, "bare": bare}


@pytest.mark.row("A-43")
def test_a43_runs_are_yielded_newest_first_without_children(
    trials: dict[str, Run], experiment: Experiment
) -> None:
    Experiment(experiment.workspace, "other").start_logging(
        snapshot_directory=None, outputs=False
    ).complete()
    runs = experiment.get_runs()
    assert isinstance(runs, Iterator)
    assert ids(runs) == ["bare", "poor", "good"]
    assert ids(experiment.get_runs(include_children=True)) == ["child", "bare", "poor", "good"]
    both = experiment.get_runs(tags="quality", properties="author")
    assert ids(both) == ["good"]


@pytest.mark.row("A-43")
def test_a43_runs_are_filtered_by_type(
    run: Run, experiment: Experiment, config: ScriptRunConfig
) -> None:
    submitted = experiment.submit(config)
    assert submitted.type == "azureml.scriptrun"
    assert ids(experiment.get_runs(type="azureml.scriptrun")) == [submitted.id]


@pytest.mark.row("A-44")
def test_a44_a_text_is_a_key_whatever_its_value(
    trials: dict[str, Run], experiment: Experiment
) -> None:
    assert ids(experiment.get_runs(tags="worth another look")) == ["poor", "good"]
    assert ids(experiment.get_runs(tags="worth")) == []
    assert ids(experiment.get_runs(properties="author")) == ["good"]


@pytest.mark.row("A-45")
def test_a45_every_pair_of_a_dict_must_match_exactly(
    trials: dict[str, Run], experiment: Experiment
) -> None:
    def found(tags: dict[str, str | None]) -> list[str]:
        return ids(experiment.get_runs(tags=tags))

    assert found({"quality": "fantastic run"}) == ["good"]
    assert found({"quality": "fantastic"}) == []
    assert found({"worth another look": None}) == ["good"]
    assert found({"worth another look": ""}) == ["poor"]
    assert found({"quality": "poor", "worth another look": None}) == []
    assert ids(experiment.get_runs(properties={"author": "azureml-user"})) == ["good"]


@pytest.mark.row("A-46")
@pytest.mark.parametrize("asked", [["quality"], 3, ("quality",)])
def test_a46_another_type_is_refused_before_anything_is_asked(
    experiment: Experiment, asked: Any
) -> None:
    with pytest.raises(ValueError, match="tags should be a key or a dict of keys and values"):
        experiment.get_runs(tags=asked)
    with pytest.raises(ValueError, match="properties should be a key or a dict"):
        experiment.get_runs(properties=asked)


@pytest.mark.row("A-47")
def test_a47_a_list_may_ask_for_a_status(trials: dict[str, Run], experiment: Experiment) -> None:
    trials["poor"].complete()
    trials["good"].fail("no good")
    assert ids(Run.list(experiment, status="Completed")) == ["poor"]
    assert ids(Run.list(experiment, tags="quality", status="Failed")) == ["good"]
    assert ids(Run.list(experiment, status="Running", include_children=True)) == ["child", "bare"]
    with pytest.raises(ServiceException, match=r"(?i)no status .sleeping.*NotStarted"):
        list(Run.list(experiment, status="Sleeping"))


@pytest.mark.row("A-48")
def test_a48_the_runs_of_a_compute_target_that_wait_or_run(
    experiment: Experiment, config: ScriptRunConfig, queue: str, run: Run
) -> None:
    compute = experiment.workspace.compute_targets[queue]
    first = experiment.submit(config, run_id="one", tags={"fruit": "apple"})
    experiment.submit(config, run_id="two")
    assert [told["runId"] for told in Run.list_by_compute(compute)] == ["two", "one"]
    assert [told["runId"] for told in Run.list_by_compute(compute, tags="fruit")] == ["one"]
    assert list(Run.list_by_compute(compute, status="Running")) == []
    first.cancel()
    assert [told["runId"] for told in Run.list_by_compute(compute, status="Queued")] == ["two"]
    with pytest.raises(UserErrorException, match="one of Running, Queued"):
        list(Run.list_by_compute(compute, status="Completed"))


@pytest.mark.row("A-49")
def test_a49_a_run_is_found_by_its_id(
    trials: dict[str, Run], experiment: Experiment, result: Result
) -> None:
    found = Run.get(experiment.workspace, "good")
    assert (found.experiment.name, found.number) == ("explore-runs", 1)
    assert Run(experiment, "good").tags == found.tags
    assert get_run(experiment, "good").id == "good"
    assert get_run(experiment, "good", rehydrate=False).id == "good"
    assert result("run", "show", "-r", "good")["runNumber"] == 1


@pytest.mark.row("A-49")
def test_a49_a_run_that_is_not_there_is_said(
    trials: dict[str, Run], experiment: Experiment
) -> None:
    looks: list[Callable[[], Run]] = [
        lambda: Run.get(experiment.workspace, "nobody"),
        lambda: Run(experiment, "nobody"),
        lambda: get_run(experiment, "nobody"),
        lambda: get_run(Experiment(experiment.workspace, "other"), "good"),
    ]
    for look in looks:
        with pytest.raises(UserErrorException, match='There is no run "'):
            look()


@pytest.mark.row("A-50", "8.6-1")
def test_a50_8_6_1_a_query_for_a_property(trials: dict[str, Run], result: Result) -> None:
    query = "[?properties.author=='azureml-user']"
    found = result("run", "list", "--experiment-name", "explore-runs", "--query", query)
    assert [told["runId"] for told in found] == ["good"]


@pytest.mark.row("A-50", "8.6-2")
def test_a50_8_6_2_a_query_for_the_beginning_of_a_tags_key(
    trials: dict[str, Run], result: Result
) -> None:
    # One of the runs has no tags at all: they are an empty object, or this would be an error.
    query = "[?tags.keys(@)[?starts_with(@, 'worth another look')]].runId"
    assert result("run", "list", "--query", query) == ["poor", "good"]


@pytest.mark.row("A-50", "8.6-3")
def test_a50_8_6_3_a_query_for_a_property_and_a_tag(trials: dict[str, Run], result: Result) -> None:
    query = "[?properties.author=='azureml-user' && tags.quality=='fantastic run'].runId"
    assert result("run", "list", "--query", query) == ["good"]
    assert result("run", "list", "--last", "1", "--query", query) == []
