"""Runs on this machine: a detached runner for each."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from studio.compute.backend import State, Survivors
from studio.runner import _processes, _stop
from studio.runner._folder import RunFolder
from studio.runner._processes import Process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from studio.contract.words import Step

_GRACE = 0.5
# A runner that another agent has just started may not have said its name yet.
_BIRTH_SECONDS = 15.0


class LocalBackend:
    """Starts runners that outlive the agent and the studio."""

    def __init__(self) -> None:
        self._children: dict[Path, subprocess.Popen[bytes]] = {}

    def submit(self, folder: Path) -> None:
        """Start the runner in a session of its own: a signal to the agent's group does not reach it."""
        with (folder / "runner.err").open("ab") as errors:
            self._children[folder] = subprocess.Popen(  # noqa: S603 (this Python, this package)
                [sys.executable, "-m", "studio.runner", str(folder / "spec.json")],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )

    def states(self, folders: Sequence[Path]) -> dict[Path, State]:
        """Return how each runner stands, by pid, start time and boot."""
        return {folder: self._state(folder) for folder in folders}

    def cancel(self, folder: Path) -> int:
        """End what a lost runner has left, found by the run's marker."""
        most = 0

        def count(step: Step, message: str, processes: set[Process]) -> None:
            nonlocal most
            most = max(most, len(processes))

        if not _stop.stop(_stop.processes_of(folder), _GRACE, count):
            raise Survivors(f"Processes of {folder.name} live on, even after SIGKILL.")
        return most

    def _state(self, folder: Path) -> State:
        child = self._children.get(folder)
        if child is not None and child.poll() is None:
            return State.RUNNING
        self._children.pop(folder, None)
        told = RunFolder(folder).read_status()
        if told.get("finished"):
            return State.FINISHED
        if child is not None:
            return State.LOST
        if "runner_pid" not in told:
            return State.RUNNING if _age(folder) < _BIRTH_SECONDS else State.LOST
        if told.get("boot_id") != _processes.boot_id():
            return State.LOST
        runner = Process(int(told["runner_pid"]), int(told.get("runner_started", 0)))
        return State.RUNNING if runner.lives() else State.LOST


def _age(folder: Path) -> float:
    return time.time() - RunFolder(folder).spec.stat().st_mtime
