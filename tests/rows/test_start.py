"""Section 2.1: start a run and its logging."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

import studio
from studio.contract import limits
from studio.sdk import (
    VERSION,
    Experiment,
    Run,
    SnapshotException,
    UserErrorException,
    Workspace,
)
from tests.cli.conftest import Cli
from tests.rows.conftest import Pages

THREE_KEYS = {"subscription_id": "s", "resource_group": "g", "workspace_name": "main"}
SCOPE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.x/workspaces/main/projects/mine"


@pytest.mark.row("A-01")
def test_a01_the_version_is_a_text_and_that_of_the_studio(run: Run, cli: Cli) -> None:
    assert isinstance(VERSION, str)
    assert studio.__version__ == VERSION
    assert VERSION in cli("--version")[1]


@pytest.mark.row("A-02")
@pytest.mark.parametrize("told", [THREE_KEYS, {"Id": "i", "Scope": SCOPE}])
def test_a02_both_shapes_of_a_config_are_read(experiment: Experiment, told: dict[str, str]) -> None:
    Path("config.json").write_text(json.dumps(told))
    assert Workspace.from_config().name == "main"
    assert Workspace.from_config("config.json").name == "main"


@pytest.mark.row("A-02")
def test_a02_the_kind_of_folder_goes_before_its_nearness(experiment: Experiment) -> None:
    below = Path("project/src")
    below.mkdir(parents=True)
    wrong = json.dumps({**THREE_KEYS, "workspace_name": "elsewhere"})
    (below / "config.json").write_text(wrong)
    Path("project/aml_config").mkdir()
    Path("project/aml_config/config.json").write_text(wrong)
    Path(".azureml").mkdir()
    Path(".azureml/config.json").write_text(json.dumps(THREE_KEYS))
    assert Workspace.from_config(below).name == "main"


@pytest.mark.row("A-02")
def test_a02_the_files_of_azure_are_looked_for_in_their_order(experiment: Experiment) -> None:
    names = [
        f"{folder}/{name}"
        for folder in (".azureml", "aml_config", ".")
        for name in ("config.json", "project.json")
    ]
    for name in names:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(json.dumps({**THREE_KEYS, "workspace_name": "elsewhere"}))
    for name in names:
        Path(name).write_text(json.dumps(THREE_KEYS))
        assert Workspace.from_config().name == "main"
        Path(name).unlink()
    Path("mine.json").write_text(json.dumps(THREE_KEYS))
    assert Workspace.from_config(_file_name="mine.json").name == "main"


@pytest.mark.row("A-02")
def test_a02_a_config_that_is_not_there_or_says_too_little_is_named(
    experiment: Experiment, tmp_path: Path
) -> None:
    with pytest.raises(UserErrorException, match=rf"{tmp_path}.*manage\.py demo writes one"):
        Workspace.from_config(tmp_path)
    Path("config.json").write_text('{"subscription_id": "s"}')
    with pytest.raises(UserErrorException, match="names no workspace"):
        Workspace.from_config()


@pytest.mark.row("A-03")
def test_a03_a_written_config_is_found_again(experiment: Experiment, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    experiment.workspace.write_config(folder)
    below = folder / "src"
    below.mkdir()
    assert Workspace.from_config(below).name == "main"
    experiment.workspace.write_config(folder, "other.json")
    assert Workspace.from_config(folder / ".studio" / "other.json").name == "main"
    assert experiment.workspace._transport.token not in (folder / ".studio/config.json").read_text()


@pytest.mark.row("A-03")
def test_a03_a_place_that_cannot_be_written_is_said(experiment: Experiment, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserErrorException, match="cannot be written"):
        experiment.workspace.write_config(tmp_path / "file")


@pytest.mark.row("A-04")
def test_a04_constructing_an_experiment_makes_it_once(experiment: Experiment, pages: Pages) -> None:
    workspace = experiment.workspace
    made = Experiment(workspace=workspace, name="fresh")
    assert Experiment(workspace, "fresh").id == made.id
    assert set(workspace.experiments) == {"explore-runs", "fresh"}
    assert "Name: fresh" in str(made)
    assert "Workspace: main" in str(made)
    assert "Report Page" in made._repr_html_()
    assert f'<a href="{made.get_portal_url()}"' in made._repr_html_()
    assert made.get_portal_url().endswith("/w/main/runs/?experiment=fresh")
    assert pages.status("/w/main/runs/?experiment=fresh") == 200


@pytest.mark.row("A-04")
@pytest.mark.parametrize("name", ["a b", "a.b", "-a", "", "x" * 256])
def test_a04_a_bad_name_is_refused_with_the_rule(experiment: Experiment, name: str) -> None:
    with pytest.raises(UserErrorException, match="cannot name an experiment"):
        Experiment(experiment.workspace, name)
    assert list(experiment.workspace.experiments) == ["explore-runs"]


@pytest.mark.row("A-05")
def test_a05_a_run_starts_with_everything_it_is_given(experiment: Experiment) -> None:
    Path("train.py").write_text("print(1)")
    run = experiment.start_logging(
        name="trial",
        tags={"quality": "good", "look": None},
        display_name="first try",
        description="*why*",
    )
    assert run.status == "Running"
    assert Path("outputs").is_dir()
    assert uuid.UUID(run.id).version == 4
    again = Run.get(experiment.workspace, run.id)
    assert (again.name, again.display_name, again.description) == ("trial", "first try", "*why*")
    assert again.tags == {"quality": "good", "look": None}
    assert again.get_details()["target"] == "sdk"
    assert again.get_properties()["ContentSnapshotId"] == run.get_snapshot_id()
    Path("outputs/model.txt").write_text("weights")
    run.complete()
    assert run.get_file_names() == ["outputs/model.txt"]


@pytest.mark.row("A-05")
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a05_the_commit_of_the_source_becomes_properties(experiment: Experiment) -> None:
    Path("train.py").write_text("print(1)")
    person = ("-c", "user.name=Alice", "-c", "user.email=alice@example.org")
    for words in (
        ("init", "-q", "-b", "trunk"),
        ("add", "."),
        (*person, "commit", "-q", "-m", "x"),
    ):
        subprocess.run(["git", *words], check=True)
    Path("train.py").write_text("print(2)")
    properties = experiment.start_logging(outputs=False).get_properties()
    assert properties["azureml.git.branch"] == "trunk"
    assert properties["azureml.git.dirty"] == "True"
    assert len(properties["azureml.git.commit"]) == 40
    assert properties["mlflow.source.git.commit"] == properties["azureml.git.commit"]


@pytest.mark.row("A-05")
def test_a05_outputs_and_snapshot_can_be_chosen(experiment: Experiment, tmp_path: Path) -> None:
    nothing = experiment.start_logging(outputs=False, snapshot_directory=None, run_id="bare")
    nothing.complete()
    assert (nothing.id, nothing.get_file_names()) == ("bare", [])
    assert not Path("outputs").exists()
    with pytest.raises(SnapshotException, match="has no snapshot"):
        nothing.get_snapshot_id()
    other = experiment.start_logging(outputs="results", snapshot_directory=None)
    Path("results/model.txt").write_text("weights")
    other.complete()
    assert [Path(name).name for name in other.get_file_names()] == ["model.txt"]


@pytest.mark.row("A-05")
def test_a05_a_folder_that_is_too_large_says_how_to_go_on(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SNAPSHOT_FILES", 1)
    for name in ("a.py", "b.py"):
        Path(name).touch()
    with pytest.raises(SnapshotException, match=r"\.amlignore.*snapshot_directory=None"):
        experiment.start_logging()
    assert list(experiment.get_runs()) == []


@pytest.mark.row("A-06")
def test_a06_a_value_is_logged(run: Run) -> None:
    run.log("message", "Hello from run!")
    run.log(name="accuracy", value=0.9, description="on the test set", step=3)
    assert run.get_metrics() == {"message": "Hello from run!", "accuracy": 0.9}


@pytest.mark.row("A-06")
@pytest.mark.parametrize(
    "value", [[1], range(3), (n for n in (1, 2))], ids=["list", "range", "gen"]
)
def test_a06_a_series_is_sent_to_log_list(run: Run, value: Any) -> None:
    with pytest.raises(UserErrorException, match="log_list"):
        run.log("m", value)
