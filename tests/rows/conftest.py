"""The studio over HTTP for the rows: SDK, command line and pages, and a queue to submit to."""

from __future__ import annotations

import html
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from runs.actions import workspaces
from runs.models import User
from runs.models import Workspace as WorkspaceRow
from studio.compute.agent import Agent
from studio.compute.local import LocalBackend
from studio.sdk import Experiment, Run, ScriptRunConfig, _run
from tests.cli.conftest import cli, result
from tests.sdk.conftest import background, experiment

__all__ = ["background", "cli", "experiment", "result"]
Start = Callable[..., Run]
QUEUE = "gpu-cluster"


class Pages:
    """The studio's pages as a signed-in person gets them over HTTP."""

    def __init__(self, url: str, person: str) -> None:
        self._url = url
        client = Client()
        client.force_login(User.objects.get(username=person))
        self._cookies = {key: morsel.value for key, morsel in client.cookies.items()}

    def get(self, path: str) -> str:
        """Return the HTML of a page."""
        return self._open(path, None)[1]

    def status(self, path: str) -> int:
        """Return the HTTP status of a page."""
        return self._open(path, None)[0]

    def send(self, page: str, action: str, **fields: str) -> str:
        """Send the form of a page that leads to ``action``; returns the page that follows."""
        found = re.findall(r"<form.*?</form>", self.get(page), re.S)
        form = next(each for each in found if f'action="{action}"' in each)
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        told = {name: html.unescape(value) for name, value in hidden} | fields
        return self._open(action, urllib.parse.urlencode(told).encode())[1]

    def _open(self, path: str, body: bytes | None) -> tuple[int, str]:
        cookie = "; ".join(f"{key}={value}" for key, value in self._cookies.items())
        request = urllib.request.Request(self._url + path, body, {"Cookie": cookie})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                for line in answer.headers.get_all("Set-Cookie") or []:
                    key, _, value = line.partition(";")[0].partition("=")
                    self._cookies[key] = value
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def shown_runs(page: str) -> list[str]:
    """Return the ids of the runs of a list page, in their order."""
    return re.findall(r'class="id">([^<]+)<', page)


@pytest.fixture
def pages(experiment: Experiment) -> Pages:
    """Alice's browser."""
    return Pages(experiment.workspace._transport.url, "alice")


@pytest.fixture
def start(experiment: Experiment) -> Start:
    """Start a run that keeps no source and no outputs; options are those of start_logging."""

    def call(**options: Any) -> Run:
        return experiment.start_logging(**{"snapshot_directory": None, "outputs": False, **options})

    return call


@pytest.fixture
def run(start: Start) -> Run:
    """A run of this process, Running."""
    return start(run_id="first")


@pytest.fixture
def queue(experiment: Experiment) -> str:
    """A compute target that no agent serves: what is submitted there stays Queued."""
    workspaces.create_target(WorkspaceRow.objects.get(), QUEUE)
    return QUEUE


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source directory with a script."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "train.py").write_text("print('trained')\n")
    return folder


@pytest.fixture
def config(source: Path, queue: str) -> ScriptRunConfig:
    """The script, for the queue."""
    return ScriptRunConfig(source, script="train.py", compute_target=queue)


@pytest.fixture
def work(experiment: Experiment, queue: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Do an agent's work here: take the next run of the queue, run it for real; returns its id."""
    root = tmp_path / "agent"
    root.mkdir()
    transport = experiment.workspace._transport
    agent = Agent(root, transport, LocalBackend())
    folders: list[Path] = []

    def call() -> str:
        body = {**agent.about(), "accept": True}
        told = transport.api("POST", "compute", queue, "lease", json=body).json()
        folder = agent.launch(told["lease"])
        assert folder is not None
        folders.append(folder)
        end = time.monotonic() + 30
        while folder.exists():
            assert time.monotonic() < end, "the run did not end"
            time.sleep(0.05)
            agent.watch([folder])
        return folder.name

    yield call
    for folder in folders:
        LocalBackend().cancel(folder)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in no submitted run, whatever an earlier test has found."""
    monkeypatch.setattr(_run, "_current", None)
    for name in ("STUDIO_RUN_ID", "STUDIO_RUN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
