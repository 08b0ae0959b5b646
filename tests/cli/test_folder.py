"""``studio folder attach``, and what it changes for other commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.sdk import Experiment, RunConfiguration, _config
from tests.cli.conftest import Cli

Result = Callable[..., Any]


def test_the_folders_name_is_its_experiment(
    experiment: Experiment, result: Result, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "my-project"
    told = result("folder", "attach", "--path", str(folder))
    assert told == {
        "experimentName": "my-project",
        "workspaceName": "main",
        "url": experiment.workspace._transport.url,
        "projectPath": str(folder),
    }
    # Attaching makes no experiment: the first run does.
    assert list(experiment.workspace.experiments) == ["explore-runs"]


def test_samples_are_written_once_and_never_over_anything(
    experiment: Experiment, result: Result
) -> None:
    sample, ignored = Path(".studio/local.runconfig"), Path(".amlignore")
    result("folder", "attach", "-e", "first")
    config = RunConfiguration.load(".", "local")
    assert (config.script, config.target_name()) == (None, "local")
    ignored.write_text("mine")
    sample.unlink()
    told = result("folder", "attach", "-e", "second")
    assert told["experimentName"] == "second"
    assert json.loads(Path(".studio/config.json").read_text())["experiment"] == "second"
    assert not sample.exists()
    assert ignored.read_text() == "mine"


def test_what_git_ignores_stays_ignored(experiment: Experiment, result: Result) -> None:
    Path(".gitignore").write_text("data/\n!data/small.csv\n")
    result("folder", "attach", "-e", "first")
    lines = Path(".amlignore").read_text().splitlines()
    assert lines[-2:] == ["data/", "!data/small.csv"]
    assert ".git" in lines


def test_credentials_that_the_folder_names_stay(experiment: Experiment, result: Result) -> None:
    transport = experiment.workspace._transport
    Path("keys.json").write_text(json.dumps({"token": transport.token}))
    Path(".studio").mkdir()
    known = {"url": transport.url, "workspace": "main", "credentials": "../keys.json"}
    Path(".studio/config.json").write_text(json.dumps(known))
    result("folder", "attach", "-e", "mine")
    told = json.loads(Path(".studio/config.json").read_text())
    assert told == {**known, "experiment": "mine"}


def test_a_workspace_that_is_not_there_attaches_nothing(experiment: Experiment, cli: Cli) -> None:
    code, _, err = cli("folder", "attach", "-e", "mine", "-w", "elsewhere")
    assert (code, 'no workspace "elsewhere"' in err) == (3, True)
    assert not Path(".studio").exists()


def test_a_folder_of_somebody_else_gets_no_token_of_another_studio(
    experiment: Experiment, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = experiment.workspace._transport
    assert cli("login", transport.url, "--token", transport.token)[0] == 0
    monkeypatch.delenv("STUDIO_TOKEN")
    monkeypatch.delenv("STUDIO_URL")
    login = str(_config.config_dir() / "credentials.json")
    for more in ({}, {"credentials": login}):
        told = {"url": "http://127.0.0.1:1", "workspace": "main", **more}
        Path(".studio").mkdir(exist_ok=True)
        Path(".studio/config.json").write_text(json.dumps(told))
        code, _, err = cli("run", "list")
        assert (code, "http://127.0.0.1:1 needs a token" in err) == (2, True)
    Path(".studio/config.json").write_text(json.dumps({**told, "url": f"{transport.url}/"}))
    assert cli("run", "list")[0] == 0


def test_run_list_means_the_experiment_of_the_folder(
    experiment: Experiment, result: Result
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False, run_id="above")
    run.child_run(run_id="below")
    result("folder", "attach", "-e", "mine")
    assert result("run", "list") == []
    for words in (["-e", "explore-runs"], ["--all-experiments"]):
        assert [r["runId"] for r in result("run", "list", *words)] == ["above"]
    children = result("run", "list", "--parent-run-id", "above")
    assert [r["runId"] for r in children] == ["below"]


def test_a_config_json_of_something_else_is_no_hindrance(
    experiment: Experiment, result: Result, cli: Cli
) -> None:
    Path("config.json").write_text('{"layers": 12}')
    assert result("run", "list") == []
    Path(".studio").mkdir()
    Path(".studio/config.json").write_text("{")
    code, _, err = cli("run", "list")
    assert (code, "cannot be read" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "names"),
    [((), ["explore-runs"]), (("--archived",), ["old"]), (("--all",), ["old", "explore-runs"])],
)
def test_experiments_are_listed_active_archived_or_all(
    experiment: Experiment, result: Result, words: tuple[str, ...], names: list[str]
) -> None:
    Experiment(experiment.workspace, "old").archive()
    assert [item["name"] for item in result("experiment", "list", *words)] == names
