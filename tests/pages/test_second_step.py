"""The second step by pages: set up, asked for behind every way in, taken away."""

from __future__ import annotations

import re
import time

import pytest
from django.test import Client

from runs import one_time_codes
from runs.actions import accounts, second_steps
from runs.models import SecondStep, SignInLink, User
from tests.actions.test_second_steps import GOOD, ada, by, code_of, codes, key_of
from tests.pages.conftest import Browser

__all__ = ["ada", "by", "codes"]
PAGE, CODE = "/account/second-step/", "/sign-in/code/"


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def shown_password(way_on: str = "") -> Client:
    client = Client()
    told = {"username": "alice", "password": GOOD, "next": way_on}
    answer = client.post("/sign-in/", told)
    assert answer["Location"] == CODE
    assert not is_in(client)
    return client


def test_it_is_set_up_with_the_password_and_a_code_and_shows_the_codes_once(
    ada: User, browser: Browser
) -> None:
    client = browser(ada)
    assert "data:image/svg" not in client.get(PAGE).content.decode()
    wrong = client.post(PAGE, {"action": "begin", "current": "not the one"})
    assert wrong.status_code == 400
    page = client.post(PAGE, {"action": "begin", "current": GOOD}, follow=True).content.decode()
    assert 'src="data:image/svg+xml' in page
    (key,) = re.findall(r'id="app-key">([A-Z2-7]{32})<', page)
    wrong = client.post(PAGE, {"action": "confirm", "code": "000000"})
    assert "not the code that the app shows" in wrong.content.decode()
    done = client.post(PAGE, {"action": "confirm", "code": code_of(key)}).content.decode()
    shown = re.findall(r"\b[a-z2-8]{4}(?:-[a-z2-8]{4}){3}\b", done.partition("</code>")[0])
    assert len(shown) == second_steps.RECOVERY_CODES
    assert second_steps.is_on(ada)
    page = client.get(PAGE).content.decode()
    assert shown[0] not in page
    assert "10 recovery codes are left" in page


def test_it_is_asked_for_behind_the_password(ada: User, codes: list[str]) -> None:
    client = shown_password("/account/tokens/")
    wrong = client.post(CODE, {"code": "000000"})
    assert (wrong.status_code, is_in(client)) == (400, False)
    answer = client.post(CODE, {"code": code_of(key_of(ada))})
    assert (answer["Location"], is_in(client)) == ("/account/tokens/", True)


def test_it_is_asked_for_behind_a_link_and_a_new_password(ada: User, codes: list[str]) -> None:
    client = Client()
    link = f"/sign-in/{accounts.sign_in_link(ada)}/"
    assert client.post(link)["Location"] == CODE
    secret = accounts.make_link(ada, SignInLink.PASSWORD)
    asked = {"new": "nine loud herons", "again": "nine loud herons"}
    client = Client()
    assert client.post(f"/new-password/{secret}/", asked)["Location"] == CODE
    assert not is_in(client)
    client.post(CODE, {"code": codes[0]})
    assert is_in(client)


def test_nobody_is_asked_who_has_shown_no_password(ada: User, codes: list[str]) -> None:
    client = Client()
    assert client.get(CODE)["Location"] == "/sign-in/"
    assert client.post(CODE, {"code": codes[0]})["Location"] == "/sign-in/"
    assert second_steps.codes_left(ada) == len(codes)


@pytest.mark.parametrize("why", ["late", "password", "disabled"])
def test_the_password_opens_the_second_step_for_a_while_only(
    ada: User, codes: list[str], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    client = shown_password()
    if why == "late":
        now = time.time()
        monkeypatch.setattr("runs.views.second_step.time.time", lambda: now + 601)
    elif why == "password":
        ada.set_password("nine loud herons")
        ada.save()
    else:
        User.objects.update(is_active=False)
    assert client.post(CODE, {"code": codes[0]})["Location"] == "/sign-in/"
    assert not is_in(client)


def test_signing_in_makes_another_session(ada: User, codes: list[str]) -> None:
    client = Client()
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": "alice", "password": GOOD})
    waiting = client.session.session_key
    client.post(CODE, {"code": codes[0]})
    assert client.session.session_key != waiting


def test_it_is_removed_with_the_password(ada: User, codes: list[str], browser: Browser) -> None:
    client = browser(ada)
    assert client.post(PAGE, {"action": "remove", "current": "no"}).status_code == 400
    assert second_steps.is_on(ada)
    page = client.post(PAGE, {"action": "remove", "current": GOOD}, follow=True).content.decode()
    assert "your password alone signs you in" in page
    assert not SecondStep.objects.exists()
    assert client.post(PAGE, {"action": "explode"}).status_code == 400
    assert client.post(PAGE, {"action": "confirm", "code": "1"}).status_code == 409


def test_new_codes_are_made_with_the_password(
    ada: User, codes: list[str], browser: Browser
) -> None:
    page = browser(ada).post(PAGE, {"action": "codes", "current": GOOD}).content.decode()
    assert "shown only now" in page
    assert codes[0] not in page


def test_without_the_extra_the_page_says_how_to_install_it(
    ada: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_time_codes, "is_there", lambda: False)
    page = browser(ada).get(PAGE).content.decode()
    assert "pip install &#x27;run-studio[sso]&#x27;" in page
    assert 'name="current"' not in page


def test_owners_see_who_has_one(ada: User, bob: User, codes: list[str], browser: Browser) -> None:
    page = browser(ada).get("/w/main/settings/members/").content.decode()
    assert re.findall(r'<td>(?:<span class="faint">)?(on|off)(?:</span>)?</td>', page) == [
        "on",
        "off",
    ]
    assert "Second step" not in browser(bob).get("/w/main/settings/members/").content.decode()
