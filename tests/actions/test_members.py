"""Members, their roles, and the invitations by which they come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs import access
from runs.access import Actor, Right
from runs.actions import invitations, lifecycle, members, workspaces
from runs.actions.refused import Refused
from runs.models import AuditEvent, Invitation, User, Workspace
from runs.rights import RIGHTS
from studio.contract.errors import HTTP_STATUS, Code
from studio.contract.words import Role
from tests.conftest import MakeRun

GOOD = "seven quiet otters"


def role_of(user: User) -> str | None:
    return user.memberships.values_list("role", flat=True).first()


def test_another_role_is_another_role_at_once(workspace: Workspace, alice: User, bob: User) -> None:
    members.change_role(members.find(workspace, "bob"), Role.READER, by=Actor.of_user(alice))
    assert Right.EDIT not in access.rights_in(Actor.of_user(bob), workspace)
    told = AuditEvent.objects.get(verb="member.role")
    assert (told.about, told.before, told.after) == (
        "bob",
        {"role": "contributor"},
        {"role": "reader"},
    )


def test_the_last_owner_stays(workspace: Workspace, alice: User, bob: User) -> None:
    by = Actor.of_user(alice)
    mine = members.find(workspace, "alice")
    with pytest.raises(Refused, match="last owner"):
        members.remove(mine, by=by)
    with pytest.raises(Refused, match="last owner"):
        members.change_role(mine, Role.READER, by=by)
    members.change_role(members.find(workspace, "bob"), Role.OWNER, by=by)
    members.remove(mine, by=by)
    assert (role_of(alice), role_of(bob)) == (None, "owner")


def test_an_owner_who_may_not_sign_in_is_none(workspace: Workspace, alice: User, bob: User) -> None:
    by = Actor.of_user(alice)
    members.change_role(members.find(workspace, "bob"), Role.OWNER, by=by)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(Refused):
        members.remove(members.find(workspace, "alice"), by=by)


def test_an_invitation_makes_one_member_and_no_more(
    workspace: Workspace, alice: User, charlie: User
) -> None:
    secret, _ = invitations.invite(workspace, Role.READER, by=Actor.of_user(alice))
    assert secret not in str(list(Invitation.objects.values()))
    assert invitations.accept(secret, charlie, address="") == workspace
    assert access.rights_in(Actor.of_user(charlie), workspace) == RIGHTS[Role.READER]
    with pytest.raises(Refused):
        invitations.join_anew(secret, username="d", name="", password=GOOD, address="")
    assert not User.objects.filter(username="d").exists()


def test_somebody_new_makes_an_account_by_it(workspace: Workspace, alice: User) -> None:
    by = Actor.of_user(alice)
    secret, _ = invitations.invite(workspace, Role.CONTRIBUTOR, by=by, email="dora@example.org")
    user, _ = invitations.join_anew(
        secret, username="dora", name="Dora", password=GOOD, address="192.0.2.1"
    )
    assert (user.email, role_of(user)) == ("dora@example.org", "contributor")
    assert user.check_password(GOOD)
    verbs = list(AuditEvent.objects.filter(user=user).values_list("verb", flat=True))
    assert verbs == ["account.make", "member.join"]


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [
        ("ALICE", GOOD, "username"),
        ("me", GOOD, "username"),
        ("Me", GOOD, "username"),
        ("a b", GOOD, "username"),
        ("", GOOD, "username"),
        ("é", GOOD, "username"),
        ("dora\0", GOOD, "username"),
        ("dora", "short", "new"),
    ],
)
def test_what_cannot_be_an_account_leaves_the_invitation_good(
    workspace: Workspace, alice: User, username: str, password: str, field: str
) -> None:
    secret, _ = invitations.invite(workspace, Role.READER, by=Actor.of_user(alice))
    with pytest.raises(Refused) as refused:
        invitations.join_anew(secret, username=username, name="", password=password, address="")
    assert refused.value.field == field
    assert User.objects.count() == 1
    assert invitations.find(secret).role == "reader"


def test_a_member_uses_no_invitation_up(workspace: Workspace, alice: User, bob: User) -> None:
    secret, _ = invitations.invite(workspace, Role.OWNER, by=Actor.of_user(alice))
    with pytest.raises(Refused, match="already"):
        invitations.accept(secret, bob, address="")
    assert role_of(bob) == "contributor"
    assert invitations.open_ones(workspace)


def test_an_invitation_ends_with_time_with_its_owner_and_when_taken_back(
    workspace: Workspace, alice: User, bob: User, charlie: User
) -> None:
    by, other = Actor.of_user(alice), Actor.of_user(bob)
    members.change_role(members.find(workspace, "bob"), Role.OWNER, by=by)
    old, back, orphan = (invitations.invite(workspace, Role.READER, by=other)[0] for _ in range(3))
    first, second, _ = Invitation.objects.order_by("pk")
    Invitation.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    invitations.take_back(workspace, str(second.pk), by=by)
    invitations.find(orphan)
    members.change_role(members.find(workspace, "bob"), Role.CONTRIBUTOR, by=by)
    answers = set()
    for secret in (old, back, orphan, "never made"):
        with pytest.raises(Refused) as refused:
            invitations.accept(secret, charlie, address="")
        answers.add(str(refused.value))
    assert len(answers) == 1


def test_nobody_takes_back_what_is_another_workspaces(
    workspace: Workspace, alice: User, charlie: User, other_workspace: Workspace
) -> None:
    invitations.invite(workspace, Role.READER, by=Actor.of_user(alice))
    number = str(Invitation.objects.get().pk)
    for wrong in (number, "0", "x", "9" * 40):
        with pytest.raises(Refused):
            invitations.take_back(other_workspace, wrong, by=Actor.of_user(charlie))
    assert invitations.open_ones(workspace)


def test_only_an_owner_of_a_workspace_makes_another(alice: User, bob: User) -> None:
    made = workspaces.found("second", by=Actor.of_user(alice))
    assert access.rights_in(Actor.of_user(alice), made) == frozenset(Right)
    with pytest.raises(Refused) as refused:
        workspaces.found("third", by=Actor.of_user(bob))
    assert refused.value.code is Code.FORBIDDEN


@pytest.mark.parametrize(("name", "code"), [("a b", 400), ("ab", 400), ("main", 409)])
def test_a_name_that_cannot_be_is_refused(workspace: Workspace, name: str, code: int) -> None:
    by = Actor.of_user(User.objects.get())
    other = workspaces.found("second", by=by)
    for change in (
        lambda: workspaces.found(name, by=by),
        lambda: workspaces.rename(other, name, by=by),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert (refused.value.field, HTTP_STATUS[refused.value.code]) == ("name", code)


def test_nothing_changes_in_an_archived_workspace(
    workspace: Workspace, alice: User, bob: User, make_run: MakeRun
) -> None:
    by, run = Actor.of_user(alice), make_run(start=True)
    with pytest.raises(Refused, match="1 runs have not ended"):
        workspaces.archive(workspace, by=by)
    lifecycle.complete(run, by=by)
    workspaces.archive(workspace, by=by)
    for user in (alice, bob):
        assert access.run_for(Actor.of_user(user), "main", run.run_id, Right.VIEW) == run
        with pytest.raises(Refused, match="archived"):
            access.run_for(Actor.of_user(user), "main", run.run_id, Right.EDIT)
    workspaces.bring_back(workspace, by=by)
    assert access.run_for(Actor.of_user(bob), "main", run.run_id, Right.EDIT) == run
    verbs = AuditEvent.objects.inside(workspace).values_list("verb", flat=True)
    assert list(verbs) == ["workspace.archive", "workspace.bring_back"]
