"""Run configurations: files of ours and of Azure's, and what they do to a submitted script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from runs.actions import workspaces
from runs.models import Workspace
from studio.sdk import (
    Environment,
    Experiment,
    RunConfiguration,
    RunConfigurationException,
    ScriptRunConfig,
    UserErrorException,
)

OF_AZURE = """\
script: train.py
arguments: [--lr, 0.1]
target: gpu-cluster
framework: Python
communicator: None
maxRunDurationSeconds: 3600
nodeCount: 1
environment:
  name: null
  environmentVariables:
    EXAMPLE: value
    LEVEL: 3
  python:
    userManagedDependencies: false
    interpreterPath: python3
    condaDependenciesFile: .azureml/conda_dependencies.yml
history:
  outputCollection: true
  snapshotProject: true
  directoriesToWatch:
  - logs
environmentVariables: {EXAMPLE: other}
"""


def test_a_file_of_azure_is_understood_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / ".azureml").mkdir()
    (tmp_path / ".azureml/gpu.runconfig").write_text(OF_AZURE)
    config = RunConfiguration.load(tmp_path, "gpu")
    assert (config.script, config.arguments, config.target) == (
        "train.py",
        ["--lr", 0.1],
        "gpu-cluster",
    )
    assert config.max_run_duration_seconds == 3600
    assert config.variables() == {"EXAMPLE": "other", "LEVEL": "3"}
    assert config.environment.python.interpreter_path == "python3"
    config.save(tmp_path, "gpu2")
    written = yaml.safe_load((tmp_path / ".studio/gpu2.runconfig").read_text())
    assert written["environment"]["python"]["condaDependenciesFile"].endswith(".yml")
    assert (written["nodeCount"], written["framework"]) == (1, "Python")
    again = RunConfiguration.load(tmp_path, "gpu2")
    assert again.variables() == config.variables()
    assert again.history == config.history


@pytest.mark.parametrize("name", ["gpu", "gpu.runconfig"])
def test_a_configuration_is_saved_once_and_found_by_either_name(tmp_path: Path, name: str) -> None:
    RunConfiguration("train.py", ["--lr", 0.5]).save(tmp_path / "new", name)
    assert [p.name for p in (tmp_path / "new/.studio").iterdir()] == ["gpu.runconfig"]
    for asked in ("gpu", "gpu.runconfig"):
        assert RunConfiguration.load(tmp_path / "new", asked).arguments == ["--lr", "0.5"]
    assert RunConfiguration.load(tmp_path / "new/.studio/gpu.runconfig").script == "train.py"


def test_what_is_not_there_or_has_no_name_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserErrorException, match="Under which name"):
        RunConfiguration().save(tmp_path)
    with pytest.raises(UserErrorException, match=r'no run configuration "gpu".*gpu\.runconfig'):
        RunConfiguration.load(tmp_path, "gpu")
    with pytest.raises(UserErrorException, match="Give the name"):
        RunConfiguration.load(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UserErrorException, match="cannot be written"):
        RunConfiguration().save(tmp_path / "file", "gpu")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("script: [a, b]", "script cannot be"),
        ("arguments: --lr", "arguments cannot be"),
        ("environment: {python: 3}", "python cannot be"),
        ("just text", "should hold fields"),
        ("a: [", "cannot be read"),
        ("!!python/object/apply:os.system ['true']", "cannot be read"),
    ],
)
def test_a_file_that_says_something_else_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.runconfig").write_text(text)
    with pytest.raises(RunConfigurationException, match=says) as caught:
        RunConfiguration.load(tmp_path, "bad")
    assert "bad.runconfig" in str(caught.value)


def test_what_a_script_says_wins_over_its_run_configuration() -> None:
    told = RunConfiguration("old.py", ["--old"])
    told.target = "gpu-cluster"
    with pytest.warns(UserWarning, match="is not used") as warned:
        config = ScriptRunConfig(".", "new.py", ["--new", 1], told, compute_target="elsewhere")
    assert [str(w.message).split(" is not used")[0] for w in warned] == [
        "run_config is given, so compute_target",
        "script of the run configuration",
        "arguments of the run configuration",
    ]
    assert (config.script, config.arguments, config.target) == (
        "new.py",
        ["--new", "1"],
        "gpu-cluster",
    )
    assert (told.script, told.arguments) == ("old.py", ["--old"])


def test_resuming_adds_an_argument() -> None:
    config = ScriptRunConfig(".", "train.py", ["--lr", 1], resume_from=Path("outputs/last.pt"))
    assert config.arguments == ["--lr", "1", "--resume-from", "outputs/last.pt"]


def test_what_has_no_meaning_here_is_said() -> None:
    with pytest.warns(UserWarning, match="distributed_job_config is not used"):
        ScriptRunConfig(".", "train.py", distributed_job_config=object())


@pytest.mark.parametrize("fields", [{}, {"script": "a.py", "command": ["b"]}])
def test_neither_or_both_of_script_and_command_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(UserErrorException, match="either a script or a command"):
        ScriptRunConfig(".", **fields)


def test_a_submitted_run_keeps_what_its_configuration_said(
    experiment: Experiment, tmp_path: Path
) -> None:
    workspaces.create_target(Workspace.objects.get(name="main"), "gpu-cluster")
    (tmp_path / "train.py").write_text("print(1)")
    settings = RunConfiguration("train.py", ["--lr", 0.1])
    settings.target = experiment.workspace.compute_targets["gpu-cluster"]
    settings.environment = Environment(environment_variables={"A": "1", "B": "1"})
    settings.environment.python.interpreter_path = "/opt/python"
    settings.environment_variables["B"] = "2"
    settings.max_run_duration_seconds = 60
    run = experiment.submit(ScriptRunConfig(tmp_path, run_config=settings))
    told = run.get_details()["runDefinition"]
    assert told == {
        "script": "train.py",
        "arguments": ["--lr", "0.1"],
        "command": [],
        "target": "gpu-cluster",
        "python": "/opt/python",
        "environmentVariables": {"A": "1", "B": "2"},
        "maxRunDurationSeconds": 60,
    }
