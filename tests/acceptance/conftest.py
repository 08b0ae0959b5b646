"""A studio of its own for each test that asks for one, and the SDK signed in to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[StudioProcess]:
    process = StudioProcess(tmp_path / "var")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def workspace(studio: StudioProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("STUDIO_URL", studio.url)
    monkeypatch.setenv("STUDIO_TOKEN", TOKEN)
    monkeypatch.setenv("STUDIO_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("STUDIO_WORKSPACE", "main")
    return Workspace.get("main")


@pytest.fixture
def experiment(workspace: Workspace) -> Experiment:
    return Experiment(workspace, "acceptance")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder for the test's own training script."""
    folder = tmp_path / "source"
    folder.mkdir()
    return folder
