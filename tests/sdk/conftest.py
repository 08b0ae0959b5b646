"""The SDK signed in to the real studio, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.servers.basehttp import WSGIRequestHandler

from runs.access import Actor
from runs.actions import tokens, workspaces
from runs.actions.accounts import create_user
from studio.sdk import Experiment, Workspace, _run
from studio.sdk._beats import Beats
from studio.sdk._sender import Sender
from studio.sdk._transport import Transport

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer


class Background:
    """The threads that runs of a test have started."""

    def __init__(self) -> None:
        self.senders: list[Sender] = []
        self.beats: list[Beats] = []

    def sender(self, run_id: str, transport: Transport) -> Sender:
        self.senders.append(Sender(run_id, transport))
        return self.senders[-1]

    def beat(self, run_id: str, transport: Transport) -> Beats:
        self.beats.append(Beats(run_id, transport))
        return self.beats[-1]


@pytest.fixture
def background(monkeypatch: pytest.MonkeyPatch) -> Background:
    threads = Background()
    monkeypatch.setattr(_run, "Sender", threads.sender)
    monkeypatch.setattr(_run, "Beats", threads.beat)
    return threads


@pytest.fixture
def experiment(
    background: Background,
    transactional_db: None,
    live_server: LiveServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Experiment]:
    owner = create_user("alice", name="Alice")
    workspaces.create("main", owner=owner)
    assert Actor.of_user(owner).name == "alice"
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    # Django's server answers in two writes; without this the second one waits for 40 ms.
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    monkeypatch.setenv("STUDIO_URL", live_server.url)
    monkeypatch.setenv("STUDIO_TOKEN", tokens.issue(owner, "test"))
    experiment = Experiment(Workspace.get("main"), "explore-runs")
    yield experiment
    # Whatever still speaks to the server would meet a database that is being emptied.
    for sender in background.senders:
        sender.close(5)
    for beats in background.beats:
        beats.stop()
        beats._thread.join(5)
    experiment.workspace._transport.close()
