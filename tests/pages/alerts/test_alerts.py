"""The pages of alerts: there for whom they belong to, and not for others."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.access import Actor
from runs.actions import alerts, bells, outbox
from runs.actions.alert_rules import Wanted
from runs.actions.alert_secrets import secret_of
from runs.actions.outbox import Happening
from runs.actions.unsubscribing import unsubscribe_token
from runs.models import AlertRule, AuditEvent, Delivery, Run, User, Workspace
from runs.models.alert import Sending
from tests.conftest import MakeRun
from tests.pages.alerts.looking import FORM, HOOK, page
from tests.pages.conftest import Browser


@pytest.fixture
def shared(workspace: Workspace, alice: User) -> AlertRule:
    fields: dict[str, Any] = {"channel": "webhook", "target": HOOK, "for_all": True}
    wanted = Wanted("Everybody's", statuses=("Failed",), **fields)
    return alerts.create(workspace, by=Actor.of_user(alice), wanted=wanted)


def message(rule: AlertRule, run: Run, state: Sending = Sending.SENT, **fields: Any) -> Delivery:
    now = timezone.now()
    happening = Happening(run.pk, now, "Failed", f"{run} has failed")
    delivery = outbox.message(rule, "alice@example.org", [happening], now)
    Delivery.objects.filter(pk=delivery.pk).update(state=state.value, **fields)
    delivery.refresh_from_db()
    return delivery


def test_roles_reach_as_far_as_they_should(
    browser: Browser, alice: User, bob: User, rita: User, shared: AlertRule
) -> None:
    hook = {**FORM, "channel": "webhook", "target": HOOK}
    for_all = {**FORM, "for_all": "true", "target": "team@example.org"}
    told = [
        browser(user).post("/w/main/alerts/new/", form).status_code
        for user in (rita, bob, alice)
        for form in (FORM, hook, for_all)
    ]
    assert told == [302, 422, 422, 302, 302, 422, 302, 302, 302]
    text = page(browser(rita), f"/w/main/alerts/{shared.pk}/")
    assert "An owner of the workspace can change it." in text
    assert "secret" not in text
    assert "Readers are told by e-mail." in page(browser(rita), "/w/main/alerts/new/")


@pytest.mark.parametrize("what", ["", "switch/", "delete/", "test/", "secret/"])
def test_who_may_not_change_an_alert_of_the_workspace_does_not(
    browser: Browser, rita: User, shared: AlertRule, what: str
) -> None:
    before = AlertRule.objects.values().get()
    browser(rita).post(
        f"/w/main/alerts/{shared.pk}/{what}", {**FORM, "version": "1", "on": "false"}
    )
    assert AlertRule.objects.values().get() == before
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_anothers_alert_is_not_there_byte_for_byte(
    browser: Browser, rule: AlertRule, run: Run, bob: User, charlie: User, who: str
) -> None:
    sent = message(rule, run)
    client = browser({"bob": bob, "charlie": charlie}[who])
    parts = ["", "messages/"]
    posts = ["", "switch/", "delete/", "test/", "secret/"]
    posts += [f"messages/{sent.uid}/{verb}/" for verb in ("retry", "replay")]
    for ask, places in ((client.get, parts), (client.post, posts)):
        for part in places:
            theirs = ask(f"/w/main/alerts/{rule.pk}/{part}")
            missing = ask(f"/w/main/alerts/999999/{part}")
            assert theirs.status_code == missing.status_code == 404, part
            assert theirs.content == missing.content
    assert AlertRule.objects.filter(pk=rule.pk, enabled=True).exists()


def test_a_message_is_found_in_its_own_alert_only(
    browser: Browser, alice: User, rule: AlertRule, shared: AlertRule, run: Run
) -> None:
    sent = message(rule, run)
    client = browser(alice)
    wrong = client.post(f"/w/main/alerts/{shared.pk}/messages/{sent.uid}/replay/")
    assert wrong.status_code == 404
    assert client.post(f"/w/main/alerts/{rule.pk}/messages/{'0' * 32}/replay/").status_code == 404


def test_where_messages_go_is_shown_to_others_without_its_path(
    browser: Browser, rita: User, alice: User, shared: AlertRule
) -> None:
    text = page(browser(rita), "/w/main/alerts/")
    assert "hooks.example.org" in text
    assert "secret-path" not in text
    assert HOOK in page(browser(alice), f"/w/main/alerts/{shared.pk}/")
    assert secret_of(shared) in page(browser(alice), f"/w/main/alerts/{shared.pk}/")
    assert not any("secret-path" in str(event.after) for event in AuditEvent.objects.all())


def test_the_log_says_how_it_went_and_offers_the_way_on(
    browser: Browser, alice: User, rule: AlertRule, run: Run
) -> None:
    failed = message(
        rule, run, Sending.FAILED, tries=3, error="The receiver answers 500.", answer=500
    )
    sent = message(rule, run, Sending.SENT, sent_at=timezone.now())
    client = browser(alice)
    text = page(client, f"/w/main/alerts/{rule.pk}/")
    assert "The receiver answers 500." in text
    for sentence, verb, each in (
        ("tried again now", "retry", failed),
        ("once more", "replay", sent),
    ):
        place = f"/w/main/alerts/{rule.pk}/messages/{each.uid}/{verb}/"
        assert place in text
        assert client.get(place).status_code == 405
        assert sentence in client.post(place, follow=True).content.decode()
    failed.refresh_from_db()
    assert (failed.state, failed.tries) == ("waiting", 0)
    assert Delivery.objects.get(replay_of=sent).asked_by == alice


def test_a_test_can_be_asked_for_six_times_a_minute(
    browser: Browser, alice: User, rule: AlertRule
) -> None:
    client = browser(alice)
    for _ in range(6):
        client.post(f"/w/main/alerts/{rule.pk}/test/")
    answer = client.post(f"/w/main/alerts/{rule.pk}/test/", follow=True)
    assert "6 tests a minute are enough." in answer.content.decode()
    assert Delivery.objects.filter(is_test=True).count() == 6


def test_the_log_is_asked_again_only_for_what_is_new(
    browser: Browser, alice: User, rule: AlertRule, run: Run
) -> None:
    client = browser(alice)
    place = f"/w/main/alerts/{rule.pk}/messages/"
    known = client.get(place).context["changed"]
    assert client.get(place, {"since": known}).status_code == 204 or known == ""
    message(rule, run)
    known = client.get(place).context["changed"]
    assert client.get(place, {"since": known}).status_code == 204
    Delivery.objects.update(state=Sending.FAILED.value)
    assert client.get(place, {"since": known}).status_code == 200


def test_pages_cost_the_same_for_one_and_for_many(
    browser: Browser,
    alice: User,
    workspace: Workspace,
    rule: AlertRule,
    run: Run,
    make_run: MakeRun,
) -> None:
    client, by = browser(alice), Actor.of_user(alice)
    places = (
        "/w/main/alerts/",
        f"/w/main/alerts/{rule.pk}/",
        f"/w/main/alerts/{rule.pk}/messages/",
    )
    message(rule, run)
    bells.ring(run, by=by, on=True)

    def costs() -> list[int]:
        found = []
        for place in places:
            with CaptureQueriesContext(connection) as queries:
                client.get(place)
            found.append(len(queries))
        return found

    before = costs()
    for number in range(8):
        wanted = Wanted(f"More {number}", statuses=("Failed",))
        message(alerts.create(workspace, by=by, wanted=wanted), run)
        message(rule, run)
        bells.ring(make_run(start=True), by=by, on=True)
    assert costs() == before
    assert max(before) < 16


def test_a_bell_rings_once_and_is_taken_away(
    browser: Browser, alice: User, run: Run, rita: User
) -> None:
    client = browser(alice)
    place = f"/w/main/runs/{run.run_id}/bell/"
    assert client.get(place).status_code == 405
    for _ in range(2):
        answer = client.post(place, {"on": "true"}, follow=True)
    assert "You get a mail when" in html.unescape(answer.content.decode())
    bell = AlertRule.objects.get()
    assert (bell.run, bell.owner) == (run, alice)
    assert 'aria-pressed="true"' in page(client, f"/w/main/runs/{run.run_id}/")
    assert str(run) in page(client, "/w/main/alerts/")
    assert str(run) not in page(browser(rita), "/w/main/alerts/")
    client.post(place, {"on": "false"})
    assert not AlertRule.objects.exists()


def test_a_bell_without_an_address_says_why_not(browser: Browser, rita: User, run: Run) -> None:
    client = browser(rita)
    assert "You have no address of e-mail" in page(client, f"/w/main/runs/{run.run_id}/")
    answer = client.post(f"/w/main/runs/{run.run_id}/bell/", {"on": "true"}, follow=True)
    assert "You have no address of e-mail" in answer.content.decode()
    assert not AlertRule.objects.exists()


def test_a_bell_of_a_foreign_run_is_not_there(browser: Browser, charlie: User, run: Run) -> None:
    client = browser(charlie)
    foreign = client.post(f"/w/main/runs/{run.run_id}/bell/", {"on": "true"})
    missing = client.post("/w/main/runs/nothing/bell/", {"on": "true"})
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_the_first_alert_is_one_click_away(
    browser: Browser, alice: User, workspace: Workspace
) -> None:
    client = browser(alice)
    assert "Tell me when my runs fail" in page(client, "/w/main/alerts/")
    client.post("/w/main/alerts/first/")
    assert AlertRule.objects.get().query == "submitter:me"
    assert "Tell me when my runs fail" not in page(client, "/w/main/alerts/")


def test_looking_changes_nothing(browser: Browser, alice: User, rule: AlertRule, run: Run) -> None:
    message(rule, run, Sending.FAILED)
    client = browser(alice)
    before = [list(AlertRule.objects.values()), list(Delivery.objects.values())]
    token = unsubscribe_token(rule, "alice@example.org")
    for place in ("", "new/", "preview/", f"{rule.pk}/", f"{rule.pk}/messages/"):
        client.get(f"/w/main/alerts/{place}")
        client.head(f"/w/main/alerts/{place}")
    client.get(f"/alerts/leave/{token}/")
    assert before == [list(AlertRule.objects.values()), list(Delivery.objects.values())]


def test_numbers_that_no_alert_has_lead_nowhere(
    browser: Browser, alice: User, workspace: Workspace
) -> None:
    for number in ("0", "-1", "x", "9" * 30, "²", "1e3", "%00"):
        assert browser(alice).get(f"/w/main/alerts/{number}/").status_code == 404


def test_no_alert_is_deleted_by_one_press(browser: Browser, alice: User, shared: AlertRule) -> None:
    before, _ = page(browser(alice), "/w/main/alerts/").split(
        f'action="/w/main/alerts/{shared.pk}/delete/"'
    )
    assert f'data-open="delete-alert-{shared.pk}"' in before
    assert f'<dialog class="dialog" id="delete-alert-{shared.pk}"' in before
