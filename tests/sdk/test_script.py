"""What can be submitted, and what is said about what cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.contract import limits
from studio.sdk import (
    Experiment,
    ExperimentExecutionException,
    ScriptRunConfig,
    SnapshotException,
    UserErrorException,
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "train.py").write_text("print('hello')\n")
    return folder


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "either a script or a command"),
        ({"script": "a.py", "command": "b"}, "either a script or a command"),
        ({"script": "a.py", "arguments": "--lr 1"}, "a list such as"),
    ],
)
def test_a_config_that_means_nothing_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(UserErrorException, match=words):
        ScriptRunConfig(".", **fields)


@pytest.mark.parametrize(
    ("folder", "script", "words"),
    [
        ("source", "missing.py", "There is no script missing.py"),
        ("source", "../outside.py", "outside the source directory"),
        ("source", "/etc/passwd", "outside the source directory"),
        ("nowhere", "train.py", "is not there"),
    ],
)
def test_a_script_that_cannot_run_is_refused_before_anything_is_sent(
    source: Path, folder: str, script: str, words: str
) -> None:
    (source.parent / "outside.py").touch()
    config = ScriptRunConfig(source.parent / folder, script=script)
    with pytest.raises(ExperimentExecutionException, match=words):
        config.checked_script()


def test_arguments_and_commands_become_texts() -> None:
    assert ScriptRunConfig(".", "a.py", ["--lr", 0.1]).arguments == ["--lr", "0.1"]
    assert ScriptRunConfig(".", command="python 'my train.py' 1").command == [
        "python",
        "my train.py",
        "1",
    ]


def test_an_unknown_compute_target_names_those_that_are_there(
    experiment: Experiment, source: Path
) -> None:
    config = ScriptRunConfig(source, script="train.py", compute_target="moon")
    with pytest.raises(ExperimentExecutionException, match="Known here: local"):
        experiment.submit(config)


def test_a_folder_that_is_too_large_says_what_to_do(
    experiment: Experiment, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SNAPSHOT_BYTES", 1000)
    (source / "data.bin").write_bytes(b"x" * 2000)
    with pytest.raises(SnapshotException, match="amlignore"):
        experiment.submit(ScriptRunConfig(source, script="train.py"))
    with pytest.raises(SnapshotException, match="snapshot_directory=None"):
        experiment.start_logging(snapshot_directory=str(source))
    (source / ".amlignore").write_text("*.bin\n")
    experiment.start_logging(snapshot_directory=str(source)).complete()


def test_an_unchanged_folder_is_the_same_snapshot(experiment: Experiment, source: Path) -> None:
    ids = []
    for _ in range(2):
        run = experiment.start_logging(snapshot_directory=str(source), outputs=False)
        run.complete()
        ids.append(run.get_properties()["ContentSnapshotId"])
    (source / "train.py").write_text("print('other')\n")
    run = experiment.start_logging(snapshot_directory=str(source), outputs=False)
    run.complete()
    assert ids[0] == ids[1] != run.get_properties()["ContentSnapshotId"]
