"""Rows A-07 to A-10: sign in, attach a folder, submit, keep a run configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.sdk import (
    Experiment,
    RunConfiguration,
    ScriptRunConfig,
    UserErrorException,
    Workspace,
)
from tests.cli.conftest import Cli
from tests.rows.conftest import Start


@pytest.mark.row("A-07")
def test_a07_a_login_opens_the_commands(
    start: Start, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = start(run_id="r1")._transport
    monkeypatch.delenv("STUDIO_URL")
    monkeypatch.delenv("STUDIO_TOKEN")
    code, _, err = cli("run", "show", "-r", "r1")
    assert (code, "Where is the studio?" in err) == (2, True)
    assert cli("login", transport.url, "--token", transport.token)[0] == 0
    assert cli("run", "show", "-r", "r1")[0] == 0
    assert cli("login", transport.url, "--token", "stu_" + "x" * 43)[0] == 2


@pytest.mark.row("A-08", "8.3-folder-attach")
def test_a08_8_3_folder_attach_makes_a_folder_one_of_the_workspace(
    experiment: Experiment, cli: Cli, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "project"
    words = ("folder", "attach", "-w", "main", "-g", "group", "--subscription-id", "s")
    code, out, err = cli(*words, "-e", "mine", "--path", str(folder))
    assert code == 0, err
    told = json.loads(out)
    assert told["experimentName"] == "mine"
    assert told["workspaceName"] == "main"
    assert told["projectPath"] == str(folder)
    assert {".git", ".ipynb_checkpoints", "outputs"} <= set(
        (folder / ".amlignore").read_text().split()
    )
    (folder / "train.py").touch()
    assert Workspace.from_config(folder).name == "main"
    code, out, _ = cli("folder", "attach", "--path", str(folder))
    assert json.loads(out)["experimentName"] == "project"


@pytest.mark.row("A-08", "8.3-folder-attach")
def test_a08_8_3_folder_attach_refuses_files_and_names_that_are_none(
    experiment: Experiment, cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    code, _, err = cli("folder", "attach", "--path", str(tmp_path / "file"))
    assert (code, "is a file" in err) == (2, True)
    code, _, err = cli("folder", "attach", "--path", str(tmp_path / "two words"))
    assert (code, "--experiment-name" in err) == (2, True)
    assert not (tmp_path / "two words").exists()


@pytest.mark.row("A-09")
def test_a09_a_script_is_submitted_at_the_command_line(
    experiment: Experiment, source: Path, queue: str, cli: Cli
) -> None:
    words = ["run", "submit-script", "-e", "mine", "--target", queue, "--async"]
    code, out, err = cli(*words, "--source-directory", str(source), "train.py", "--fruit", "apple")
    assert code == 0, err
    told = json.loads(out)
    assert (told["status"], told["experimentName"]) == ("Queued", "mine")
    assert told["runDefinition"]["arguments"] == ["--fruit", "apple"]


@pytest.mark.row("A-10")
def test_a10_a_run_configuration_is_saved_and_submitted(
    experiment: Experiment, source: Path, queue: str
) -> None:
    made = RunConfiguration(script="train.py", arguments=["--lr", 0.1])
    made.target = queue
    made.environment_variables["FRUIT"] = "apple"
    made.save(path=str(source), name="gpu")
    assert (source / ".studio" / "gpu.runconfig").is_file()
    loaded = RunConfiguration.load(str(source), "gpu")
    run = experiment.submit(ScriptRunConfig(source, run_config=loaded))
    definition = run.get_details()["runDefinition"]
    assert (definition["script"], definition["target"]) == ("train.py", queue)
    assert definition["arguments"] == ["--lr", "0.1"]
    assert definition["environmentVariables"] == {"FRUIT": "apple"}


@pytest.mark.row("A-10")
@pytest.mark.parametrize(
    "place", [".azureml/gpu", ".azureml/gpu.runconfig", "gpu.runconfig", ".studio/gpu.runconfig"]
)
def test_a10_a_configuration_of_azure_is_found_in_its_places(
    experiment: Experiment, source: Path, queue: str, place: str
) -> None:
    (source / place).parent.mkdir(exist_ok=True)
    (source / place).write_text(
        f"script: train.py\narguments: [--lr, 0.1]\ntarget: {queue}\nframework: Python\n"
        "maxRunDurationSeconds: 60\nhistory: {outputCollection: true}\n"
    )
    config = ScriptRunConfig(source, run_config=RunConfiguration.load(source, "gpu"))
    told = experiment.submit(config)._refresh()
    assert (told["scriptName"], told["target"]) == ("train.py", queue)
    assert told["maxRunDurationSeconds"] == 60


@pytest.mark.row("A-10")
def test_a10_a_configuration_needs_a_name_and_a_file(source: Path) -> None:
    with pytest.raises(UserErrorException, match="Under which name"):
        RunConfiguration().save(str(source))
    with pytest.raises(UserErrorException, match=r"gpu\.runconfig is missing.*save"):
        RunConfiguration.load(str(source), "gpu")
