"""A fake studio, and a run folder whose script is written by the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.contract.launch import LaunchSpec
from studio.runner import _processes
from tests.runner.fake_studio import RUN, FakeStudio

StartRunner = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def fake() -> Iterator[FakeStudio]:
    studio = FakeStudio()
    yield studio
    studio.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / RUN
    (path / "code").mkdir(parents=True)
    (path / "spool").mkdir()
    return path


def spec_of(fake: FakeStudio, folder: Path, **changes: Any) -> LaunchSpec:
    told: dict[str, Any] = {
        "run_id": RUN,
        "workspace": "main",
        "experiment": "e",
        "url": fake.url,
        "token": "t",
        "command": ["python", "script.py"],
        "folder": str(folder),
        "grace_seconds": 1,
    }
    return LaunchSpec(**{**told, **changes})


@pytest.fixture
def start(fake: FakeStudio, folder: Path) -> Iterator[StartRunner]:
    """Start a runner; whatever a test leaves behind is ended with it."""
    runners: list[subprocess.Popen[bytes]] = []

    def run(script: str = "", **changes: Any) -> subprocess.Popen[bytes]:
        (folder / "code" / "script.py").write_text(script)
        (folder / "spec.json").write_text(spec_of(fake, folder, **changes).to_json())
        command = [sys.executable, "-m", "studio.runner", str(folder / "spec.json")]
        runners.append(subprocess.Popen(command, start_new_session=True))
        return runners[-1]

    yield run
    for runner in runners:
        if runner.poll() is None:
            os.kill(runner.pid, signal.SIGKILL)
        runner.wait()
    for process in _processes.of_run(RUN):
        process.signal(signal.SIGKILL)
