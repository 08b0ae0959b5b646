"""An alert for the calls of every route."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from runs.access import Actor
from runs.actions import alerts, outbox
from runs.actions.alert_rules import Wanted
from runs.actions.outbox import Happening
from runs.models import AlertRule, Delivery, Run, User, Workspace

_WS = "/workspaces/{ws}"
_RUN = f"{_WS}/runs/{{run_id}}"
# What stands behind the workspace, the body, and the status of a good answer.
ALERT_CASES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("GET", f"{_WS}/alerts"): ("/alerts",),
    ("POST", f"{_WS}/alerts"): ("/alerts", {"name": "a", "statuses": ["Failed"]}, 201),
    ("POST", f"{_WS}/alerts/preview"): (
        "/alerts/preview",
        {"name": "a", "kind": "longer", "seconds": 60},
    ),
    ("GET", f"{_WS}/alerts/{{alert}}"): ("/alerts/{alert}",),
    ("PATCH", f"{_WS}/alerts/{{alert}}"): (
        "/alerts/{alert}",
        {"version": 1, "filter": "tag:a", "enabled": False},
    ),
    ("DELETE", f"{_WS}/alerts/{{alert}}"): ("/alerts/{alert}",),
    ("POST", f"{_WS}/alerts/{{alert}}/new-secret"): ("/alerts/{alert}/new-secret", {}),
    ("POST", f"{_WS}/alerts/{{alert}}/test"): ("/alerts/{alert}/test", {}, 201),
    ("GET", f"{_WS}/alerts/{{alert}}/messages"): ("/alerts/{alert}/messages?limit=1",),
    ("POST", f"{_WS}/alerts/{{alert}}/messages/{{message}}/retry"): (
        "/alerts/{alert}/messages/{failed}/retry",
        {},
    ),
    ("POST", f"{_WS}/alerts/{{alert}}/messages/{{message}}/replay"): (
        "/alerts/{alert}/messages/{sent}/replay",
        {},
        201,
    ),
    ("PUT", f"{_RUN}/bell"): ("/runs/led/bell", {"on": True}),
}


def keep_alert(workspace: Workspace, alice: User, run: Run) -> None:
    """Make an alert with a message that arrived and one that did not."""
    wanted = Wanted("known", statuses=("Failed",), channel="webhook", target="https://a.example/")
    rule = alerts.create(workspace, by=Actor.of_user(alice), wanted=wanted)
    for state in ("sent", "failed"):
        happening = Happening(run.pk, timezone.now(), "Failed", "led has failed")
        delivery = outbox.message(rule, rule.target, [happening], timezone.now())
        Delivery.objects.filter(pk=delivery.pk).update(state=state)


def known_alert() -> dict[str, str]:
    found = {d.state: d.uid for d in Delivery.objects.filter(is_test=False).order_by("-pk")}
    return {**found, "alert": str(AlertRule.objects.get(name="known").pk)}
