"""The form of an alert: what was typed becomes a rule, or is told and stays."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from runs.access import Actor
from runs.actions import lifecycle
from runs.models import AlertRule, AuditEvent, Run, User, Workspace
from tests.conftest import MakeRun
from tests.pages.alerts.looking import FORM, page
from tests.pages.conftest import Browser


def test_a_reader_makes_an_alert_that_mails_them(browser: Browser, rita: User, alice: User) -> None:
    client = browser(rita)
    answer = client.post("/w/main/alerts/new/", FORM)
    rule = AlertRule.objects.get()
    assert answer["Location"] == f"/w/main/alerts/{rule.pk}/"
    assert (rule.owner, rule.name, rule.statuses, rule.for_all) == (
        rita,
        "Failures",
        ["Failed"],
        False,
    )
    assert "Failures" in page(client, "/w/main/alerts/")
    assert AuditEvent.objects.get(verb="alert.create").about == "Failures"


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"name": ""}, "name", "The text is missing."),
        ({"name": "a" * 101}, "name", "100 are allowed"),
        ({"name": "\0"}, "name", "NUL"),
        ({"kind": "tea"}, "kind", "status, longer, metric"),
        ({"statuses": []}, "statuses", "Choose a status."),
        ({"statuses": ["Exploded"]}, "statuses", 'no status "Exploded"'),
        ({"kind": "longer", "longer": "soon"}, "seconds", "a number and a unit"),
        ({"kind": "longer", "longer": "9999d"}, "seconds", "366 days"),
        ({"kind": "longer", "longer": "0"}, "seconds", "1 second"),
        ({"kind": "metric", "metric": "", "operator": ">", "value": "1"}, "metric", "missing"),
        ({"kind": "metric", "metric": "a", "operator": "~", "value": "1"}, "operator", "compared"),
        ({"kind": "metric", "metric": "a", "operator": ">", "value": "much"}, "value", "a number"),
        ({"kind": "metric", "metric": "a", "operator": ">", "value": "1e999"}, "value", "a number"),
        ({"query": "nonsense:1"}, "filter", "nonsense"),
        ({"query": "a" * 2001}, "filter", "2,000"),
        ({"channel": "pigeon"}, "channel", "email, webhook, slack"),
        ({"channel": "webhook", "target": "http://localhost/"}, "target", "whole address"),
        ({"channel": "webhook", "target": "http://u@a.example/"}, "target", "without a user name"),
        ({"digest_minutes": "7"}, "digestMinutes", "0, 5, 15, 60, 1440"),
        ({"for_all": "true", "target": "nobody"}, "target", "no address of e-mail"),
        ({"for_all": "true", "target": ""}, "target", "1 to 10 addresses"),
        ({"for_all": "true", "target": "a@b.example," * 11}, "target", "1 to 10 addresses"),
    ],
)
def test_what_no_alert_can_say_is_told_and_what_was_typed_stays(
    browser: Browser,
    alice: User,
    workspace: Workspace,
    fields: dict[str, Any],
    field: str,
    reason: str,
) -> None:
    answer = browser(alice).post("/w/main/alerts/new/", {**FORM, "query": "tag:typed", **fields})
    assert answer.status_code == 422
    assert answer.context["problem"].field == field
    text = html.unescape(answer.content.decode())
    assert reason in text
    assert fields.get("query", "tag:typed") in text
    assert not AlertRule.objects.exists()


def test_who_saves_second_sees_both(browser: Browser, alice: User, rule: AlertRule) -> None:
    client = browser(alice)
    first = {**FORM, "name": "First", "version": "1"}
    assert client.post(f"/w/main/alerts/{rule.pk}/", first).status_code == 302
    answer = client.post(f"/w/main/alerts/{rule.pk}/", {**FORM, "name": "Second", "version": "1"})
    assert answer.status_code == 409
    text = html.unescape(answer.content.decode())
    assert "<strong>First</strong>" in text
    assert 'value="Second"' in text
    version = re.search(r'name="version" value="(\d+)"', text)
    assert version is not None
    client.post(f"/w/main/alerts/{rule.pk}/", {**FORM, "name": "Second", "version": version[1]})
    rule.refresh_from_db()
    assert rule.name == "Second"


def test_an_alert_that_is_off_stays_off_when_it_is_saved(
    browser: Browser, alice: User, rule: AlertRule
) -> None:
    client = browser(alice)
    client.post(f"/w/main/alerts/{rule.pk}/switch/", {"on": "false"})
    client.post(f"/w/main/alerts/{rule.pk}/", {**FORM, "version": "2"})
    rule.refresh_from_db()
    assert (rule.enabled, rule.version) == (False, 3)


def test_the_form_shows_what_the_alert_says(browser: Browser, alice: User, rule: AlertRule) -> None:
    client = browser(alice)
    metric = {"kind": "metric", "metric": "loss", "operator": "<=", "value": "1e-7"}
    for fields, shown in (
        ({"kind": "longer", "longer": "90m"}, ['value="90m"']),
        ({"kind": "longer", "longer": "1.5h"}, ['value="90m"']),
        ({"kind": "longer", "longer": "86400"}, ['value="1d"']),
        (metric, ['value="loss"', "<option selected><=</option>", 'value="1e-07"']),
    ):
        form = {**FORM, **fields, "version": str(AlertRule.objects.get().version)}
        assert client.post(f"/w/main/alerts/{rule.pk}/", form).status_code == 302
        text = page(client, f"/w/main/alerts/{rule.pk}/")
        for part in shown:
            assert part in text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "It would have fired 3 times last week."),
        ({"statuses": ["Completed"]}, "It would have fired 1 time last week."),
        ({"statuses": ["Canceled"]}, "It would not have fired last week."),
        ({"query": "tag:team"}, "It would have fired 1 time last week."),
        ({"kind": "longer", "longer": "1h"}, "It would have fired 2 times last week."),
        ({"kind": "longer", "longer": "x"}, "How long is a number and a unit."),
        ({"query": "nonsense:"}, "A value is missing"),
    ],
)
def test_a_preview_says_how_often_it_would_have_fired(
    browser: Browser, alice: User, make_run: MakeRun, other_workspace: Workspace, charlie: User,
    fields: dict[str, Any], told: str,
) -> None:  # fmt: skip
    by = Actor.of_user(alice)
    for place in range(3):
        run = make_run(start=True, tags={"team": "vision"} if place == 0 else {})
        lifecycle.fail(run, by=by)
    lifecycle.complete(make_run(start=True), by=by)
    long_ago = make_run(start=True)
    lifecycle.fail(long_ago, by=by)
    before = timezone.now() - timedelta(days=8)
    long_ago.events.update(at=before)
    Run.objects.filter(pk=long_ago.pk).update(started_at=before, ended_at=before, seconds=0)
    theirs = make_run(by=charlie, inside=other_workspace, start=True)
    lifecycle.fail(theirs, by=Actor.of_user(charlie))
    hours = timezone.now() - timedelta(hours=2)
    make_run(start=True, started=hours.isoformat())
    Run.objects.filter(pk=run.pk).update(started_at=hours, seconds=7_200)
    text = page(
        browser(alice), "/w/main/alerts/preview/?" + urlencode({**FORM, **fields}, doseq=True)
    )
    assert told in text
