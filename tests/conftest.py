"""The cast: Alice owns the workspace, Bob contributes, Rita reads, Charlie belongs elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from runs.access import Actor
from runs.actions import log_documents, tokens, workspaces
from runs.actions import logs as log_actions
from runs.actions import runs as run_actions
from runs.actions.accounts import create_user
from runs.actions.runs import NewRun
from runs.models import ComputeTarget, LogFile, Run, User, Workspace
from studio.contract import limits, places
from studio.contract.words import Role

MakeRun = Callable[..., Run]
AddLog = Callable[..., LogFile]


@pytest.fixture(scope="session", autouse=True)
def _data_folder() -> Iterator[None]:
    yield
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep each test out of the home folder, and its stored bytes apart from another test's."""
    monkeypatch.setenv("STUDIO_CONFIG_DIR", str(tmp_path / "studio-config"))
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path / "data")


@pytest.fixture
def alice(db: None) -> User:
    return create_user("alice", name="Alice")


@pytest.fixture
def workspace(alice: User) -> Workspace:
    return workspaces.create("main", owner=alice)


@pytest.fixture
def bob(workspace: Workspace) -> User:
    user = create_user("bob", name="Bob")
    workspaces.add_member(workspace, user, Role.CONTRIBUTOR)
    return user


@pytest.fixture
def rita(workspace: Workspace) -> User:
    user = create_user("rita", name="Rita")
    workspaces.add_member(workspace, user, Role.READER)
    return user


@pytest.fixture
def charlie(workspace: Workspace) -> User:
    user = create_user("charlie", name="Charlie")
    workspaces.create("elsewhere", owner=user)
    return user


@pytest.fixture
def other_workspace(charlie: User) -> Workspace:
    return Workspace.objects.get(name="elsewhere")


@pytest.fixture
def target(workspace: Workspace) -> ComputeTarget:
    return workspaces.create_target(workspace, "studio-local", max_runs=2)


@pytest.fixture
def token_of() -> Callable[[User], str]:
    """Issue an API token for a person."""
    return lambda user: tokens.issue(user, "test")


@pytest.fixture
def make_run(workspace: Workspace, alice: User) -> MakeRun:
    """Make a run; keywords are those of NewRun, ``by`` is a user, ``inside`` a workspace."""

    def make(*, by: User | None = None, inside: Workspace | None = None, **fields: Any) -> Run:
        fields = {"experiment_name": "explore-runs", **fields}
        if fields.get("target", "sdk") != "sdk":
            fields.setdefault("script_name", "train.py")
        actor = Actor.of_user(by or alice)
        return run_actions.create(inside or workspace, by=actor, new=NewRun(**fields))

    return make


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    """A run that its own script leads, running."""
    return make_run(start=True)


@pytest.fixture
def add_log(alice: User) -> AddLog:
    """Append to a log of a run, and write what ``log:`` finds of it, as the worker does in time."""

    def add(
        run: Run, data: str | bytes, path: str = places.STD_LOG, *, is_searched: bool = True
    ) -> LogFile:
        by, whole = Actor.of_user(alice), data.encode() if isinstance(data, str) else data
        sent = sum(LogFile.objects.filter(run=run, path=path).values_list("size", flat=True))
        for start in range(0, len(whole), limits.LOG_PIECE_BYTES):
            part = whole[start : start + limits.LOG_PIECE_BYTES]
            log_actions.append(
                run, by=by, path=path, session="test", sequence=sent + start, data=part
            )
        log = LogFile.objects.get(run=run, path=path)
        while is_searched and not log.is_searched:
            log_documents.write(log, timezone.now())
            log.refresh_from_db()
        return log

    return add
