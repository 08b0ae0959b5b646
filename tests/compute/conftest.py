"""An agent for the fake studio, as its own process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from studio.compute.agent import Agent
from studio.compute.local import LocalBackend
from studio.runner import _processes
from studio.sdk._transport import Transport
from tests.runner.conftest import fake, folder, spec_of
from tests.runner.fake_studio import RUN, FakeStudio

__all__ = ["fake", "folder"]
StartAgent = Callable[..., "subprocess.Popen[bytes]"]


def zip_of(files: dict[str, str], mode: int = 0o644) -> bytes:
    """Return a zip whose entries have these names, whatever they are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, text)
    return stream.getvalue()


def lease_of(fake: FakeStudio, script: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a lease of a run whose snapshot holds one script."""
    if script is not None:
        fake.snapshot = zip_of({"script.py": script})
    return asdict(spec_of(fake, Path(), **{"snapshot_id": "s1", **changes}))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "runs"
    path.mkdir(exist_ok=True)
    return path


@pytest.fixture
def agent(fake: FakeStudio, root: Path) -> Agent:
    return Agent(root, Transport(fake.url, "t", "main", patience=0), LocalBackend())


@pytest.fixture
def start_agent(fake: FakeStudio, root: Path) -> Iterator[StartAgent]:
    agents: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"STUDIO_URL": fake.url, "STUDIO_TOKEN": "t"}
        chosen = arguments or ("--target", "here")
        command = [sys.executable, "-m", "studio.compute.agent", *chosen, "--folder", str(root)]
        agents.append(subprocess.Popen(command, env=environment))
        return agents[-1]

    yield run
    for process in agents:
        process.kill()
        process.wait()
    kill_run(root)


def runner_of(root: Path) -> int | None:
    """Return the pid of the living runner of the run."""
    wanted = f"{root / RUN}/spec.json"
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"studio.runner" in command and wanted.encode() in command:
            return int(path.parent.name)
    return None


def kill_run(root: Path) -> None:
    """End the runner and the processes of the run, if there are any."""
    runner = runner_of(root)
    if runner is not None:
        os.kill(runner, 9)
    for process in _processes.of_run(RUN):
        process.signal(9)
