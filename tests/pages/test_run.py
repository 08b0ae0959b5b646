"""The page of one run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.access import Actor
from runs.actions import labels, leases, lifecycle
from runs.models import ComputeTarget, Run, RunEvent, User
from studio.contract.words import Step
from tests.conftest import MakeRun
from tests.pages.conftest import Browser

RUNNER = Actor("runner", "runner")


@pytest.fixture
def submitted(make_run: MakeRun, target: ComputeTarget) -> Run:
    make_run(run_id="submitted", target="studio-local")
    agent = leases.note_agent(target, leases.AgentInfo("agent", "host-1"))
    run = leases.take_next(target, by=Actor("agent", "agent"), agent=agent)
    assert run is not None
    lifecycle.start(run, by=RUNNER, host="host-1")
    return run


def page(browser: Browser, user: User, run: Run) -> str:
    return browser(user).get(f"/w/main/runs/{run.run_id}/").content.decode()


def test_a_failed_run_says_why_at_the_top(browser: Browser, alice: User, run: Run) -> None:
    error = {"code": "UserError", "message": "Out of luck", "stackTrace": "Traceback: line 1"}
    lifecycle.fail(run, by=Actor.of_user(alice), error=error)
    html = page(browser, alice, run)
    assert html.index("Out of luck") < html.index("What happened")
    assert "Traceback: line 1" in html


def test_an_error_of_many_lines_is_told_by_its_last_and_shown_as_it_was_written(
    browser: Browser, alice: User, run: Run
) -> None:
    text = "Traceback (most recent call last):\n  File a.py, line 1\nValueError: bad"
    error = {"code": "ValueError", "message": text}
    lifecycle.fail(run, by=Actor.of_user(alice), error=error)
    html = page(browser, alice, run)
    assert "<strong>ValueError</strong> · ValueError: bad</p>" in html
    assert f'<pre class="trace" tabindex="0">{text}</pre>' in html


def test_cancel_is_asked_for_by_a_form_and_told_step_by_step(
    browser: Browser, alice: User, submitted: Run
) -> None:
    client = browser(alice)
    answer = client.post("/w/main/runs/submitted/cancel/", follow=True)
    assert "CancelRequested" in answer.content.decode()
    said = "SIGTERM sent to 5 processes."
    lifecycle.record_step(submitted, by=RUNNER, step=Step.TERM_SENT, message=said)
    lifecycle.record_step(submitted, by=RUNNER, step=Step.GONE, message="0 processes left.")
    lifecycle.confirm_canceled(submitted, by=RUNNER)
    html = page(browser, alice, submitted)
    assert html.index(said) < html.index("0 processes left.") < html.rindex("Canceled")


def test_an_ended_run_cannot_be_canceled(browser: Browser, alice: User, run: Run) -> None:
    lifecycle.complete(run, by=Actor.of_user(alice))
    client = browser(alice)
    assert 'disabled title="The run has ended."' in page(browser, alice, run)
    answer = client.post(f"/w/main/runs/{run.run_id}/cancel/", follow=True)
    assert "is Completed; it cannot become" in answer.content.decode()


def test_a_cancel_that_nobody_answers_can_be_closed(
    browser: Browser, alice: User, submitted: Run
) -> None:
    lifecycle.request_cancel(submitted, by=Actor.of_user(alice))
    assert "Nobody has answered" not in page(browser, alice, submitted)
    long_ago = timezone.now() - timedelta(minutes=2)
    Run.objects.update(cancel_requested_at=long_ago, last_beat_at=long_ago)
    assert "Mark as canceled (process unknown)" in page(browser, alice, submitted)
    answer = browser(alice).post("/w/main/runs/submitted/close-cancel/", follow=True)
    assert "a process may still run on host-1" in answer.content.decode()


def test_a_cancel_that_nobody_answers_can_be_asked_for_again(
    browser: Browser, alice: User, submitted: Run
) -> None:
    client = browser(alice)
    lifecycle.request_cancel(submitted, by=Actor.of_user(alice))
    long_ago = timezone.now() - timedelta(minutes=2)
    Run.objects.update(cancel_requested_at=long_ago, last_beat_at=long_ago)
    answer = client.post("/w/main/runs/submitted/ask-again/", follow=True)
    html = answer.content.decode()
    assert "Cancel was requested again." in html
    assert "Mark as canceled (process unknown)" not in html
    lifecycle.confirm_canceled(submitted, by=RUNNER)
    late = client.post("/w/main/runs/submitted/ask-again/", follow=True)
    assert "is Canceled; it cannot become CancelRequested" in late.content.decode()


@pytest.mark.parametrize("verb", ["cancel", "ask-again", "close-cancel"])
def test_only_who_may_cancel_cancels(
    browser: Browser, rita: User, charlie: User, bob: User, submitted: Run, verb: str
) -> None:
    address = f"/w/main/runs/submitted/{verb}/"
    assert browser(bob).get(address).status_code == 405
    assert browser(rita).post(address).status_code == 403
    assert browser(charlie).post(address).status_code == 404
    assert Run.objects.get(pk=submitted.pk).status == "Running"
    assert browser(bob).post(address).status_code == 302


def test_of_a_long_history_the_latest_is_shown(browser: Browser, alice: User, run: Run) -> None:
    for number in range(210):
        RunEvent.objects.create(
            run=run, kind="step", reason=f"Step {number}.", actor_kind="runner", actor_name="r"
        )
    html = page(browser, alice, run)
    assert "Step 209." in html
    assert "Step 5." not in html
    assert "Only the latest are here: show all" in html


def test_of_many_children_the_newest_are_shown_and_all_are_one_click_away(
    browser: Browser, alice: User, run: Run, make_run: MakeRun
) -> None:
    for number in range(51):
        make_run(parent_run_id=run.run_id, display_name=f"child {number}")
    client = browser(alice)
    html = page(browser, alice, run)
    assert "child 50" in html
    assert "child 0<" not in html
    assert html.count(f'href="/w/main/runs/{run.run_id}/children/"') == 3
    assert client.get(f"/w/main/runs/?parent={run.run_id}").context["page"].after


def test_a_silent_run_is_explained(browser: Browser, alice: User, submitted: Run) -> None:
    lifecycle.lose(submitted, by=Actor.system("worker"))
    assert "No heartbeat since" in page(browser, alice, submitted)


def test_it_answers_nothing_until_it_or_a_child_changes(
    browser: Browser, alice: User, run: Run, make_run: MakeRun
) -> None:
    client = browser(alice)
    address = f"/w/main/runs/{run.run_id}/"
    known = client.get(address).context["changed"]
    part = {"HX-Request": "true"}
    assert client.get(address, {"since": known}, headers=part).status_code == 204
    make_run(parent_run_id=run.run_id)
    assert client.get(address, {"since": known}, headers=part).status_code == 200


def test_parameters_are_shown_by_name_and_hidden_where_there_are_none(
    browser: Browser, alice: User, run: Run
) -> None:
    assert "<h2>Parameters</h2>" not in page(browser, alice, run)
    labels.log_parameters(run, {"optimizer": "<b>adam</b>", "lr": "0.01"}, by=Actor.of_user(alice))
    html = page(browser, alice, run)
    shown = html.partition("<h2>Parameters</h2>")[2].partition("</section>")[0]
    assert shown.index("<code>0.01</code>") < shown.index("<code>&lt;b&gt;adam&lt;/b&gt;</code>")


def test_the_raw_document_is_that_of_the_api(
    browser: Browser, rita: User, charlie: User, run: Run
) -> None:
    place = f"/w/main/runs/{run.run_id}/json/"
    answer = browser(rita).get(place, {"download": ""})
    told = answer.json()
    assert (told["runId"], told["status"]) == (run.run_id, "Running")
    assert f'filename="{run.run_id}.json"' in answer["Content-Disposition"]
    assert browser(charlie).get(place).status_code == 404


def test_the_raw_document_is_shown_escaped_and_at_hand_to_copy_and_to_keep(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    run = make_run(tags={"evil": "<script>alert(1)</script>"})
    html = browser(alice).get(f"/w/main/runs/{run.run_id}/json/").content.decode()
    assert '<span class="json-text">&quot;&lt;script&gt;alert(1)' in html
    assert "<script>alert" not in html
    assert 'data-copy="{' in html
    assert 'href="?download"' in html


def test_a_raw_document_too_large_to_fold_is_shown_as_it_is(
    browser: Browser, alice: User, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.folding._MOST_PLACES", 3)
    html = browser(alice).get(f"/w/main/runs/{run.run_id}/json/").content.decode()
    assert "<pre>{\n  &quot;" in html
