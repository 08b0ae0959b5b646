"""Webhooks and Slack: signed, with the keys of Azure's events, and only to where they may go."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from runs.access import Actor
from runs.actions import alerts, lifecycle
from runs.actions.alert_secrets import secret_of, secrets_of
from runs.models import AlertRule, Delivery, RunEvent
from tests.alerts.conftest import Fail, MakeRule, payloads
from tests.alerts.work import work
from tests.conftest import MakeRun
from tests.outside.receiver import Receiver, receiver, says

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_webhook_can_be_verified(hooked: AlertRule, hook: Receiver, fail: Fail) -> None:
    fail()
    work()
    (got,) = hook.received
    verified = Webhook(secret_of(hooked)).verify(got.body, got.headers)
    assert verified["data"]["runStatus"] == "Failed"
    assert got.headers["Content-Type"] == "application/json"
    for body in (got.body + b" ", got.body.replace(b"Failed", b"Completed")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret_of(hooked)).verify(body, got.headers)


def test_an_older_key_of_the_studio_still_verifies(
    hooked: AlertRule, hook: Receiver, fail: Fail, settings: LazySettings
) -> None:
    known = secret_of(hooked)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the studio, long enough for anybody"
    fail()
    work()
    (got,) = hook.received
    assert secrets_of(hooked) == [secret_of(hooked), known]
    assert len({secret_of(hooked), known}) == 2
    for secret in secrets_of(hooked):
        Webhook(secret).verify(got.body, got.headers)


def test_a_new_secret_makes_the_old_one_worthless(
    hooked: AlertRule, hook: Receiver, fail: Fail, by: Actor
) -> None:
    old = secret_of(hooked)
    alerts.new_secret(hooked, by=by)
    fail()
    work()
    (got,) = hook.received
    Webhook(secret_of(hooked)).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(got.body, got.headers)


def test_a_webhook_has_the_keys_of_azures_events_and_ours(
    hooked: AlertRule, hook: Receiver, fail: Fail, by: Actor, make_run: MakeRun
) -> None:
    run = fail(display_name="deep", tags={"a": "b"}, properties={"c": "d"})
    lifecycle.complete(make_run(start=True), by=by)
    work()
    failed, completed = payloads(hook)
    event = RunEvent.objects.get(run=run, to_status="Failed")
    prefix = "Microsoft.MachineLearningServices."
    assert [each["eventType"] for each in (failed, completed)] == [
        f"{prefix}RunStatusChanged",
        f"{prefix}RunCompleted",
    ]
    assert failed["subject"] == f"experiments/{run.experiment.pk}/runs/{run.run_id}"
    assert failed["id"] == str(event.pk)
    data = failed["data"]
    assert {
        key: data[key]
        for key in (
            "runStatus",
            "experimentId",
            "experimentName",
            "runId",
            "runTags",
            "runProperties",
        )
    } == {
        "runStatus": "Failed",
        "experimentId": str(run.experiment.pk),
        "experimentName": "explore-runs",
        "runId": run.run_id,
        "runTags": {"a": "b"},
        "runProperties": {"c": "d"},
    }
    assert "runType" in data
    assert (data["workspace"], data["displayName"], data["previousStatus"]) == (
        "main",
        "deep",
        "Running",
    )
    assert data["error"] == {"code": "UserError", "message": "no memory"}
    assert data["url"].endswith(f"/w/main/runs/{run.run_id}/")
    assert data["alert"] == {"id": hooked.pk, "name": "Failures"}


def test_slack_gets_a_text_that_calls_nobody(
    make_rule: MakeRule, hook: Receiver, fail: Fail
) -> None:
    make_rule(channel="slack", target=hook.url)
    run = fail("<!channel> & <https://evil.example|here>", display_name="a|b > c")
    work()
    (told,) = payloads(hook)
    assert f"/w/main/runs/{run.run_id}/|a¦b &gt; c> of explore-runs: *Failed*" in told["text"]
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example¦here&gt;" in told["text"]
    assert list(told) == ["text"]


@pytest.mark.parametrize("redirect", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    hooked: AlertRule, hook: Receiver, fail: Fail, redirect: int
) -> None:
    with receiver() as inside:
        hook.answer = says(redirect, Location=inside.url)
        fail()
        work()
        assert inside.received == []
    assert f"answers {redirect}" in Delivery.objects.get().error


def test_a_webhook_to_a_private_address_is_refused_when_it_is_sent(
    hooked: AlertRule, hook: Receiver, fail: Fail, settings: LazySettings
) -> None:
    settings.WEBHOOK_ALLOW = []
    fail()
    work()
    delivery = Delivery.objects.get()
    assert (delivery.state, hook.received) == ("failed", [])
    assert "127.0.0.1 is not on the public network" in delivery.error
