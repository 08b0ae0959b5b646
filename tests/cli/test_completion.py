"""Completion: what may come next, and the scripts of three shells."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.cli.options import STATUSES
from studio.cli.shells import SCRIPTS
from studio.sdk import Experiment
from tests.cli.conftest import HERE, Cli

Next = Callable[..., list[str]]


@pytest.fixture
def following(cli: Cli) -> Next:
    """Say what the last of some words may become."""

    def call(*words: str) -> list[str]:
        code, out, err = cli("__complete", *words)
        assert (code, err) == (0, "")
        return [line.partition("\t")[0] or line for line in out.splitlines()]

    return call


def test_commands_and_options_are_those_of_the_command_line(following: Next) -> None:
    assert {"login", "token", "folder", "experiment", "run", "completion"} <= set(following(""))
    assert following("run", "s") == ["show", "submit-script"]
    assert following("run", "show", "--ru") == ["--run"]
    assert following("completion", "") == ["bash", "zsh", "fish"]
    assert following("nonsense", "further", "x") == []


def test_an_option_is_offered_once_unless_it_may_be_repeated(following: Next) -> None:
    assert "--last" not in following("run", "list", "--last", "3", "--")
    assert "--tags" in following("run", "list", "--tags", "a", "--")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--status", "Fa"], ["Failed"]),
        (["--status=Fa"], ["--status=Failed"]),
        # As bash gives it.
        (["--status", "=", "Fa"], ["Failed"]),
        (["--status", "="], list(STATUSES)),
        (["-o", "t"], ["table", "tsv"]),
        (["--last", ""], []),
    ],
)
def test_values_are_completed(following: Next, words: list[str], expected: list[str]) -> None:
    assert following("run", "list", *words) == expected


def test_paths_are_left_to_the_shell(following: Next) -> None:
    assert following("run", "submit-script", "tr") == ["\tfiles"]
    assert following("run", "submit-script", "train.py", "--data", "") == ["\tfiles"]
    assert following("folder", "attach", "--path", "") == ["\tfolders"]
    assert following("run", "submit-script", "-c", "") == []
    Path(".studio").mkdir(exist_ok=True)
    try:
        Path(".studio/gpu.runconfig").touch()
        assert following("run", "submit-script", "-c", "") == ["gpu"]
    finally:
        shutil.rmtree(".studio")


def test_ids_and_names_come_from_the_studio(
    experiment: Experiment, queue: str, following: Next
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False, run_id="above")
    run.child_run(run_id="below")
    assert following("run", "show", "-r", "") == ["below", "above"]
    assert following("run", "cancel", "--run=a") == ["--run=above"]
    assert following("run", "compare", "above", "b") == ["below"]
    assert following("run", "list", "-e", "ex") == ["explore-runs"]
    assert following("run", "submit-script", "--target", "g") == [queue]
    assert following("run", "list", "-w", "") == ["main"]
    kept = experiment.workspace._transport.api("POST", "views", json={"name": "Mine"}).json()
    assert following("run", "list", "--view", "") == [kept["slug"]]
    assert following("view", "show", "mi") == [kept["slug"]]
    assert following("run", "show", "-w", "elsewhere", "-r", "") == []


def test_a_studio_that_keeps_silent_costs_a_second_and_no_word(
    following: Next, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("STUDIO_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("STUDIO_TOKEN", "t")
        begin = time.monotonic()
        assert following("run", "show", "-r", "") == []
        # A machine that is busy may take its time; the connection itself would wait for 30 s.
        assert time.monotonic() - begin < 5
        assert "--run" in following("run", "show", "-")


def test_nobody_signed_in_is_no_complaint(following: Next, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STUDIO_URL", "STUDIO_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert following("run", "show", "-r", "") == []


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The command ``studio``, as a shell finds it."""
    file = tmp_path / "bin" / "studio"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nPYTHONPATH={HERE} exec {sys.executable} -m studio.cli.main "$@"\n')
    file.chmod(0o755)
    return file


def said(program: Path, *words: str) -> list[str]:
    """Run a shell that finds the command."""
    shell = shutil.which(words[0])
    if shell is None:
        pytest.skip(f"{words[0]} is not installed")
    paths = f"{program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [shell, *words[1:]], capture_output=True, text=True, env={**os.environ, "PATH": paths}
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def expect_said(expected: list[str], program: Path, *words: str) -> None:
    """Ask some times: on a busy machine the studio may not answer within the second it has."""
    answers = []
    for _ in range(8):
        answers.append(said(program, *words))
        if answers[-1] == expected:
            return
    raise AssertionError(f"{words[-1][-60:]}: {answers} instead of {expected}")


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_is_printed_for_each_shell(cli: Cli, shell: str) -> None:
    assert cli("completion", shell) == (0, SCRIPTS[shell], "")
    assert cli("completion", "tcsh")[0] == 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("studio run sh", ["show"]),
        ("studio run list --status = Fa", ["Failed"]),
        ("studio run show -r ''", ["r1"]),
        ("studio nonsense ''", []),
    ],
)
def test_bash_completes(
    experiment: Experiment, program: Path, line: str, expected: list[str]
) -> None:
    experiment.start_logging(snapshot_directory=None, outputs=False, run_id="r1")
    script = SCRIPTS["bash"] + (
        f"COMP_WORDS=({line}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))\n"
        '_studio studio; for each in "${COMPREPLY[@]}"; do echo "$each"; done'
    )
    expect_said(expected, program, "bash", "-c", script)


def test_fish_completes(experiment: Experiment, program: Path) -> None:
    experiment.start_logging(
        snapshot_directory=None, outputs=False, run_id="r1", display_name="best"
    )
    Path("train.py").touch()
    for line, expected in (
        ("studio run sh", ["show\tshow one run"]),
        ("studio run show -r ", ["r1\tbest, Running"]),
        ("studio run list --status=Fa", ["--status=Failed"]),
        ("studio run submit-script tr", ["train.py"]),
    ):
        script = SCRIPTS["fish"] + f"complete -C '{line}'"
        expect_said(expected, program, "fish", "-N", "-c", script)


def test_zsh_reads_its_script(program: Path, tmp_path: Path) -> None:
    file = tmp_path / "_studio"
    file.write_text(SCRIPTS["zsh"])
    assert said(program, "zsh", "-f", "-n", str(file)) == []
    # Without a terminal zsh completes nothing: its two helpers are played here.
    played = (
        "compdef() { :; }; _files() { echo files $@; }; _describe() { print -l $found; }\n"
        f"source {file}\n"
        "words=(studio run sh); CURRENT=3; _studio\n"
        "words=(studio folder attach --path ''); CURRENT=5; _studio\n"
        "words=(studio nonsense ''); CURRENT=3; _studio; true\n"
    )
    assert said(program, "zsh", "-f", "-c", played) == ["show:show one run", "files -/"]
