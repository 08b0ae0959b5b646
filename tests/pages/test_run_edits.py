"""Editing a run on its page."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import labels, lifecycle
from runs.models import ComputeTarget, Run, RunStar, User
from tests.conftest import MakeRun
from tests.pages.conftest import Browser


def place(run: Run, verb: str = "") -> str:
    return f"/w/main/runs/{run.run_id}/{verb}"


def test_a_name_is_changed_and_an_empty_one_is_not(browser: Browser, bob: User, run: Run) -> None:
    client = browser(bob)
    assert client.post(place(run, "name/"), {"display_name": " better "}).status_code == 302
    run.refresh_from_db()
    assert run.display_name == "better"
    answer = client.post(place(run, "name/"), {"display_name": " "}, follow=True)
    assert "The text is missing" in answer.content.decode()
    run.refresh_from_db()
    assert run.display_name == "better"


def test_tags_are_added_changed_and_removed_in_one_go(
    browser: Browser, bob: User, run: Run
) -> None:
    labels.set_tags(run, {"a": "1", "b": "1", "empty": "", "bare": None}, by=Actor.of_user(bob))
    sent = {
        "seen": json.dumps(run.tags),
        "key": ["a", "new", "empty", "bare", ""],
        "value": ["2", "", "", "", ""],
    }
    assert browser(bob).post(place(run, "tags/"), sent).status_code == 302
    run.refresh_from_db()
    assert run.tags == {"a": "2", "empty": "", "bare": None, "new": None}


def test_a_conflict_of_tags_shows_both_and_keeps_what_was_typed(
    browser: Browser, bob: User, alice: User, run: Run
) -> None:
    labels.set_tags(run, {"a": "1"}, by=Actor.of_user(bob))
    seen = json.dumps(run.tags)
    labels.set_tags(run, {"a": "theirs"}, by=Actor.of_user(alice))
    client = browser(bob)
    answer = client.post(place(run, "tags/"), {"seen": seen, "key": ["a"], "value": ["mine"]})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "&quot;a&quot; is &quot;theirs&quot;" in html
    assert 'value="mine"' in html
    assert "data-open-at-once" in html
    # Whoever has seen that saves over it.
    now = {"seen": json.dumps({"a": "theirs"}), "key": ["a"], "value": ["mine"]}
    assert client.post(place(run, "tags/"), now).status_code == 302
    run.refresh_from_db()
    assert run.tags == {"a": "mine"}


@pytest.mark.parametrize("seen", ["", "[]", "{", '{"a": 1}', "null"])
def test_a_broken_editor_overwrites_nothing(
    browser: Browser, bob: User, run: Run, seen: str
) -> None:
    labels.set_tags(run, {"a": "1"}, by=Actor.of_user(bob))
    sent = {"seen": seen, "key": ["a"], "value": ["2"]}
    assert browser(bob).post(place(run, "tags/"), sent).status_code == 409
    run.refresh_from_db()
    assert run.tags == {"a": "1"}


def test_a_star_is_ones_own(browser: Browser, alice: User, rita: User, run: Run) -> None:
    client = browser(rita)
    client.post(place(run, "star/"), {"on": "true"})
    client.post(place(run, "star/"), {"on": "true"})
    assert list(RunStar.objects.values_list("user__username", flat=True)) == ["rita"]
    listed = "/w/main/runs/?view=default&filter=is:starred"
    assert run.display_name in client.get(listed).content.decode()
    assert run.display_name not in browser(alice).get(listed).content.decode()
    client.post(place(run, "star/"), {"on": "false"})
    assert not RunStar.objects.exists()


def test_a_run_is_resubmitted_with_other_arguments(
    browser: Browser, bob: User, make_run: MakeRun, target: ComputeTarget
) -> None:
    run = make_run(target="studio-local", definition={"command": ["true"], "arguments": []})
    client = browser(bob)
    sent = {"arguments": "--name 'two words' --lr 0.1"}
    answer = client.post(place(run, "resubmit/"), sent, follow=True)
    new = Run.objects.latest("pk")
    assert answer.redirect_chain[-1][0] == place(new)
    assert (new.definition or {})["arguments"] == ["--name", "two words", "--lr", "0.1"]
    assert f'href="{place(run)}"' in answer.content.decode()
    broken = client.post(place(run, "resubmit/"), {"arguments": "'open"}, follow=True)
    assert "These arguments cannot be read" in broken.content.decode()
    assert Run.objects.count() == 2


def test_a_run_is_marked_as_failed_with_a_reason(browser: Browser, bob: User, run: Run) -> None:
    client = browser(bob)
    html = client.post(
        place(run, "fail/"), {"reason": "Loss was NaN"}, follow=True
    ).content.decode()
    run.refresh_from_db()
    assert run.status == "Failed"
    assert (run.error or {})["error"]["message"] == "Loss was NaN"
    assert "Loss was NaN" in html
    again = client.post(place(run, "fail/"), follow=True)
    assert again.status_code == 200


def test_a_cancel_takes_the_children_along_if_that_is_asked(
    browser: Browser, bob: User, make_run: MakeRun
) -> None:
    top = make_run(start=True)
    child = make_run(parent_run_id=top.run_id, start=True)
    browser(bob).post(place(top, "cancel/"))
    child.refresh_from_db()
    assert child.status == "Running"
    browser(bob).post(place(top, "cancel/"), {"children": "true"})
    child.refresh_from_db()
    assert child.status == "Canceled"


def test_a_comment_stands_in_the_history(browser: Browser, bob: User, run: Run) -> None:
    client = browser(bob)
    sent = {"comment": "Look at <b>step 7</b>"}
    html = client.post(place(run, "comment/"), sent, follow=True).content.decode()
    assert "Look at &lt;b&gt;step 7&lt;/b&gt;" in html
    assert (
        "The text is missing" in client.post(place(run, "comment/"), follow=True).content.decode()
    )


def test_the_history_shows_one_kind_and_survives_any_address(
    browser: Browser, bob: User, run: Run
) -> None:
    labels.set_tags(run, {"quality": "good"}, by=Actor.of_user(bob))
    client = browser(bob)
    everything = client.get(place(run, "history/")).content.decode()
    assert "Created for sdk." in everything
    assert "tag quality" in everything
    edits = client.get(place(run, "history/?kind=edit")).content.decode()
    assert "Created for sdk." not in edits
    for address in ("?kind=nonsense", "?before=-1", "?before=99999999999999999999", "?before=%00"):
        assert client.get(place(run, f"history/{address}")).status_code == 200


@pytest.mark.parametrize("verb", ["name/", "tags/", "fail/", "resubmit/", "comment/", "cancel/"])
def test_a_reader_changes_nothing_and_a_stranger_finds_nothing(
    browser: Browser, rita: User, charlie: User, run: Run, verb: str
) -> None:
    assert browser(rita).post(place(run, verb)).status_code == 403
    assert browser(charlie).post(place(run, verb)).status_code == 404
    assert browser(rita).get(place(run, verb)).status_code == 405


def test_the_page_makes_the_same_queries_whatever_the_run_has(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    def count(run: Run) -> int:
        client = browser(alice)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(place(run)).status_code == 200
        return len(queries)

    by = Actor.of_user(alice)
    bare, full = make_run(start=True), make_run(start=True)
    for number in range(15):
        make_run(parent_run_id=full.run_id, start=True)
        labels.set_tags(full, {f"key {number}": "value"}, by=by)
        labels.add_properties(full, {f"key {number}": "value"}, by=by)
        lifecycle.warn(full, by=by, source="test", message=f"warning {number}")
    assert count(full) == count(bare)
