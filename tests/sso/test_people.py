"""Who comes in by single sign-on, as whom, and how they leave."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from runs.actions import second_steps
from runs.models import AuditEvent, Identity, Membership, SecondStep, User, Workspace
from runs.sso.problems import problem
from tests.sso.conftest import GOOD, came_back, is_in
from tests.sso.oidc_provider import Provider

CONNECT = "/sign-in/single/connect/"


def proved(client: Client, password: str = GOOD, **more: str) -> Any:
    assert came_back(client)["Location"] == CONNECT
    return client.post(CONNECT, {"password": password, **more})


def test_the_page_of_signing_in_offers_it_and_keeps_what_was_wanted(
    there: Provider, ada: User
) -> None:
    page = Client().get("/sign-in/?next=/w/main/experiments/").content.decode()
    assert 'href="/sign-in/single/?next=/w/main/experiments/"' in page
    assert "Sign in with Example" in page
    client = Client()
    proved(client)
    client.post("/sign-out/")
    assert came_back(client, "/w/main/experiments/")["Location"] == "/w/main/experiments/"
    client.post("/sign-out/")
    assert came_back(client, "//evil.example")["Location"] == "/"


def test_without_a_provider_there_is_no_such_door() -> None:
    for part in ("", "back/"):
        assert Client().get(f"/sign-in/single/{part}").status_code == 404


def test_an_e_mail_alone_opens_no_account(there: Provider, ada: User) -> None:
    client = Client()
    assert came_back(client)["Location"] == CONNECT
    assert not is_in(client)
    page = client.get(CONNECT).content.decode()
    assert "grace@example.org" in page
    assert client.post(CONNECT, {"password": "not the one"}).status_code == 400
    assert not is_in(client)
    assert not Identity.objects.exists()


def test_who_knows_the_password_connects_the_account_once(there: Provider, ada: User) -> None:
    client = Client()
    assert proved(client)["Location"] == "/"
    assert is_in(client)
    there.person["email"] = "other@example.org"
    again = Client()
    assert came_back(again)["Location"] == "/"
    assert again.get("/account/").context["user"] == ada
    told = AuditEvent.objects.filter(user=ada).values_list("verb", flat=True)
    assert {"account.connect", "sign_in.single_sign_on"} <= set(told)


def test_a_second_step_is_asked_for_before_an_account_is_connected(
    there: Provider, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    SecondStep.objects.create(user=ada, salt="s")
    client = Client()
    wrong = proved(client, code="000000")
    assert (wrong.status_code, is_in(client)) == (400, False)
    assert not Identity.objects.exists()
    monkeypatch.setattr(second_steps, "check", lambda user, code, *, address: None)
    client.post(CONNECT, {"password": GOOD, "code": "123456"})
    assert is_in(client)


def test_two_people_with_one_e_mail_are_not_guessed_between(
    there: Provider, ada: User, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(email=ada.email)
    answer = came_back(Client())
    assert answer.status_code == 403
    assert "Several accounts here" in answer.content.decode()


def test_an_account_without_a_password_cannot_be_taken_by_its_e_mail(
    there: Provider, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(email="grace@example.org")
    answer = came_back(Client())
    assert answer.status_code == 403
    assert "has no password yet" in answer.content.decode()


def test_an_account_belongs_to_one_person_there(there: Provider, ada: User) -> None:
    proved(Client())
    there.person["sub"] = "g-2"
    answer = came_back(Client())
    assert "belongs to somebody else there" in answer.content.decode()


def test_a_stranger_is_told_how_to_get_in(there: Provider) -> None:
    answer = came_back(Client())
    assert answer.status_code == 403
    assert "Nobody here has the e-mail address grace@example.org" in answer.content.decode()
    assert "Ask an owner for an invitation" in answer.content.decode()


def test_somebody_new_gets_an_account_and_its_roles_if_the_settings_say_so(
    there: Provider, settings: LazySettings, workspace: Workspace, other_workspace: Workspace
) -> None:
    settings.OIDC_MAKE_USERS, settings.OIDC_DOMAINS = True, ["example.org"]
    settings.OIDC_ROLES = {"main": "reader", "nowhere": "owner"}
    client = Client()
    assert came_back(client)["Location"] == "/"
    made = User.objects.get(username="grace")
    assert (made.name, made.email, made.has_usable_password()) == (
        "Grace",
        "grace@example.org",
        False,
    )
    assert list(Membership.objects.filter(user=made).values_list("workspace__name", "role")) == [
        ("main", "reader")
    ]
    assert is_in(client), "nobody asks them for a password"
    told = AuditEvent.objects.filter(user=made).order_by("id").values_list("verb", flat=True)
    assert list(told) == ["account.make", "member.join", "sign_in.single_sign_on"]
    came_back(Client())
    assert User.objects.filter(email="grace@example.org").count() == 1


@pytest.mark.parametrize(
    ("claims", "username"),
    [
        ({"preferred_username": "alice"}, "alice-2"),
        ({"preferred_username": "me"}, "me-2"),
        ({"preferred_username": ""}, "grace"),
        ({"preferred_username": "../Grace H."}, "Grace-H."),
        ({"preferred_username": "€"}, "somebody"),
        ({"preferred_username": "a\0b", "name": "\0"}, "grace"),
        ({"preferred_username": 7, "name": ["x"]}, "grace"),
    ],
)
def test_a_new_name_is_one_that_is_free_and_can_be(
    there: Provider, settings: LazySettings, claims: dict[str, Any], username: str
) -> None:
    settings.OIDC_MAKE_USERS, settings.OIDC_DOMAINS = True, ["*"]
    there.person.update(claims)
    came_back(Client())
    assert User.objects.get(email="grace@example.org").username == username


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "grace@evil.example"},
        {"email": "grace@example.org.evil.example"},
        {"email": "grace@sub.example.org"},
        {"email_verified": False},
    ],
)
def test_only_the_domains_that_are_meant_come_in_each_time(
    there: Provider, ada: User, settings: LazySettings, claims: dict[str, Any]
) -> None:
    proved(Client())
    settings.OIDC_DOMAINS = ["example.org"]
    assert came_back(Client()).status_code == 302
    there.person.update(claims)
    client = Client()
    assert "Only verified e-mail addresses of example.org" in came_back(client).content.decode()
    assert not is_in(client)


def test_a_closed_account_stays_closed(there: Provider, ada: User) -> None:
    proved(Client())
    User.objects.update(is_active=False)
    assert "Your account here is closed" in came_back(Client()).content.decode()


def test_who_comes_in_there_alone_gets_no_password_here_by_themselves(
    there: Provider, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OIDC_MAKE_USERS, settings.OIDC_DOMAINS = True, ["*"]
    settings.HAS_EMAIL, settings.IS_LAPTOP = True, False
    client = Client()
    came_back(client)
    assert is_in(client)
    asked = {"new": GOOD, "again": GOOD}
    assert (
        "You come in by single sign-on" in client.post("/account/password/", asked).content.decode()
    )
    Client().post("/forgotten/", {"name": "grace"})
    assert not mail.outbox
    page = client.get("/account/").content.decode()
    assert "You have no password here." in page


def test_signing_out_says_that_the_provider_goes_on(there: Provider, ada: User) -> None:
    client = Client()
    proved(client)
    answer = client.post("/sign-out/", follow=True)
    assert answer.redirect_chain == [("/signed-out/", 302)]
    assert f'href="{there.issuer}/logout?client_id=studio&amp;' in answer.content.decode()
    assert not is_in(client)
    other = Client()
    other.post("/sign-in/", {"username": "alice", "password": GOOD})
    assert other.post("/sign-out/")["Location"] == "/sign-in/"


def test_it_is_disconnected_with_the_password(there: Provider, ada: User) -> None:
    client = Client()
    proved(client)
    assert "It signs you in, besides your password." in client.get("/account/").content.decode()
    client.post("/account/disconnect/", {"current": "not the one"})
    assert Identity.objects.exists()
    client.post("/account/disconnect/", {"current": GOOD})
    assert not Identity.objects.exists()
    assert "Not connected." in client.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"OIDC_CLIENT_ID": ""}, "STUDIO_OIDC_CLIENT_ID"),
        ({"OIDC_ALLOW": []}, "should begin with https"),
        ({"OIDC_ISSUER": "ftp://id.example.org"}, "should begin with https"),
        ({"OIDC_MAKE_USERS": True}, "let in everybody"),
        ({"OIDC_ROLES": {"main": "boss"}}, "no role 'boss'"),
    ],
)
def test_settings_that_cannot_be_meant_are_told_at_the_start(
    there: Provider, settings: LazySettings, wrong: dict[str, Any], reason: str
) -> None:
    assert problem() == ""
    for name, value in wrong.items():
        setattr(settings, name, value)
    assert reason in problem()


def test_without_the_extra_the_start_says_how_to_install_it(
    there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.sso.problems.importlib.util.find_spec", lambda name: None)
    assert "pip install 'run-studio[sso]'" in problem()
