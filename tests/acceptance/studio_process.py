"""A real studio in its own process group, on a free port, with its own data folder."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import urllib3

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "stu_" + "a" * 43
READY_SECONDS = 60.0

T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(look: Callable[[], T], *, seconds: float, what: str, every: float = 0.1) -> T:
    """Return the first truthy answer of ``look``; fail with ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s for {what}; last answer: {answer!r}")
        time.sleep(every)


class StudioProcess:
    """Starts, stops and kills ``manage.py up`` (or ``demo``)."""

    def __init__(
        self,
        data_dir: Path,
        *,
        environment: dict[str, str] | None = None,
        folder: Path = ROOT,
    ) -> None:
        self.data_dir = data_dir
        # Where it is started: the demo connects that folder.
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment or {}
        self.output = data_dir.parent / "studio-output.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self.http = urllib3.PoolManager(retries=False, timeout=30)

    def start(self, command: str = "up") -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STUDIO_")}
        environment |= {
            "STUDIO_DATA_DIR": str(self.data_dir),
            "STUDIO_BOOTSTRAP_TOKEN": TOKEN,
            "PYTHONUNBUFFERED": "1",
            **self.environment,
        }
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), command, "--port", str(self.port)],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(self.is_healthy, seconds=READY_SECONDS, what=f"the studio ({self.output})")

    def is_healthy(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"the studio ended: {self.output.read_text()[-4000:]}")
        try:
            return self.http.request("GET", f"{self.url}/healthz", timeout=2).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def kill(self) -> None:
        """Kill -9 every process of the studio at once; runs in progress are not part of it."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def move(self) -> None:
        """Listen at another port from the next start on."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def sign_in_link(self) -> str:
        """Return the newest sign-in link that the studio printed."""
        links: list[str] = wait_for(
            lambda: re.findall(r"http://\S+/sign-in/\S+", self.output.read_text()),
            seconds=10,
            what="a sign-in link",
        )
        return links[-1]

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the REST API as the owner; fail on anything but 2xx."""
        answer = self.http.request(
            method,
            f"{self.url}/api/v1{path}",
            body=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
        assert 200 <= answer.status < 300, f"{method} {path}: {answer.status} {answer.data!r}"
        kind = answer.headers.get("Content-Type", "")
        return json.loads(answer.data) if "json" in kind else answer.data

    def run(self, run_id: str) -> dict[str, Any]:
        document: dict[str, Any] = self.api("GET", f"/workspaces/main/runs/{run_id}")
        return document

    def wait_for_status(self, run_id: str, *statuses: str, seconds: float = 60) -> dict[str, Any]:
        """Return the run's document once it stands in one of ``statuses``."""

        def look() -> dict[str, Any] | None:
            document = self.run(run_id)
            return document if document["status"] in statuses else None

        found = wait_for(look, seconds=seconds, what=f"{run_id} to be {' or '.join(statuses)}")
        assert found is not None
        return found

    def log(self, run_id: str, path: str = "user_logs/std_log.txt") -> str:
        answer = self.http.request(
            "GET",
            f"{self.url}/api/v1/workspaces/main/runs/{run_id}/files/{path}",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        return answer.data.decode() if answer.status == 200 else ""

    def events(self, run_id: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.api("GET", f"/workspaces/main/runs/{run_id}/events")[
            "items"
        ]
        return items

    def steps(self, run_id: str) -> list[str]:
        return [e["data"].get("step", "") for e in self.events(run_id) if e["kind"] == "step"]


def processes_of(run_id: str) -> dict[int, str]:
    """Return pid -> command line of every living process that carries the run's marker."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environ = (folder / "environ").read_bytes()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            command = (
                (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
        except (OSError, IndexError):
            continue
        if f"STUDIO_RUN_MARKER={run_id}".encode() in environ and state != "Z":
            found[int(folder.name)] = command
    return found


def runner_of(run_id: str) -> list[int]:
    """Return the pids of living runners of a run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"studio.runner" in command and run_id.encode() in command:
            found.append(int(folder.name))
    return found
