"""Members and invitations over the API: the same actions as by pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from runs.actions import accounts, tokens, workspaces
from runs.models import AuditEvent, Membership, Run, SecondStep, User, Workspace
from studio.contract.words import Role, Scope
from tests.acceptance.studio_process import wait_for
from tests.api.bulk_calls import read
from tests.api.conftest import Call, caller

MEMBERS, INVITATIONS = "/workspaces/main/members", "/workspaces/main/invitations"
Api = Callable[..., Call]
pytestmark = pytest.mark.usefixtures("workspace")


def role_of(user: User) -> str:
    return Membership.objects.get(user=user, workspace__name="main").role


def test_everybody_sees_the_members_and_owners_who_is_secured(
    api: Api, alice: User, bob: User, rita: User
) -> None:
    SecondStep.objects.create(user=bob, salt="s")
    told = read(api(rita)("GET", MEMBERS))["items"]
    assert [(each["user"]["userName"], each["role"]) for each in told] == [
        ("alice", "owner"),
        ("bob", "contributor"),
        ("rita", "reader"),
    ]
    assert {each["secondStep"] for each in told} == {None}
    told = read(api(alice)("GET", MEMBERS))["items"]
    assert [each["secondStep"] for each in told] == [False, True, False]
    assert "email" not in str(told)


def test_a_run_sees_nobody(api: Api, alice: User, run: Run) -> None:
    assert read(api(alice, run=run)("GET", MEMBERS))["items"] == []


def test_the_members_cost_the_same_however_many_they_are(
    api: Api,
    alice: User,
    workspace: Workspace,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(30):
        person = accounts.create_user(f"p{number}")
        workspaces.add_member(workspace, person, Role.READER)
    call = api(alice)
    with django_assert_max_num_queries(8):
        assert len(read(call("GET", MEMBERS))["items"]) == 31


def test_an_owner_gives_another_role_and_ends_a_membership(
    api: Api, alice: User, bob: User
) -> None:
    call = api(alice)
    assert read(call("PATCH", f"{MEMBERS}/bob", {"role": "reader"}))["role"] == "reader"
    assert role_of(bob) == Role.READER
    assert read(call("DELETE", f"{MEMBERS}/bob"))["user"]["userName"] == "bob"
    assert not Membership.objects.filter(user=bob).exists()
    assert call("DELETE", f"{MEMBERS}/bob").status_code == 404
    told = AuditEvent.objects.filter(verb__startswith="member.").values_list("verb", flat=True)
    assert list(told) == ["member.role", "member.remove"]
    assert AuditEvent.objects.get(verb="member.remove").token_prefix


def test_what_cannot_be_is_refused_with_the_reason(api: Api, alice: User, bob: User) -> None:
    call = api(alice)
    problem = read(call("PATCH", f"{MEMBERS}/bob", {"role": "boss"}), 400)
    assert (problem["field"], problem["detail"]) == (
        "role",
        "A member is reader, contributor, owner.",
    )
    for method, body in (("PATCH", {"role": "reader"}), ("DELETE", None)):
        problem = read(call(method, f"{MEMBERS}/alice", body), 409)
        assert "The last owner" in problem["detail"]
    assert role_of(alice) == Role.OWNER


def test_only_owners_change_members(api: Api, alice: User, bob: User, rita: User) -> None:
    reading = caller(tokens.issue(alice, "t", scopes=[Scope.READ]))
    for call in (api(bob), api(rita), reading):
        assert call("PATCH", f"{MEMBERS}/rita", {"role": "owner"}).status_code == 403
        assert call("DELETE", f"{MEMBERS}/rita").status_code == 403
        assert call("POST", INVITATIONS, {"role": "owner"}).status_code == 403
        assert call("GET", INVITATIONS).status_code == 403
    assert role_of(rita) == Role.READER


def test_members_of_another_workspace_are_not_there(api: Api, alice: User, charlie: User) -> None:
    assert api(alice)("DELETE", f"{MEMBERS}/charlie").status_code == 404
    assert api(charlie)("GET", MEMBERS).status_code == 404


def test_an_invitation_is_made_with_a_link_told_once_and_taken_back(api: Api, alice: User) -> None:
    call = api(alice)
    made = read(call("POST", INVITATIONS, {"role": "contributor"}), 201)
    assert made["mailed"] is False
    (path,) = re.findall(r"/invitation/[\w-]{43}/$", made["link"])
    assert "as its contributor" in Client().get(path).content.decode()
    (shown,) = read(call("GET", INVITATIONS))["items"]
    assert shown == {name: made[name] for name in made if name not in ("link", "mailed")}
    assert read(call("DELETE", f"{INVITATIONS}/{made['id']}"))["id"] == made["id"]
    assert read(call("GET", INVITATIONS))["items"] == []
    assert Client().get(path).status_code == 404
    assert call("DELETE", f"{INVITATIONS}/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [({"role": "boss"}, "role"), ({"role": "reader", "email": "x"}, "email"), ({}, "role")],
)
def test_an_invitation_that_cannot_be_meant_is_refused(
    api: Api, alice: User, body: dict[str, str], field: str
) -> None:
    assert read(api(alice)("POST", INVITATIONS, body), 400)["field"] == field


def test_an_invitation_is_mailed_where_mails_go_out(
    api: Api, alice: User, settings: LazySettings
) -> None:
    settings.HAS_EMAIL = True
    body = {"role": "reader", "email": "dora@example.org"}
    made = read(api(alice)("POST", INVITATIONS, body), 201)
    assert made["mailed"] is True
    wait_for(lambda: bool(mail.outbox), seconds=15, what="the mail")
    assert made["link"] in mail.outbox[0].body
