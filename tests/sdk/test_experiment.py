"""The experiment as an object: labels, archive, lists, compute targets, and how things look."""

from __future__ import annotations

from typing import Any

import pytest

from runs.actions import workspaces
from runs.models import ComputeTarget, Workspace
from studio.sdk import Experiment, Run, UserErrorException, _children


def test_an_archived_experiment_is_not_listed_and_comes_back(experiment: Experiment) -> None:
    workspace = experiment.workspace
    assert experiment.archived_time is None
    experiment.archive()
    assert experiment.archived_time is not None
    assert "explore-runs" not in workspace.experiments
    names = {view: [e.name for e in Experiment.list(workspace, view_type=view)]
             for view in ("ActiveOnly", "ArchivedOnly", "All")}  # fmt: skip
    assert names == {
        "ActiveOnly": [],
        "ArchivedOnly": ["explore-runs"],
        "All": ["explore-runs"],
    }
    again = Experiment(workspace, "explore-runs")
    assert again.id != experiment.id
    with pytest.raises(UserErrorException, match="active experiment"):
        experiment.reactivate()
    Experiment.delete(workspace, again.id)
    with pytest.raises(UserErrorException, match="keeps its name"):
        experiment.reactivate(new_name="other")
    experiment.reactivate()
    assert [*workspace.experiments] == ["explore-runs"]


def test_tags_of_an_experiment_merge(experiment: Experiment) -> None:
    experiment.tag("worth another look")
    with pytest.warns(UserWarning, match="kept as the text"):
        experiment.set_tags({"quality": "good", "rank": 1})
    experiment.remove_tags(["quality"])
    expected = {"worth another look": None, "rank": "1"}
    assert experiment.tags == expected
    other = Experiment(experiment.workspace, "explore-runs")
    assert other.tags == expected
    other.tag("late", "yes")
    assert "late" not in experiment.tags
    experiment.refresh()
    assert experiment.tags["late"] == "yes"


def test_experiments_are_listed_by_tag(experiment: Experiment) -> None:
    workspace = experiment.workspace
    Experiment(workspace, "other").set_tags({"team": "red", "old": None})

    def named(tags: Any) -> list[str]:
        return [e.name for e in Experiment.list(workspace, tags=tags)]

    assert named("team") == named({"team": "red"}) == named({"old": None}) == ["other"]
    assert named({"team": "blue"}) == named({"team": None}) == []
    with pytest.raises(ValueError, match="tags"):
        named(3)
    with pytest.raises(UserErrorException, match="ActiveOnly"):
        Experiment.list(workspace, view_type="everything")


def test_an_experiment_with_runs_stays(experiment: Experiment) -> None:
    experiment.start_logging(snapshot_directory=None, outputs=False).complete()
    with pytest.raises(UserErrorException, match="has 1 runs"):
        Experiment.delete(experiment.workspace, experiment.id)
    with pytest.raises(UserErrorException, match="no experiment"):
        Experiment.delete(experiment.workspace, "never")


def test_a_run_of_an_archived_experiment_knows_which_one(experiment: Experiment) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    run.complete()
    experiment.archive()
    Experiment(experiment.workspace, "explore-runs")
    found = Run.get(experiment.workspace, run.id)
    assert found.experiment.id == experiment.id
    assert found.experiment.archived_time is not None


@pytest.fixture
def target(experiment: Experiment) -> ComputeTarget:
    return workspaces.create_target(Workspace.objects.get(name="main"), "gpu-cluster")


def test_runs_are_listed_by_compute_target(experiment: Experiment, target: ComputeTarget) -> None:
    from studio.sdk import ScriptRunConfig

    with open("train.py", "w") as script:
        script.write("print('hello')")
    compute = experiment.workspace.compute_targets["gpu-cluster"]
    run = experiment.submit(ScriptRunConfig(".", "train.py", compute_target=compute))
    records = list(Run.list_by_compute(compute))
    assert [record["runId"] for record in records] == [run.id]
    assert list(Run.list_by_compute(compute, status="Running")) == []
    assert run.get_detailed_status()["status"] == "Queued"
    with pytest.raises(UserErrorException, match="Running, Queued"):
        Run.list_by_compute(compute, status="Failed")
    with pytest.raises(UserErrorException, match="compute target"):
        Run.list_by_compute("gpu-cluster")  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        experiment.workspace.compute_targets["never"]


class Special(Run):
    """A class of its own for a type of run."""


def test_a_type_of_run_can_have_a_class_of_its_own(
    experiment: Experiment, target: ComputeTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.sdk import ScriptRunConfig

    monkeypatch.setattr(_children, "PROVIDERS", {})
    Run.add_type_provider("azureml.scriptrun", lambda of, told: Special(of, told["runId"]))
    with pytest.raises(ValueError, match="factory already"):
        Run.add_type_provider("azureml.scriptrun", lambda of, told: Special(of, told["runId"]))
    config = ScriptRunConfig(command="true", compute_target="gpu-cluster")
    submitted = experiment.submit(config)
    led = experiment.start_logging(snapshot_directory=None, outputs=False)
    assert isinstance(Run.get(experiment.workspace, submitted.id), Special)
    assert [type(run) for run in experiment.get_runs()] == [Run, Special]
    led.complete()


def test_everything_shows_itself_in_a_notebook(experiment: Experiment) -> None:
    run = experiment.start_logging(
        snapshot_directory=None, outputs=False, display_name="<b>bold</b>"
    )
    run.complete()
    html = run._repr_html_()
    assert f'href="{run.get_portal_url()}"' in html
    assert "Completed" in html
    assert "<b>" not in html
    assert "explore-runs" in experiment._repr_html_()
    assert "main" in experiment.workspace._repr_html_()
    assert str(run).splitlines() == [
        "Run(Experiment: explore-runs,",
        f"Id: {run.id},",
        "Type: None,",
        "Status: Completed)",
    ]
    assert "Workspace: main" in str(experiment)


def test_metrics_come_by_type_of_run_and_with_their_contents(experiment: Experiment) -> None:
    with experiment.start_logging(snapshot_directory=None, outputs=False) as run:
        run.log_residuals("errors", {"schema_type": "residuals", "data": {}})
        with run.child_run() as child:
            child.log("loss", 1)
    assert run.get_metrics(populate=True)["errors"].startswith(b'{"schema_type"')
    assert run.get_metrics()["errors"].endswith(f"dcid.{run.id}/errors")
    assert run.get_metrics(run_type="azureml.scriptrun") == {}
    assert run.get_metrics("loss", recursive=True) == {child.id: {"loss": 1}}
    assert run.get_metrics(recursive=True, run_type="azureml.scriptrun") == {}


def test_runs_below_a_run_inside_a_tree_are_found_newest_first(experiment: Experiment) -> None:
    top = experiment.start_logging(snapshot_directory=None, outputs=False)
    left, right = top.child_run(), top.child_run()
    below = left.child_run()
    below.tag("deep")
    deeper = below.child_run()
    right.child_run()
    assert [run.id for run in left.get_children(recursive=True)] == [deeper.id, below.id]
    assert [run.id for run in left.get_children(recursive=True, tags="deep")] == [below.id]
    assert len(list(top.get_children(recursive=True))) == 5
    assert list(deeper.get_children(recursive=True)) == []
