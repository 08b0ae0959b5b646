"""The pages of members, invitations, workspaces and tokens, as each role sees and uses them."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import tokens, workspaces
from runs.actions.accounts import create_user
from runs.models import ApiToken, Invitation, Membership, User, Workspace
from studio.contract.words import Role
from tests.acceptance.studio_process import wait_for
from tests.pages.conftest import Browser

GOOD = "seven quiet otters"
MEMBERS = "/w/main/settings/members/"


def shown_link(html: str, place: str) -> str:
    (found,) = re.findall(rf"<code>http://127\.0\.0\.1:8000(/{place}/[\w-]+/)</code>", html)
    return str(found)


def test_an_owner_invites_and_somebody_new_joins(browser: Browser, alice: User, bob: User) -> None:
    answer = browser(alice).post("/w/main/settings/invitations/", {"role": "reader"})
    link = shown_link(answer.content.decode(), "invitation")
    assert "no-store" in answer["Cache-Control"]
    new = Client()
    page = new.get(link).content.decode()
    assert "Alice invites you" in page
    assert "Make an account and join" in page
    assert new.head(link).status_code == 200
    form = {"username": "dora", "name": "Dora", "new": GOOD, "again": GOOD}
    assert new.post(link, form)["Location"] == "/w/main/runs/"
    assert new.get("/w/main/runs/").status_code == 200
    assert Membership.objects.get(user__username="dora").role == "reader"
    again = Client().get(link)
    assert again.status_code == 404
    assert "used already" in again.content.decode()


def test_who_is_signed_in_joins_with_one_click(
    browser: Browser, alice: User, workspace: object, charlie: User
) -> None:
    page = browser(alice).post("/w/main/settings/invitations/", {"role": "owner"})
    link = shown_link(page.content.decode(), "invitation")
    client = browser(charlie)
    assert "Join as Charlie" in client.get(link).content.decode()
    assert client.post(link)["Location"] == "/w/main/runs/"
    assert client.get(MEMBERS).status_code == 200


def test_an_invitation_is_mailed_where_mails_go_out(
    browser: Browser, alice: User, workspace: object, settings: LazySettings
) -> None:
    settings.HAS_EMAIL = True
    form = {"role": "contributor", "email": "dora@example.org"}
    page = browser(alice).post("/w/main/settings/invitations/", form).content.decode()
    wait_for(lambda: mail.outbox, seconds=15, what="the mail")
    (sent,) = mail.outbox
    assert sent.to == ["dora@example.org"]
    assert shown_link(page, "invitation") in str(sent.body)
    bad = browser(alice).post("/w/main/settings/invitations/", {**form, "email": "x\ny"})
    assert bad.status_code == 400


def test_owners_change_roles_and_remove_others_only_look(
    browser: Browser, alice: User, bob: User, rita: User
) -> None:
    owner = browser(alice)
    assert owner.post(f"{MEMBERS}bob/role/", {"role": "reader"}).status_code == 302
    assert Membership.objects.get(user=bob).role == "reader"
    assert owner.post(f"{MEMBERS}bob/role/", {"role": "king"}).status_code == 400
    assert owner.post(f"{MEMBERS}nobody/role/", {"role": "reader"}).status_code == 404
    assert owner.post(f"{MEMBERS}bob/remove/").status_code == 302
    assert browser(bob).get("/w/main/runs/").status_code == 404
    reader = browser(rita)
    page = reader.get(MEMBERS).content.decode()
    assert "Your role here is reader. Only owners invite" in page
    assert "Remove" not in page
    assert "/invitations/" not in page
    for place in ("members/alice/role/", "members/alice/remove/", "members/alice/link/",
                  "invitations/", "invitations/1/take-back/", "rename/", "archive/"):  # fmt: skip
        assert reader.post(f"/w/main/settings/{place}").status_code == 403, place


def test_nobody_is_removed_by_one_press(browser: Browser, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(name="<b>Bob")
    page = browser(alice).get(MEMBERS).content.decode()
    before, dialog = page.split('action="/w/main/settings/members/bob/remove/"')
    (number,) = re.findall(r'data-open="(remove-\d+)"', before)
    assert f'<dialog class="dialog" id="{number}"' in before
    assert "Remove &lt;b&gt;Bob?" in dialog
    assert "<b>" not in page


def test_a_stranger_finds_no_settings(browser: Browser, charlie: User, workspace: object) -> None:
    client = browser(charlie)
    for place in ("", "members/"):
        foreign = client.get(f"/w/main/settings/{place}")
        missing = client.get(f"/w/nowhere/settings/{place}")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
    for place in ("members/leave/", "invitations/", "rename/"):
        assert client.post(f"/w/main/settings/{place}").status_code == 404


def test_the_last_owner_is_told_why_they_stay(
    browser: Browser, alice: User, workspace: object
) -> None:
    answer = browser(alice).post(f"{MEMBERS}leave/")
    assert answer.status_code == 409
    assert "The last owner of a workspace stays its owner." in answer.content.decode()


def test_whoever_leaves_sees_nothing_of_it(browser: Browser, rita: User) -> None:
    client = browser(rita)
    assert client.post(f"{MEMBERS}leave/")["Location"] == "/account/workspaces/"
    assert client.get("/w/main/runs/").status_code == 404
    assert "you belong to no workspace" in client.get("/").content.decode()


def test_an_owner_hands_over_a_link_to_a_new_password(
    browser: Browser, alice: User, rita: User
) -> None:
    page = browser(alice).post(f"{MEMBERS}rita/link/").content.decode()
    link = shown_link(page, "new-password")
    client = Client()
    client.post(link, {"new": GOOD, "again": GOOD})
    assert client.get("/account/").status_code == 200
    rita.refresh_from_db()
    assert rita.check_password(GOOD)


def test_a_link_for_who_belongs_elsewhere_too_is_not_offered(
    browser: Browser, alice: User, rita: User, other_workspace: Workspace
) -> None:
    workspaces.add_member(other_workspace, rita, Role.READER)
    client = browser(alice)
    assert "/rita/link/" not in client.get(MEMBERS).content.decode()
    assert client.post(f"{MEMBERS}rita/link/").status_code == 403


def test_the_page_of_members_asks_the_same_for_three_and_for_thirty(
    browser: Browser, alice: User, workspace: Workspace
) -> None:
    client = browser(alice)
    counts = []
    for batch in range(2):
        for n in range(3 if batch == 0 else 27):
            workspaces.add_member(workspace, create_user(f"p{batch}-{n}"), Role.READER)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(MEMBERS)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_workspace_is_made_renamed_archived_and_brought_back(
    browser: Browser, alice: User, workspace: Workspace, bob: User
) -> None:
    client = browser(alice)
    made = client.post("/account/workspaces/", {"name": "second"})
    assert made["Location"] == "/w/second/settings/members/"
    assert client.post("/account/workspaces/", {"name": "second"}).status_code == 409
    assert client.post("/w/second/settings/rename/", {"name": "third"}).status_code == 302
    assert client.get("/w/second/settings/").status_code == 404
    assert client.post("/w/third/settings/archive/").status_code == 302
    assert "This workspace is archived" in client.get("/w/third/runs/").content.decode()
    menu = client.get("/account/workspaces/menu/?at=main").content.decode()
    assert ("/w/main/runs/" in menu, "/w/third/runs/" in menu) == (True, False)
    assert client.post("/w/third/settings/archive/", {"back": "yes"}).status_code == 302
    assert "is archived" not in client.get("/w/third/runs/").content.decode()
    other = browser(bob)
    assert (
        "Only owners of a workspace make another one"
        in other.get("/account/workspaces/").content.decode()
    )
    assert other.post("/account/workspaces/", {"name": "mine"}).status_code == 403


def test_the_default_workspace_opens_first(
    browser: Browser, alice: User, workspace: object
) -> None:
    workspaces.found("another", by=Actor.of_user(alice))
    assert browser(alice).get("/")["Location"] == "/w/another/runs/"
    browser(alice).post("/account/workspaces/prefer/", {"workspace": "main"})
    assert browser(alice).get("/")["Location"] == "/w/main/runs/"
    browser(alice).post("/account/workspaces/prefer/", {"workspace": "elsewhere"})
    assert browser(alice).get("/")["Location"] == "/w/another/runs/"


def test_a_token_is_made_shown_once_and_revoked(
    browser: Browser, alice: User, workspace: object
) -> None:
    client = browser(alice)
    form = {"name": "laptop", "scope": ["read"], "days": "90"}
    answer = client.post("/account/tokens/", form)
    (plain,) = re.findall(r'id="new-token">(stu_[\w-]{43})<', answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    token = tokens.find(plain)
    assert token is not None
    assert (token.user, token.scopes) == (alice, "read")
    page = client.get("/account/tokens/").content.decode()
    assert plain not in page
    assert token.prefix in page
    assert client.post("/account/tokens/revoke/", {"token": token.pk}).status_code == 302
    assert token.prefix not in client.get("/account/tokens/").content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "scope": ["read"], "days": "90"},
        {"name": "a", "days": "90"},
        {"name": "a", "scope": ["read"], "days": "1e3"},
        {"name": "a", "scope": ["read"], "days": "²"},
        {},
    ],
)
def test_a_token_that_cannot_be_is_told_in_words(
    browser: Browser, alice: User, form: dict[str, object]
) -> None:
    answer = browser(alice).post("/account/tokens/", form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_nobody_sees_or_ends_the_tokens_of_others(browser: Browser, alice: User, bob: User) -> None:
    hers = tokens.find(tokens.issue(alice, "hers"))
    assert hers is not None
    client = browser(bob)
    assert hers.prefix not in client.get("/account/tokens/").content.decode()
    client.post("/account/tokens/revoke/", {"token": hers.pk})
    hers.refresh_from_db()
    assert hers.is_live


def test_no_look_at_a_page_changes_anything(browser: Browser, alice: User, bob: User) -> None:
    client = browser(alice)
    client.post("/w/main/settings/invitations/", {"role": "reader"})
    for page in ("role/", "remove/", "link/"):
        assert client.get(f"{MEMBERS}bob/{page}").status_code == 405
    for page in ("rename/", "archive/", "invitations/", "members/leave/"):
        assert client.get(f"/w/main/settings/{page}").status_code == 405
    assert (Invitation.objects.count(), Membership.objects.count()) == (1, 2)
