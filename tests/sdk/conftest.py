"""The SDK signed in to the real studio, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runs.access import Actor
from runs.actions import tokens, workspaces
from runs.actions.accounts import create_user
from studio.sdk import Experiment, Workspace

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer


@pytest.fixture
def experiment(
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
    monkeypatch.setenv("STUDIO_URL", live_server.url)
    monkeypatch.setenv("STUDIO_TOKEN", tokens.issue(owner, "test"))
    experiment = Experiment(Workspace.get("main"), "explore-runs")
    yield experiment
    # The server waits for connections that are open, and its database is gone by then.
    experiment.workspace._transport.close()
