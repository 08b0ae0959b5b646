"""Sessions that nobody uses end: an owner's after a day."""

from __future__ import annotations

import time

import pytest
from django.conf import LazySettings
from django.test import Client

from runs.models import User
from runs.views import idle

GOOD = "seven quiet otters"
DAY = 24 * 3600


class Clock:
    """Time as the sessions see it."""

    def __init__(self) -> None:
        self.at = time.time()

    def time(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Clock:
    made = Clock()
    for module in ("idle", "sign_in"):
        monkeypatch.setattr(f"runs.views.{module}.time", made)
    settings.IS_LAPTOP = False
    return made


def came_in(user: User) -> Client:
    user.set_password(GOOD)
    user.save()
    client = Client()
    client.post("/sign-in/", {"username": user.username, "password": GOOD})
    return client


def is_in(client: Client, asked: str = "") -> bool:
    return client.get(f"/w/main/runs/{asked}").status_code in (200, 204)


def test_an_owner_who_was_away_for_a_day_signs_in_again(
    alice: User, bob: User, clock: Clock
) -> None:
    owner, contributor = came_in(alice), came_in(bob)
    clock.at += DAY + 60
    answer = owner.get("/w/main/runs/")
    assert answer["Location"] == "/sign-in/?next=/w/main/runs/"
    assert not owner.session.keys()
    assert is_in(contributor)
    assert is_in(came_in(alice))


def test_who_uses_the_studio_stays(alice: User, workspace: object, clock: Clock) -> None:
    client = came_in(alice)
    for _ in range(4):
        clock.at += DAY / 2
        assert is_in(client)


def test_a_page_that_is_left_open_uses_nothing(
    alice: User, workspace: object, clock: Clock
) -> None:
    client = came_in(alice)
    for _ in range(3):
        clock.at += DAY / 4
        assert is_in(client, "?since=0")
    clock.at += DAY / 4 + 60
    assert not is_in(client, "?since=0")


def test_signing_in_again_in_the_same_browser_begins_anew(
    alice: User, workspace: object, clock: Clock
) -> None:
    client = came_in(alice)
    clock.at += DAY + 60
    client.post("/sign-in/", {"username": "alice", "password": GOOD})
    assert is_in(client)


def test_on_a_laptop_nobody_is_sent_away(
    alice: User, workspace: object, clock: Clock, settings: LazySettings
) -> None:
    settings.IS_LAPTOP = True
    client = came_in(alice)
    clock.at += 3 * DAY
    assert is_in(client)


def test_a_look_at_a_page_writes_no_session_each_time(
    alice: User, workspace: object, clock: Clock
) -> None:
    client = came_in(alice)
    is_in(client)
    before = client.session.get(idle.USED)
    clock.at += 60
    is_in(client)
    assert client.session.get(idle.USED) == before
    clock.at += 3600
    is_in(client)
    assert client.session.get(idle.USED) == clock.at
