"""A run's folder is made whole or not at all, and nothing of it lands elsewhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from studio.compute.agent import Agent
from tests.compute.conftest import lease_of, zip_of
from tests.runner.fake_studio import RUN, FakeStudio, wait_for


def is_cleared(agent: Agent, folder: Path) -> bool:
    agent.watch([folder])
    return not folder.exists()


@pytest.mark.parametrize("name", ["../evil.py", "/tmp/evil.py", "a/../../evil.py", "a//b"])
def test_a_snapshot_that_leads_out_is_refused_and_the_run_failed(
    fake: FakeStudio, agent: Agent, root: Path, name: str
) -> None:
    fake.snapshot = zip_of({name: "x"})
    assert agent.launch(lease_of(fake)) is None
    assert "unsafe path" in fake.final["error"]["message"]
    assert list(root.iterdir()) == []
    assert not (root.parent / "evil.py").exists()


def test_a_link_in_a_snapshot_becomes_a_plain_file(
    fake: FakeStudio, agent: Agent, root: Path
) -> None:
    fake.snapshot = zip_of({"link": "/etc"}, mode=stat.S_IFLNK | 0o777)
    assert agent.launch(lease_of(fake, command=["sleep", "0"])) is not None
    link = root / RUN / "code" / "link"
    assert not link.is_symlink()
    assert link.read_text() == "/etc"
    wait_for(lambda: fake.status == "Completed", "the run")
    wait_for(lambda: is_cleared(agent, root / RUN), "the folder to go")


@pytest.mark.parametrize("snapshot", [b"", b"no zip", zip_of({"a": "x" * 99})[:60]])
def test_a_damaged_snapshot_fails_the_run_in_words(
    fake: FakeStudio, agent: Agent, root: Path, snapshot: bytes
) -> None:
    fake.snapshot = snapshot
    assert agent.launch(lease_of(fake)) is None
    assert "damaged" in fake.final["error"]["message"]
    assert list(root.iterdir()) == []


def test_a_lease_of_a_newer_studio_fails_the_run_in_words(fake: FakeStudio, agent: Agent) -> None:
    assert agent.launch({**lease_of(fake), "colour": "red"}) is None
    assert "could not be prepared" in fake.final["error"]["message"]


def test_the_token_is_for_its_owner_only_and_scripts_may_be_executable(
    fake: FakeStudio, agent: Agent, root: Path
) -> None:
    fake.snapshot = zip_of({"tools/go.sh": "#!/bin/sh\necho gone\nsleep 1\n"}, mode=0o755)
    agent.launch(lease_of(fake, command=["./tools/go.sh"]))
    assert stat.S_IMODE((root / RUN / "spec.json").stat().st_mode) == 0o600
    assert os.access(root / RUN / "code" / "tools" / "go.sh", os.X_OK)
    wait_for(lambda: fake.log == "gone\n", "the script")
    wait_for(lambda: fake.status == "Completed", "the run")
    wait_for(lambda: is_cleared(agent, root / RUN), "the folder to go")


@pytest.mark.parametrize("source", [{}, {"outputs/old.txt": "x"}, {"outputs": "a file"}])
def test_a_script_finds_a_folder_for_its_outputs(
    fake: FakeStudio, agent: Agent, root: Path, source: dict[str, str]
) -> None:
    fake.snapshot = zip_of({"train.py": "", **source})
    assert agent.launch(lease_of(fake, command=["ls", "-d", "outputs"])) is not None
    wait_for(lambda: fake.status == "Completed", "the run")
    wait_for(lambda: is_cleared(agent, root / RUN), "the folder to go")
