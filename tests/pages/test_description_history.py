"""Descriptions that two people write, what they were before, and back again."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import runs
from runs.models import Run, User
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.editor import field, html, place, send, text_of, written


@pytest.fixture
def noted(make_run: MakeRun) -> Run:
    return make_run(run_id="noted", description="one\ntwo\nthree")


@pytest.fixture
def client(browser: Browser, bob: User) -> Client:
    return browser(bob)


def test_of_two_saves_the_second_sees_both_and_loses_nothing(
    browser: Browser, alice: User, bob: User, noted: Run
) -> None:
    mine, theirs = browser(alice), browser(bob)
    opened = mine.get(place(noted, "description"))
    send(theirs, noted, theirs.get(place(noted, "description")), "one\nTWO by bob\nthree")
    conflict = send(mine, noted, opened, "one\ntwo by alice\nthree")
    assert conflict.status_code == 409
    assert "bob saved this description meanwhile" in html(conflict)
    assert text_of(noted) == "one\nTWO by bob\nthree"
    assert written(conflict) == "one\nTWO by bob\ntwo by alice\nthree"
    assert "theirs stand first" in html(conflict)
    assert re.search(r'difference-gone">.*?TWO by bob', html(conflict), re.DOTALL)
    send(mine, noted, conflict, "one\nboth\nthree")
    assert text_of(noted) == "one\nboth\nthree"
    assert "TWO by bob" in html(mine.get(place(noted, "description", "history")))


def test_changes_at_different_places_are_put_together(
    browser: Browser, alice: User, bob: User, noted: Run
) -> None:
    mine, theirs = browser(alice), browser(bob)
    opened = mine.get(place(noted, "description"))
    send(theirs, noted, theirs.get(place(noted, "description")), "zero\none\ntwo\nthree")
    conflict = send(mine, noted, opened, "one\ntwo\nthree\nfour")
    assert conflict.status_code == 409
    assert written(conflict) == "zero\none\ntwo\nthree\nfour"
    assert "at different lines" in html(conflict)


def test_a_third_save_meanwhile_is_a_conflict_again(
    browser: Browser, alice: User, bob: User, noted: Run
) -> None:
    mine, theirs = browser(alice), browser(bob)
    opened = mine.get(place(noted, "description"))
    send(theirs, noted, theirs.get(place(noted, "description")), "second")
    conflict = send(mine, noted, opened, "mine")
    send(theirs, noted, theirs.get(place(noted, "description")), "third")
    assert send(mine, noted, conflict, "merged").status_code == 409
    assert text_of(noted) == "third"


def test_another_name_meanwhile_is_no_conflict(client: Client, alice: User, noted: Run) -> None:
    opened = client.get(place(noted, "description"))
    runs.edit(noted, by=Actor.of_user(alice), display_name="renamed")
    assert send(client, noted, opened, "new").status_code == 302
    now = Run.objects.get(pk=noted.pk)
    assert (now.description, now.display_name) == ("new", "renamed")


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "0"])
def test_a_form_without_its_version_overwrites_nothing(
    client: Client, noted: Run, version: str
) -> None:
    answer = client.post(place(noted, "description"), {"version": version, "text": "lost"})
    assert answer.status_code == 409
    assert text_of(noted) == "one\ntwo\nthree"


def test_history_tells_who_and_what_and_restores(client: Client, noted: Run, alice: User) -> None:
    runs.edit(noted, by=Actor.of_user(alice), description="one\n2\nthree")
    runs.edit(noted, by=Actor.of_user(alice), display_name="no version of it")
    runs.edit(noted, by=Actor.of_user(alice), description="")
    history = place(noted, "description", "history")
    page = html(client.get(history))
    numbers = re.findall(r'href="\?version=(\d+)"', page)
    assert len(numbers) == 3
    assert numbers[-1] == "0"
    changed = html(client.get(history, {"version": numbers[1]}))
    assert re.search(r'difference-gone">.*?two', changed, re.DOTALL)
    assert re.search(r'difference-new">.*?>2<', changed, re.DOTALL)
    now = client.get(history, {"version": numbers[1], "against": "now"})
    assert re.search(r'difference-gone">.*?three', html(now), re.DOTALL)
    asked = {"number": numbers[1], "version": field(now, "version")}
    answer = client.post(place(noted, "description", "restore"), asked, follow=True)
    assert "The description is what it was then." in html(answer)
    assert text_of(noted) == "one\n2\nthree"
    assert len(re.findall(r'href="\?version=(\d+)"', html(client.get(history)))) == 4
    first = client.get(history, {"version": "0"})
    client.post(
        place(noted, "description", "restore"), {"number": "0", "version": field(first, "version")}
    )
    assert text_of(noted) == "one\ntwo\nthree"


def test_a_restore_over_a_change_meanwhile_is_not_done(
    client: Client, noted: Run, alice: User
) -> None:
    runs.edit(noted, by=Actor.of_user(alice), description="newer")
    asked = {"number": "0", "version": "1"}
    answer = client.post(place(noted, "description", "restore"), asked, follow=True)
    assert "Look again" in html(answer)
    assert text_of(noted) == "newer"


@pytest.mark.parametrize("number", ["999999", "x", "9" * 18])
def test_a_version_that_is_not_there_is_not_found(client: Client, noted: Run, number: str) -> None:
    history = client.get(place(noted, "description", "history"), {"version": number})
    assert history.status_code == (200 if number == "x" else 404)
    other = client.post(place(noted, "description", "restore"), {"number": number, "version": "1"})
    assert other.status_code == (302 if number == "x" else 404)


def test_a_version_of_another_run_is_not_found(
    client: Client, noted: Run, alice: User, make_run: MakeRun
) -> None:
    other = make_run(description="secret")
    runs.edit(other, by=Actor.of_user(alice), description="secret too")
    event = other.events.order_by("-pk")[0]
    asked = {"version": str(event.pk)}
    assert client.get(place(noted, "description", "history"), asked).status_code == 404


def test_a_deleted_one_can_come_back(client: Client, noted: Run) -> None:
    answer = send(client, noted, client.get(place(noted, "description")), "")
    page = client.get(answer.url)
    assert "The description is deleted." in html(page)
    assert "Bring it back" in html(page)
    asked = {"number": field(page, "number"), "version": field(page, "version")}
    client.post(place(noted, "description", "restore"), asked)
    assert text_of(noted) == "one\ntwo\nthree"


def test_history_asks_a_fixed_number_of_questions(client: Client, noted: Run, alice: User) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(place(noted, "description", "history"))
        return len(caught)

    runs.edit(noted, by=Actor.of_user(alice), description="first")
    few = asked()
    for n in range(60):
        runs.edit(noted, by=Actor.of_user(alice), description=str(n))
    assert asked() == few
    page = html(client.get(place(noted, "description", "history")))
    (older,) = re.findall(r'href="\?before=(\d+)">Older', page)
    page = html(client.get(place(noted, "description", "history"), {"before": older}))
    assert "as the run began" in page
