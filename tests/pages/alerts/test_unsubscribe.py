"""The way out of mails: a link that needs no sign-in, and does nothing before somebody says so."""

from __future__ import annotations

from django.core import signing
from django.test import Client

from runs.access import Actor
from runs.actions import alerts
from runs.actions.alert_rules import Wanted
from runs.actions.unsubscribing import unsubscribe_token
from runs.models import AlertRule, AuditEvent, User, Workspace
from tests.pages.alerts.looking import page


def test_a_link_in_a_mail_ends_the_mails_without_signing_in(rule: AlertRule, alice: User) -> None:
    place = f"/alerts/leave/{unsubscribe_token(rule, 'alice@example.org')}/"
    client = Client(enforce_csrf_checks=True)
    text = page(client, place)
    assert "alice@example.org" in text
    assert "Send me no more of these" in text
    rule.refresh_from_db()
    assert rule.enabled
    # As programs of mail ask: without a cookie.
    answer = client.post(place, {"List-Unsubscribe": "One-Click"})
    assert "sends nothing more to alice@example.org" in answer.content.decode()
    rule.refresh_from_db()
    assert not rule.enabled
    assert AuditEvent.objects.filter(verb="alert.unsubscribe", about="Failures").exists()


def test_one_address_leaves_and_the_others_stay(workspace: Workspace, alice: User) -> None:
    wanted = Wanted(
        "Team", statuses=("Failed",), target="a@example.org, b@example.org", for_all=True
    )
    rule = alerts.create(workspace, by=Actor.of_user(alice), wanted=wanted)
    for address, left, is_on in (
        ("A@example.org", "b@example.org", True),
        ("b@example.org", "b@example.org", False),
    ):
        Client().post(f"/alerts/leave/{unsubscribe_token(rule, address)}/")
        rule.refresh_from_db()
        assert (rule.target, rule.enabled) == (left, is_on)


def test_a_link_that_is_none_of_ours_leads_nowhere(rule: AlertRule) -> None:
    good = unsubscribe_token(rule, "alice@example.org")
    alerts.delete(rule, by=Actor.of_user(rule.owner))
    other = signing.dumps([rule.pk, "x"], salt="another salt")
    for token in (good, good[:-1], "nonsense", other, "a" * 5_000):
        assert Client().get(f"/alerts/leave/{token}/").status_code == 404
        assert Client().post(f"/alerts/leave/{token}/").status_code == 404
