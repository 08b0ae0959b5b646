"""``studio run submit-script``: what the line says wins over a run configuration."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.sdk import Experiment, RunConfiguration
from tests.cli.conftest import Cli

Result = Callable[..., Any]
SUBMIT = ("run", "submit-script", "-e", "mine", "--async")


@pytest.fixture
def project(experiment: Experiment, queue: str) -> Path:
    """The folder of the test, with two scripts and the run configuration gpu."""
    for name in ("train.py", "other.py"):
        Path(name).write_text("print('trained')\n")
    config = RunConfiguration("train.py", ["--lr", 0.5])
    config.target = queue
    config.environment_variables = {"SEED": "1"}
    config.save(name="gpu")
    return Path.cwd()


def submitted(told: dict[str, Any]) -> tuple[str, list[str], str]:
    return told["scriptName"], told["runDefinition"]["arguments"], told["target"]


def test_a_run_configuration_is_submitted_by_its_name(project: Path, result: Result) -> None:
    told = result(*SUBMIT, "-c", "gpu")
    assert submitted(told) == ("train.py", ["--lr", "0.5"], "gpu-cluster")
    assert told["runDefinition"]["environmentVariables"] == {"SEED": "1"}


def test_script_and_arguments_of_the_line_win_and_it_is_said(project: Path, cli: Cli) -> None:
    code, out, err = cli(*SUBMIT, "-c", "gpu", "other.py", "--lr", "0.1", "-o", "none")
    assert code == 0
    assert submitted(json.loads(out)) == (
        "other.py", ["--lr", "0.1", "-o", "none"], "gpu-cluster",
    )  # fmt: skip
    assert err.splitlines() == [
        "studio: script: other.py of the command line, not train.py of the run configuration gpu.",
        "studio: arguments: --lr 0.1 -o none of the command line, "
        "not --lr 0.5 of the run configuration gpu.",
    ]


def test_arguments_alone_stand_behind_two_dashes(project: Path, result: Result) -> None:
    told = result(*SUBMIT, "-c", "gpu", "--", "--lr", "0.1")
    assert submitted(told) == ("train.py", ["--lr", "0.1"], "gpu-cluster")


def test_a_script_of_the_line_keeps_the_arguments_of_the_file(project: Path, cli: Cli) -> None:
    code, out, err = cli(*SUBMIT, "-c", "gpu", "train.py")
    assert (code, err) == (0, "")
    assert submitted(json.loads(out)) == ("train.py", ["--lr", "0.5"], "gpu-cluster")


def test_a_target_of_the_line_wins(project: Path, cli: Cli) -> None:
    config = RunConfiguration("train.py")
    config.target = "elsewhere"
    config.save(name="far")
    code, out, err = cli(*SUBMIT, "-c", "far", "--target", "gpu-cluster")
    assert (code, json.loads(out)["target"]) == (0, "gpu-cluster")
    assert "gpu-cluster of the command line, not elsewhere" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-c", "nowhere"), 2, 'There is no run configuration "nowhere"'),
        ((), 2, "Which script?"),
        (("missing.py",), 3, "There is no script missing.py"),
        (("--target", "nowhere", "train.py"), 3, "There are: local, gpu-cluster"),
        (("-d", "conda.yml", "train.py"), 2, "environments are not built here"),
        (("--query", "[?", "train.py"), 2, "is no JMESPath"),
    ],
)
def test_what_cannot_be_submitted_is_said_and_makes_nothing(
    project: Path, experiment: Experiment, cli: Cli, words: tuple[str, ...], code: int, said: str
) -> None:
    ended, out, err = cli(*SUBMIT, *words)
    assert (ended, out) == (code, "")
    assert said in err
    assert list(experiment.workspace.experiments) == ["explore-runs"]


def test_a_file_that_is_there_stops_it_before_anything_is_submitted(
    project: Path, experiment: Experiment, cli: Cli
) -> None:
    Path("told.json").write_text("mine")
    code, _, err = cli(*SUBMIT, "-t", "told.json", "-c", "gpu")
    assert (code, "told.json is there already" in err) == (2, True)
    assert Path("told.json").read_text() == "mine"
    code, _, err = cli(*SUBMIT, "-t", "nowhere/told.json", "-c", "gpu")
    assert (code, "nowhere is no folder" in err) == (2, True)
    assert list(experiment.workspace.experiments) == ["explore-runs"]
    assert cli(*SUBMIT, "-t", "new.json", "-c", "gpu")[0] == 0
    assert json.loads(Path("new.json").read_text())["scriptName"] == "train.py"


def test_the_experiment_is_that_of_the_attached_folder(
    project: Path, result: Result, cli: Cli
) -> None:
    code, _, err = cli("run", "submit-script", "-c", "gpu")
    assert (code, "Which experiment?" in err) == (2, True)
    result("folder", "attach", "-e", "attached")
    assert result("run", "submit-script", "-c", "gpu", "--async")["experimentName"] == "attached"
