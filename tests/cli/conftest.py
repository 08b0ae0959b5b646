"""The command line, against the real studio."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runs.actions import workspaces
from runs.models import Workspace as WorkspaceRow
from studio.cli.main import main
from studio.sdk import Experiment
from tests.sdk.conftest import background, experiment

__all__ = ["background", "experiment"]
Cli = Callable[..., tuple[int, str, str]]
HERE = Path(__file__).resolve().parents[2]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command; returns its exit code, what it printed, and what it complained of."""

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(words)
        except SystemExit as error:
            code = int(error.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def result(cli: Cli) -> Callable[..., Any]:
    """Run a command that should go well; returns the JSON that it printed."""

    def call(*words: str) -> Any:
        code, out, err = cli(*words)
        assert code == 0, err
        return json.loads(out)

    return call


@pytest.fixture
def queue(experiment: Experiment) -> str:
    """A compute target that no agent serves: what is submitted there stays Queued."""
    workspaces.create_target(WorkspaceRow.objects.get(), "gpu-cluster")
    return "gpu-cluster"


class Terminal:
    """The command in a terminal of its own, as a person has it."""

    def __init__(self, *words: str, **variables: str) -> None:
        self._screen, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "studio.cli.main", *words],
            stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
            env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(HERE), **variables},
        )  # fmt: skip
        os.close(inside)
        self.shown = ""

    def wait_for(self, text: str, seconds: float = 20) -> None:
        """Read until a text is shown."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            is_open = self._read() and time.monotonic() < end
            assert is_open, f"{text!r} is not in {self.shown!r}"

    def interrupt(self) -> None:
        """Do what Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Read to the end; returns the exit code."""
        while self._read():
            pass
        return self._process.wait(20)

    def close(self) -> None:
        """Leave nothing behind."""
        self._process.kill()
        self._process.wait(20)
        os.close(self._screen)

    def _read(self) -> bool:
        try:
            ready, _, _ = select.select([self._screen], [], [], 20)
            data = os.read(self._screen, 65_536) if ready else b""
        except OSError:
            # Nobody has the other side open: the command has ended.
            return False
        self.shown += data.decode()
        return bool(data)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Start a command in a terminal."""
    opened: list[Terminal] = []

    def start(*words: str, **variables: str) -> Terminal:
        opened.append(Terminal(*words, **variables))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
