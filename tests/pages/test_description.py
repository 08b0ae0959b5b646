"""The description of a run: shown, written, previewed, saved."""

from __future__ import annotations

import pytest
from django.test import Client

from runs.models import Description, Run, User
from studio.contract import limits
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.editor import field, html, place, send, text_of, written


@pytest.fixture
def noted(make_run: MakeRun) -> Run:
    return make_run(run_id="noted", description="one\ntwo\nthree")


@pytest.fixture
def client(browser: Browser, bob: User) -> Client:
    return browser(bob)


def test_the_overview_shows_what_was_drawn(client: Client, make_run: MakeRun) -> None:
    run = make_run(description="# Why\n\n*because*")
    page = html(client.get(place(run)))
    assert '<h1 id="h-why">Why' in page
    assert "<em>because</em>" in page


def test_what_waits_to_be_drawn_is_shown_plain(client: Client, noted: Run) -> None:
    Description.objects.update(html="", renderer=0)
    assert "one<br>two<br>three" in html(client.get(place(noted)))
    Description.objects.all().delete()
    assert "one<br>two<br>three" in html(client.get(place(noted)))


def test_reading_draws_nothing(client: Client, noted: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.markdown.render", lambda *_: pytest.fail("drawn"))
    client.get(place(noted))
    client.get(place(noted, "description", "history"))


def test_an_empty_one_invites_to_write(browser: Browser, run: Run, bob: User, rita: User) -> None:
    assert "Say what this run is for" in html(browser(bob).get(place(run)))
    page = html(browser(rita).get(place(run)))
    assert "Say what this run is for" not in page
    assert "Nobody has written one." in page


def test_a_reader_has_no_pencil_and_is_told_why(
    browser: Browser, noted: Run, rita: User, bob: User, charlie: User
) -> None:
    page = html(browser(rita).get(place(noted)))
    assert "data-edit-description" not in page
    assert "Readers cannot edit it." in page
    assert "data-edit-description" in html(browser(bob).get(place(noted)))
    for address in ("description", "description/preview", "description/restore", "attachments"):
        assert browser(rita).post(place(noted, address)).status_code == 403
        assert browser(charlie).post(place(noted, address)).status_code == 404
    assert browser(rita).get(place(noted, "description")).status_code == 403
    assert browser(rita).get(place(noted, "description", "history")).status_code == 200
    assert browser(charlie).get(place(noted, "description", "history")).status_code == 404
    assert browser(rita).get(place(noted, "description", "complete")).status_code == 403


def test_it_is_written_and_saved(client: Client, noted: Run) -> None:
    opened = client.get(place(noted, "description"))
    assert written(opened) == "one\ntwo\nthree"
    answer = send(client, noted, opened, "| a |\r\n|---|\r\n| b |")
    assert (answer.status_code, answer.url) == (302, place(noted))
    assert text_of(noted) == "| a |\n|---|\n| b |"
    page = html(client.get(place(noted)))
    assert "<table>" in page
    assert "The description is saved." in page


@pytest.mark.parametrize(
    "text", ["\nfirst line empty", "a</textarea><script>", "a & b &amp;", "\n\n"]
)
def test_what_is_written_comes_back_as_it_was(client: Client, run: Run, text: str) -> None:
    send(client, run, client.get(place(run, "description")), text)
    assert text_of(run) == text
    assert written(client.get(place(run, "description"))) == text


def test_a_part_of_a_page_saves_without_another_page(client: Client, noted: Run) -> None:
    opened = client.get(place(noted, "description"), headers={"HX-Request": "true"})
    assert "<html" not in html(opened)
    asked = {"version": field(opened, "version"), "base": field(opened, "base"), "text": "new"}
    answer = client.post(place(noted, "description"), asked, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert text_of(noted) == "new"


def test_a_text_that_is_too_long_is_kept_on_the_page(client: Client, noted: Run) -> None:
    text = "x" * (limits.DESCRIPTION + 1)
    answer = send(client, noted, client.get(place(noted, "description")), text)
    assert answer.status_code == 400
    assert "65,537 characters; 65,536 are allowed" in html(answer)
    assert written(answer) == text
    assert text_of(noted) == "one\ntwo\nthree"


def test_a_preview_is_drawn_by_the_same_rules(client: Client, noted: Run) -> None:
    text = "**bold** <script>alert(1)</script> ![p](outputs/p.png)"
    answer = client.post(place(noted, "description", "preview"), {"text": text})
    send(client, noted, client.get(place(noted, "description")), text)
    assert html(answer) == Description.objects.get().html
    assert "<script>" not in html(answer)


def test_without_script_a_button_previews_and_nothing_is_saved(client: Client, noted: Run) -> None:
    opened = client.get(place(noted, "description"))
    answer = send(client, noted, opened, "*seen*", do="preview")
    assert "<em>seen</em>" in html(answer)
    assert written(answer) == "*seen*"
    assert text_of(noted) == "one\ntwo\nthree"
