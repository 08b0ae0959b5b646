"""What a person's token is for, and nothing more."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from runs import access
from runs.access import Actor, Right
from runs.actions import tokens
from runs.actions.refused import Refused
from runs.models import ApiToken, AuditEvent, User, Workspace
from runs.rights import RIGHTS
from studio.contract.errors import Code
from studio.contract.words import Role, Scope
from tests.api.conftest import caller


def made(user: User, *scopes: Scope, days: float | None = 30) -> tuple[str, Actor]:
    by = Actor.of_user(user)
    plain, _ = tokens.make(user, "test", by=by, scopes=scopes, days=days)
    token = tokens.find(plain)
    assert token is not None
    return plain, Actor.of_token(token)


def test_a_token_does_what_its_scopes_say(workspace: Workspace, alice: User) -> None:
    every = frozenset(Right)
    for scopes, rights in (
        ([Scope.READ], {Right.VIEW}),
        ([Scope.WRITE], every - {Right.LEASE}),
        ([Scope.AGENT], {Right.VIEW, Right.LOG, Right.OPERATE, Right.CANCEL, Right.LEASE}),
        (
            [Scope.READ, Scope.AGENT],
            {Right.VIEW, Right.LOG, Right.OPERATE, Right.CANCEL, Right.LEASE},
        ),
        ([*Scope], every),
    ):
        assert access.rights_in(made(alice, *scopes)[1], workspace) == rights, scopes


def test_no_scope_goes_further_than_the_role(workspace: Workspace, bob: User, rita: User) -> None:
    assert Right.MANAGE not in access.rights_in(made(bob, *Scope)[1], workspace)
    assert access.rights_in(made(rita, *Scope)[1], workspace) == RIGHTS[Role.READER]


def test_an_owners_read_token_only_reads(workspace: Workspace, alice: User) -> None:
    call = caller(made(alice, Scope.READ)[0])
    assert call("GET", "/workspaces/main/runs").status_code == 200
    refused = call("POST", "/workspaces/main/runs", {"experimentName": "e"})
    assert refused.status_code == 403
    told = json.loads(refused.content)
    assert told["detail"].startswith("This token is for: read;")
    assert "more scopes" in told["hint"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "all"]}, "scopes"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"days": 0}, "days"),
        ({"days": 10_000}, "days"),
    ],
)
def test_a_token_that_cannot_be_is_refused_by_field(
    alice: User, fields: dict[str, object], field: str
) -> None:
    asked: dict[str, object] = {"name": "n", "scopes": ["read"], "days": 1, **fields}
    with pytest.raises(Refused) as refused:
        tokens.make(alice, str(asked.pop("name")), by=Actor.of_user(alice), **asked)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not ApiToken.objects.exists()


def test_a_person_revokes_their_own_and_nobody_elses(alice: User, bob: User) -> None:
    plain, _ = made(alice, Scope.READ)
    number = str(ApiToken.objects.get().pk)
    for wrong in ("", "0", "x"):
        with pytest.raises(Refused):
            tokens.revoke_own(alice, wrong, by=Actor.of_user(alice))
    with pytest.raises(Refused) as refused:
        tokens.revoke_own(bob, number, by=Actor.of_user(bob))
    assert refused.value.code is Code.NOT_FOUND
    tokens.revoke_own(alice, number, by=Actor.of_user(alice))
    assert caller(plain)("GET", "/workspaces").status_code == 401
    verbs = AuditEvent.objects.values_list("verb", flat=True)
    assert list(verbs) == ["token.make", "token.revoke"]
    assert plain not in str(list(AuditEvent.objects.values()))


def test_an_address_sends_thirty_wrong_tokens_a_minute(alice: User) -> None:
    wrong, right = caller("stu_" + "x" * 43), caller(made(alice, Scope.READ)[0])
    codes = [wrong("GET", "/workspaces").status_code for _ in range(32)]
    assert codes == [401] * 30 + [429] * 2
    # One forgotten script does not lock out whoever shares its address.
    assert right("GET", "/workspaces").status_code == 200


def test_a_token_that_has_expired_opens_nothing(
    alice: User, token_of: Callable[[User], str]
) -> None:
    plain = token_of(alice)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert caller(plain)("GET", "/workspaces").status_code == 401
