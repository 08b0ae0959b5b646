"""Everybody who could come to a door, and what they find behind it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from runs.access import Actor
from runs.actions import accounts, tokens, views, workspaces
from runs.models import ApiToken, ComputeTarget, Run, User, Workspace
from studio.contract.words import Role, Scope, Sharing
from tests.api.conftest import api
from tests.conftest import MakeRun
from tests.pages.conftest import browser

# Callers of the API and browsers, as their own rooms make them.
__all__ = ["api", "browser"]


@pytest.fixture
def subject(make_run: MakeRun, target: ComputeTarget, workspace: Workspace, bob: User) -> Run:
    by = Actor.of_user(bob)
    view = views.create(workspace, by=by, name="known", state={})
    views.share(view, by=by, sharing=Sharing.EDIT)
    return make_run(run_id="subject", target="studio-local")


@pytest.fixture
def cast(
    alice: User, bob: User, rita: User, charlie: User, workspace: Workspace
) -> dict[str, User]:
    gone = accounts.create_user("gone")
    workspaces.add_member(workspace, gone, Role.OWNER)
    return {
        "owner": alice,
        "contributor": bob,
        "reader": rita,
        "outsider": charlie,
        "disabled": gone,
    }


@pytest.fixture
def api_tokens(cast: dict[str, User], subject: Run, target: ComputeTarget) -> dict[str, str]:
    owner = cast["owner"]
    plain = {
        "owner": tokens.issue(owner, "t"),
        "contributor": tokens.issue(cast["contributor"], "t"),
        "reader": tokens.issue(cast["reader"], "t"),
        "outsider": tokens.issue(cast["outsider"], "t"),
        "disabled": tokens.issue(cast["disabled"], "t"),
        "read-token": tokens.issue(owner, "t", scopes=[Scope.READ]),
        "write-token": tokens.issue(owner, "t", scopes=[Scope.WRITE]),
        "agent-scope-token": tokens.issue(owner, "t", scopes=[Scope.AGENT]),
        "run-token": tokens.issue(owner, "t", run=subject),
        "agent-token": tokens.issue(owner, "t", target=target),
        "expired": tokens.issue(owner, "expired"),
        "revoked": tokens.issue(owner, "revoked"),
        "nobody": "",
    }
    now = timezone.now()
    ApiToken.objects.filter(name="expired").update(expires_at=now)
    ApiToken.objects.filter(name="revoked").update(revoked_at=now)
    User.objects.filter(pk=cast["disabled"].pk).update(is_active=False)
    return plain
