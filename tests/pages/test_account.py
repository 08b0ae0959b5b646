"""What people do with their account, by pages."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from runs.actions import accounts
from runs.models import AuditEvent, Session, SignInLink, User
from tests.acceptance.studio_process import wait_for
from tests.pages.conftest import Browser

GOOD, OTHER = "seven quiet otters", "nine loud herons"


@pytest.fixture
def ada(alice: User, workspace: object) -> User:
    alice.email = "alice@example.org"
    alice.set_password(GOOD)
    alice.save()
    return alice


def came_in(password: str = GOOD, **extra: str) -> Client:
    client = Client()
    told = {"username": "alice", "password": password}
    answer = client.post("/sign-in/", told, headers=extra)
    assert answer.status_code == 302, answer.content
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_the_page_that_was_wanted_opens_after_signing_in(ada: User) -> None:
    client = Client()
    wanted = client.get("/w/main/experiments/")["Location"]
    page = client.get(wanted).content.decode()
    assert 'name="next" value="/w/main/experiments/"' in page
    told = {"username": "alice", "password": GOOD, "next": "/w/main/experiments/"}
    assert client.post("/sign-in/", told)["Location"] == "/w/main/experiments/"


@pytest.mark.parametrize(
    "away", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(ada: User, away: str) -> None:
    told = {"username": "alice", "password": GOOD, "next": away}
    assert Client().post("/sign-in/", told)["Location"] == "/"


def test_a_wrong_password_is_told_and_not_shown_again(ada: User) -> None:
    answer = Client().post("/sign-in/", {"username": "alice", "password": "not the one"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "There is no account with this user name and password." in page
    assert 'value="alice"' in page
    assert "not the one" not in page


def test_the_sixth_wrong_password_is_told_to_wait(ada: User) -> None:
    client = Client()
    for _ in range(5):
        client.post("/sign-in/", {"username": "alice", "password": "x"})
    answer = client.post("/sign-in/", {"username": "alice", "password": GOOD})
    assert answer.status_code == 429
    assert "Wait a minute" in answer.content.decode()


def test_a_sign_in_starts_a_session_of_its_own(ada: User) -> None:
    client = Client()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    client.post("/sign-in/", {"username": "alice", "password": GOOD})
    assert client.session.session_key != before
    assert Session.objects.get(user=ada).session_key == client.session.session_key


def test_sessions_are_listed_by_browser_and_end_one_by_one(ada: User) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    other = came_in(**{"User-Agent": agent})
    here = came_in()
    page = here.get("/account/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert page.count("this one") == 1
    names = re.findall(r'name="session" value="(\w+)"', page)
    assert len(names) == 1
    assert str(other.session.session_key) not in page
    assert here.get("/account/sessions/end/").status_code == 405
    here.post("/account/sessions/end/", {"session": names[0]})
    assert is_in(here)
    assert not is_in(other)


def test_nobody_ends_the_session_of_somebody_else(ada: User, browser: Browser, bob: User) -> None:
    from runs.actions import sessions

    hers = came_in()
    his = browser(bob)
    name = sessions.public_id(str(hers.session.session_key))
    his.post("/account/sessions/end/", {"session": name})
    his.post("/account/sessions/end/")
    assert is_in(hers)


def test_all_other_sessions_end_at_once(ada: User) -> None:
    others = [came_in(), came_in()]
    here = came_in()
    here.post("/account/sessions/end/")
    assert [is_in(client) for client in (*others, here)] == [False, False, True]


def test_a_new_password_signs_other_browsers_out(ada: User) -> None:
    other, here = came_in(), came_in()
    form = {"current": GOOD, "new": OTHER, "again": OTHER}
    assert here.post("/account/password/", form).status_code == 302
    assert (is_in(other), is_in(here)) == (False, True)
    assert Session.objects.filter(user=ada).count() == 1
    came_in(OTHER)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"current": "no", "new": OTHER, "again": OTHER}, "not your current password"),
        ({"current": GOOD, "new": OTHER, "again": GOOD}, "not the same"),
        ({"current": GOOD, "new": "short", "again": "short"}, "at least 12 characters"),
        ({}, "The text is missing"),
    ],
)
def test_a_password_that_cannot_be_is_refused_in_words(
    ada: User, form: dict[str, str], says: str
) -> None:
    client = came_in()
    answer = client.post("/account/password/", {"current": GOOD, **form} if form else {})
    assert answer.status_code == 400
    assert says in answer.content.decode() or not form
    came_in()


def test_whoever_came_by_a_link_is_asked_for_a_password_and_may_skip_it(
    alice: User, workspace: object
) -> None:
    client = Client()
    answer = client.post(f"/sign-in/{accounts.sign_in_link(alice)}/")
    assert answer["Location"] == "/account/password/"
    page = client.get("/account/password/").content.decode()
    assert "Not now" in page
    assert "Current password" not in page
    assert client.get("/w/main/runs/").status_code == 200
    assert client.post("/account/password/", {"new": GOOD, "again": GOOD})["Location"] == "/"
    came_in()


def test_where_others_reach_the_studio_nothing_opens_without_a_password(
    alice: User, workspace: object, settings: LazySettings
) -> None:
    settings.IS_LAPTOP = False
    client = Client()
    client.post(f"/sign-in/{accounts.sign_in_link(alice)}/")
    for page in ("/", "/w/main/runs/", "/account/", "/help/"):
        assert client.get(page)["Location"] == "/account/password/"
    assert "Not now" not in client.get("/account/password/").content.decode()
    client.post("/account/password/", {"new": GOOD, "again": GOOD})
    assert client.get("/w/main/runs/").status_code == 200


def test_a_profile_is_changed_and_a_bad_address_refused(ada: User) -> None:
    client = came_in()
    bad = client.post("/account/", {"name": "Ada", "email": "not an address"})
    assert bad.status_code == 400
    assert "name@example.org" in bad.content.decode()
    assert client.post("/account/", {"name": "Ada", "email": ""}).status_code == 302
    ada.refresh_from_db()
    assert (ada.name, ada.email) == ("Ada", "")
    told = AuditEvent.objects.get(verb="profile.change")
    assert told.before == {"name": "Alice", "email": "alice@example.org"}
    assert told.address == "127.0.0.1"


def test_a_forgotten_password_is_replaced_by_a_mail(ada: User, settings: LazySettings) -> None:
    settings.HAS_EMAIL = True
    settings.PUBLIC_URL = "https://runs.example.org"
    other = came_in()
    asked = Client().post("/forgotten/", {"name": "Alice"}, headers={"Host": "evil.example"})
    nobody = Client().post("/forgotten/", {"name": "nobody"})
    assert asked.content == nobody.content
    wait_for(lambda: mail.outbox, seconds=15, what="the mail")
    (sent,) = mail.outbox
    assert sent.to == ["alice@example.org"]
    assert "evil" not in str(sent.message())
    (link,) = re.findall(r"https://runs\.example\.org(/new-password/\S+/)\s", str(sent.body))
    client = Client()
    assert client.head(link).status_code == client.get(link).status_code == 200
    assert client.post(link, {"new": OTHER, "again": OTHER})["Location"] == "/"
    assert (is_in(client), is_in(other)) == (True, False)
    assert Client().get(link).status_code == 404
    came_in(OTHER)


def test_without_mail_a_forgotten_password_is_an_owners_affair(ada: User) -> None:
    page = Client().get("/forgotten/").content.decode()
    assert "Ask an owner of your workspace for a link" in page
    Client().post("/forgotten/", {"name": "alice"})
    assert not SignInLink.objects.exists()


@pytest.mark.parametrize(
    "page", ["/sign-in/", "/forgotten/", "/account/", "/account/password/", "/account/sessions/"]
)
def test_no_cache_keeps_a_page_of_an_account(ada: User, page: str) -> None:
    assert "no-store" in came_in().get(page)["Cache-Control"]
