"""Runs through the SDK, against the real studio."""

from __future__ import annotations

from typing import Any

import pytest

from studio.sdk import (
    ActivityFailedException,
    Experiment,
    Run,
    RunEnvironmentException,
    ServiceException,
    UserErrorException,
    Workspace,
    _run,
)
from studio.sdk._transport import Transport


@pytest.fixture
def run(experiment: Experiment) -> Run:
    return experiment.start_logging(snapshot_directory=None, outputs=False)


def test_one_value_is_a_value_and_several_are_a_list(run: Run) -> None:
    run.log("once", "Hello from run!")
    for number in range(3):
        run.log("often", number, step=number)
    run.complete()
    assert run.get_metrics() == {"once": "Hello from run!", "often": [0, 1, 2]}
    assert run.get_metrics("once") == {"once": "Hello from run!"}
    assert run.get_metrics("nothing") == {}


def test_what_the_runner_measured_is_told_only_by_name(run: Run) -> None:
    run.log("loss", 0.5)
    run.log("system/cpu_percent", 80, step=1)
    run.complete()
    assert run.get_metrics() == {"loss": 0.5}
    assert run.get_metrics("system/cpu_percent") == {"system/cpu_percent": 80}


def test_parameters_travel_in_the_background_and_are_read_back(run: Run) -> None:
    run.log_parameter("lr", 1e-05)
    run.log_parameters({"epochs": 3, "nesterov": True, "schedule": None, "shape": (2, 3)})
    run.log("loss", 0.5)
    run.log_parameters({"epochs": 3, "optimizer": "adam"})
    kept = {
        "lr": "1e-05", "epochs": "3", "nesterov": "True", "schedule": "None", "shape": "(2, 3)",
        "optimizer": "adam",
    }  # fmt: skip
    assert run.get_parameters() == run.parameters == kept
    assert run.get_metrics() == {"loss": 0.5}
    assert Run.get(run.experiment.workspace, run.id).parameters == kept


def test_a_parameter_never_changes(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.log_parameter("lr", 0.01)
    with pytest.raises(UserErrorException, match=r'"lr" is "0.01" and cannot become "0.02"'):
        run.log_parameters({"new": "x", "lr": 0.02})
    assert run.get_parameters() == {"lr": "0.01"}
    # Another process, which has not seen it, hears of it from the studio; all else arrives.
    other = Run.get(run.experiment.workspace, run.id)
    run.log_parameter("seed", 1)
    run.flush()
    other.log("before", 1)
    other.log_parameter("seed", 2)
    other.log_parameter("depth", 4)
    other.flush()
    assert 'Parameter "seed" is "1" and cannot become "2"' in capsys.readouterr().err
    assert other.get_parameters() == {"lr": "0.01", "seed": "1", "depth": "4"}
    assert other.get_metrics() == {"before": 1}


def test_tags_and_properties(run: Run) -> None:
    run.tag("worth another look")
    with pytest.warns(UserWarning, match="kept as the text"):
        run.tag("rank", 1)
    assert run.get_tags() == {"worth another look": None, "rank": "1"}
    run.remove_tags(["rank"])
    run.add_properties({"author": "alice"})
    run.add_properties({"author": "alice"})
    with pytest.raises(UserErrorException, match="never change"):
        run.add_properties({"author": "bob"})
    assert (run.get_tags(), run.get_properties()) == (
        {"worth another look": None},
        {"author": "alice"},
    )
    run.complete()
    run.tag("after", "the end")


def test_details_have_what_there_is_and_no_more(run: Run) -> None:
    before = run.get_details()
    assert (before["runId"], before["target"], before["status"]) == (run.id, "sdk", "Running")
    assert "endTimeUtc" not in before
    assert "error" not in before
    run.fail("no good", error_code="Wrong")
    after = run.get_details()
    assert after["endTimeUtc"] > after["startTimeUtc"]
    assert after["error"]["error"]["code"] == "Wrong"
    with pytest.raises(ActivityFailedException, match="no good"):
        run.wait_for_completion()
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Failed"


def test_a_child_knows_its_parent(run: Run) -> None:
    with run.child_run("first") as child:
        child.log("loss", 1)
    second = run.child_run()
    second.cancel()
    assert child.parent is run
    assert child.get_status() == "Completed"
    assert [found.id for found in run.get_children()] == [second.id, child.id]
    assert run.get_metrics(recursive=True) == {child.id: {"loss": 1}}
    assert Run.get(run.experiment.workspace, child.id).parent.id == run.id  # type: ignore[union-attr]
    run.complete()


def test_what_ended_stays_ended(run: Run) -> None:
    run.cancel()
    assert run.get_status() == "Canceled"
    with pytest.raises(UserErrorException, match="cannot become Completed"):
        run.complete()
    run.cancel()


def test_names_can_be_changed(run: Run) -> None:
    run.display_name = "best so far"
    run.description = "*why*"
    again = Run.get(run.experiment.workspace, run.id)
    assert (again.display_name, again.description, again.number) == ("best so far", "*why*", 1)
    run.complete()


def test_what_is_not_there_is_said(experiment: Experiment) -> None:
    workspace = experiment.workspace
    with pytest.raises(UserErrorException, match='no run "nobody"'):
        Run.get(workspace, "nobody")
    with pytest.raises(UserErrorException, match="no workspace"):
        Workspace.get("elsewhere")
    with pytest.raises(UserErrorException, match="cannot name an experiment"):
        Experiment(workspace, "a b")


def test_a_studio_that_does_not_answer_is_named() -> None:
    workspace = Workspace(Transport("http://127.0.0.1:1", "t", "main", patience=0.2))
    with pytest.raises(ServiceException, match=r"127\.0\.0\.1:1 does not answer"):
        workspace._checked()


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_run, "_current", None)
    for name in ("STUDIO_RUN_ID", "STUDIO_RUN_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("outside")
def test_outside_of_a_run_the_context_is_offline(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RunEnvironmentException, match="start_logging"):
        Run.get_context(allow_offline=False)
    run: Any = Run.get_context()
    assert run.id.startswith("OfflineRun_")
    assert Run.get_context() is run
    run.log("loss", 0.5, step=1)
    run.tag("a")
    assert (run.get_metrics(), run.get_tags(), run.parent) == ({"loss": 0.5}, {"a": None}, None)
    assert "Attempted to log scalar metric loss" in capsys.readouterr().out


@pytest.mark.usefixtures("outside")
def test_inside_a_run_the_context_asks_nothing_at_first(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = run._transport
    monkeypatch.setenv("STUDIO_RUN_ID", run.id)
    monkeypatch.setenv("STUDIO_RUN_TOKEN", transport.token)
    monkeypatch.setenv("STUDIO_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("STUDIO_WORKSPACE", "main")
    monkeypatch.setenv("STUDIO_EXPERIMENT", "explore-runs")
    inside = Run.get_context()
    assert isinstance(inside, Run)
    assert (inside.id, inside.experiment.name) == (run.id, "explore-runs")
    # The studio is back.
    inside._transport.url = transport.url
    assert (inside.number, inside.parent) == (1, None)
    inside.complete()
    assert inside.get_status() == "Running"
    with pytest.warns(UserWarning, match="does not cancel its own run"):
        inside.cancel()
    inside._transport.close()
    run.complete()
