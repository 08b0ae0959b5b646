"""Members and invitations at the command line, which calls the SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.actions import workspaces
from runs.actions.accounts import create_user
from runs.models import Membership, Workspace
from studio.cli.ending import NOT_FOUND, USAGE
from studio.contract.words import Role
from studio.sdk import Experiment
from tests.cli.conftest import Cli

Result = Callable[..., Any]


@pytest.fixture
def _dora(experiment: Experiment) -> None:
    """Somebody who reads in the workspace."""
    workspace = Workspace.objects.get(name="main")
    workspaces.add_member(workspace, create_user("dora"), Role.READER)


@pytest.mark.usefixtures("_dora")
def test_a_member_gets_another_role_and_is_removed_when_it_is_meant(
    cli: Cli, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {each["user"]["userName"]: each["role"] for each in result("member", "list")}
    assert told["dora"] == "reader"
    assert result("member", "role", "dora", "contributor")["role"] == "contributor"
    code, _, said = cli("member", "remove", "dora")
    assert code == USAGE
    assert "--yes" in said
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: "n\n", raising=False)
    code, _, said = cli("member", "remove", "dora")
    assert (code, Membership.objects.filter(user__username="dora").count()) == (USAGE, 1)
    assert "Nothing was changed." in said
    monkeypatch.setattr("sys.stdin.readline", lambda: "y\n", raising=False)
    assert result("member", "remove", "dora")["user"]["userName"] == "dora"
    code, _, said = cli("member", "remove", "dora", "--yes")
    assert code == NOT_FOUND
    assert 'no member "dora"' in said


def test_an_invitation_is_made_listed_and_taken_back(
    experiment: Experiment, cli: Cli, result: Result
) -> None:
    made = result("invitation", "make", "--role", "reader", "--email", "dora@example.org")
    assert "/invitation/" in made["link"]
    assert [each["email"] for each in result("invitation", "list")] == ["dora@example.org"]
    assert result("invitation", "take-back", made["id"])["role"] == "reader"
    assert result("invitation", "list") == []
    assert cli("invitation", "take-back", made["id"])[0] == NOT_FOUND
    assert cli("member", "role", "alice", "reader")[0] == USAGE
