"""Finding runs by what they are, and runs below runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runs.actions import workspaces
from runs.models import Workspace as WorkspaceRow
from studio.sdk import Experiment, Run, ScriptRunConfig, UserErrorException


def start(experiment: Experiment, **options: Any) -> Run:
    return experiment.start_logging(snapshot_directory=None, outputs=False, **options)


def ids(runs: Any) -> list[str]:
    return [run.id for run in runs]


def test_runs_are_found_by_tags_and_properties(experiment: Experiment) -> None:
    good = start(experiment, run_id="good", tags={"quality": "fantastic run", "look": None})
    poor = start(experiment, run_id="poor", tags={"quality": "poor", "look": ""})
    good.add_properties({"author": "azureml-user"})
    assert ids(experiment.get_runs()) == ["poor", "good"]
    assert ids(experiment.get_runs(tags="look")) == ["poor", "good"]
    assert ids(experiment.get_runs(tags={"look": None})) == ["good"]
    assert ids(experiment.get_runs(tags={"quality": "fantastic run", "look": None})) == ["good"]
    assert ids(experiment.get_runs(tags={"quality": "fantastic"})) == []
    found = experiment.get_runs(properties={"author": "azureml-user"}, tags="quality")
    assert ids(found) == ["good"]
    with pytest.raises(ValueError, match="tags should be"):
        experiment.get_runs(tags=["look"])  # type: ignore[arg-type]
    poor.complete()
    assert ids(Run.list(experiment, status="Completed")) == ["poor"]
    assert ids(experiment.get_runs(type="azureml.scriptrun")) == []


def test_many_children_start_in_one_call(experiment: Experiment) -> None:
    parent = start(experiment)
    counted = parent.create_children(count=3)
    assert [c.get_tags() for c in counted] == [
        {"azureml.batch_child_number": str(n)} for n in range(3)
    ]
    named = parent.create_children(tag_key="rate", tag_values=["0.1", "0.2"])
    assert [child.tags["rate"] for child in named] == ["0.1", "0.2"]
    assert {child.status for child in counted + named} == {"Running"}
    for child in counted + named:
        assert child.parent is parent
        child.complete()
    assert ids(parent.get_children(tags={"rate": "0.2"})) == [named[1].id]
    parent.complete()


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"count": 1, "tag_key": "k", "tag_values": ["v"]},
        {"tag_key": "k"},
        {"tag_values": ["v"]},
        {"count": 101},
        {"count": 0},
    ],
)
def test_children_that_cannot_be_meant_are_refused(
    experiment: Experiment, asked: dict[str, Any]
) -> None:
    parent = start(experiment)
    with pytest.raises(UserErrorException):
        parent.create_children(**asked)
    assert ids(parent.get_children()) == []


def test_a_tree_is_walked_whole(experiment: Experiment) -> None:
    root = start(experiment, run_id="root")
    child = root.child_run(run_id="child")
    below = child.child_run(run_id="below")
    below.tag("deep")
    below.complete()
    assert ids(root.get_children()) == ["child"]
    assert ids(root.get_children(recursive=True)) == ["below", "child"]
    assert ids(root.get_children(recursive=True, tags="deep")) == ["below"]
    assert ids(root.get_children(recursive=True, status="Running")) == ["child"]
    top: Run = below
    while top.parent is not None:
        top = top.parent
    assert top.id == "root"


def test_a_script_can_be_a_child(experiment: Experiment, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("print(1)")
    parent = start(experiment)
    # A queue that no agent serves: what is asked for is what counts.
    workspaces.create_target(WorkspaceRow.objects.get(), "queue")
    arguments = ["--fruit", "apple"]
    config = ScriptRunConfig(
        tmp_path, script="train.py", arguments=arguments, compute_target="queue"
    )
    child = parent.submit_child(config, tags={"fruit": "apple"})
    told = child.get_details()
    assert child.parent is parent
    assert told["runDefinition"]["arguments"] == ["--fruit", "apple"]
    assert ids(parent.get_children(tags={"fruit": "apple"})) == [child.id]
    child.cancel()
    assert child.get_status() == "Canceled"
