"""The example trainings, run by hand: no studio, so their numbers are kept nowhere."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.studio_process import wait_for
from tests.packaging.places import ROOT, clean_environment

EXAMPLES = ROOT / "runs" / "examples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the examples, as a run gets one."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "code"))


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=clean_environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_data_set_is_whole() -> None:
    with gzip.open(EXAMPLES / "data" / "digits.csv.gz", "rt") as file:
        rows = [[float(value) for value in row] for row in csv.reader(file)]
    assert len(rows) == 1797
    assert {len(row) for row in rows} == {65}
    assert {row[-1] for row in rows} == set(range(10))
    assert {value for row in rows for value in row[:-1]} == set(range(17))


def test_its_source_and_licence_are_named() -> None:
    readme = (EXAMPLES / "README.md").read_text()
    assert "UCI Machine Learning Repository" in readme
    assert "CC BY 4.0" in readme


@pytest.mark.parametrize("hidden", ["0", "12"])
def test_training_learns_to_read(folder: Path, hidden: str) -> None:
    done = run(folder, "train.py", "--epochs", "4", "--hidden", hidden)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((folder / "outputs" / "metrics.csv").read_text().splitlines()))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert float(rows[-1]["accuracy"]) > 0.8
    assert f"Attempted to log parameter hidden:\n{hidden}\n" in done.stdout
    assert set(json.loads((folder / "outputs" / "model.json").read_text())) == {"hidden", "output"}


def test_the_sweep_keeps_the_best(folder: Path) -> None:
    done = run(folder, "sweep.py", "--epochs", "1", "--learning-rates", "0.0001", "0.05")
    assert done.returncode == 0, done.stderr
    assert "best: learning rate 0.05" in done.stdout
    assert "Attempted to log parameter learning_rate:\n0.0001\n" in done.stdout
    assert (folder / "outputs" / "best_model.json").exists()


def test_the_failure_is_a_real_one(folder: Path) -> None:
    done = run(folder, "fail.py")
    assert done.returncode == 1
    assert "300 images" in done.stdout
    assert "ValueError: damaged.csv, line 317" in done.stderr


def test_the_long_one_saves_a_checkpoint_when_it_is_stopped(folder: Path) -> None:
    output = folder / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "long.py", "--seconds-per-step", "0.05"],
            cwd=folder,
            env=clean_environment(PYTHONPATH=str(ROOT)),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    wait_for(lambda: "step     3" in output.read_text(), seconds=30, what="three steps")
    process.terminate()
    assert process.wait(timeout=10) == 0
    assert "because of SIGTERM" in output.read_text()
    assert (folder / "outputs" / "checkpoint.json").exists()


@pytest.mark.parametrize("script", ["train.py", "sweep.py", "fail.py", "long.py", "stubborn.py"])
def test_every_script_says_what_it_takes(folder: Path, script: str) -> None:
    done = run(folder, script, "--help")
    assert done.returncode == 0
    assert "--" in done.stdout
