"""Alerts over REST: whose they are, what is refused, and what nobody else learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.access import Actor
from runs.actions import alerts
from runs.actions.alert_rules import Wanted
from runs.models import AlertRule, Run, User, Workspace
from studio.contract import limits

ALERTS = "/workspaces/main/alerts"
FAILURES = {"name": "Failures", "statuses": ["Failed"]}
HOOK = "https://hooks.example.org/secret-path"


@pytest.fixture
def shared(workspace: Workspace, alice: User) -> AlertRule:
    fields: dict[str, Any] = {"channel": "webhook", "target": HOOK, "for_all": True}
    wanted = Wanted("Shared", statuses=("Failed",), **fields)
    return alerts.create(workspace, by=Actor.of_user(alice), wanted=wanted)


def test_an_alert_is_made_read_changed_and_deleted(api: Callable[..., Any], bob: User) -> None:
    call = api(bob)
    made = call(
        "POST", ALERTS, {**FAILURES, "channel": "webhook", "target": HOOK, "filter": "tag:a"}
    )
    assert made.status_code == 201
    told = made.json()
    assert (told["filter"], told["target"], told["canEdit"]) == ("tag:a", HOOK, True)
    assert told["secret"].startswith("whsec_")
    place = f"{ALERTS}/{told['id']}"
    saved = call("PATCH", place, {"version": 1, "kind": "longer", "seconds": 90.0}).json()
    assert (saved["kind"], saved["seconds"], saved["statuses"]) == ("longer", 90.0, [])
    assert (saved["name"], saved["version"]) == ("Failures", 2)
    stale = call("PATCH", place, {"version": 1, "name": "Other"})
    assert (stale.status_code, stale.json()["current"]["version"]) == (409, 2)
    fresh = call("POST", f"{place}/new-secret", {}).json()
    assert fresh["secret"] != told["secret"]
    assert [each["id"] for each in call("GET", ALERTS).json()["items"]] == [told["id"]]
    assert call("DELETE", place).status_code == 200
    assert call("GET", place).status_code == 404


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"statuses": []}, "statuses"),
        ({"statuses": "Failed"}, "statuses"),
        ({"kind": "tea"}, "kind"),
        ({"kind": "longer"}, "seconds"),
        ({"kind": "metric", "metric": "m", "operator": ">"}, "value"),
        ({"kind": "metric", "metric": "m", "operator": "=", "value": 1}, "operator"),
        ({"filter": "nonsense:1"}, "filter"),
        ({"channel": "webhook", "target": "http://169.254.169.254"}, ""),
        ({"channel": "webhook", "target": "http://intranet/"}, "target"),
        ({"channel": "slack", "target": ""}, "target"),
        ({"target": "other@example.org"}, "target"),
        ({"digestMinutes": 7}, "digestMinutes"),
        ({"owner": "rita"}, "owner"),
        ({"name": "\0"}, "name"),
    ],
)
def test_what_no_alert_can_say_is_told_by_its_field(
    api: Callable[..., Any], bob: User, fields: dict[str, Any], field: str
) -> None:
    for place in (ALERTS, f"{ALERTS}/preview"):
        answer = api(bob)("POST", place, {**FAILURES, **fields})
        if field == "" or (place != ALERTS and field == "target"):
            continue
        assert answer.status_code == 400, answer.content
        assert answer.json()["field"].split(".")[0] == field
    expected = 1 if field == "" else 0
    assert AlertRule.objects.count() == expected


def test_roles_reach_as_far_as_they_should(
    api: Callable[..., Any], alice: User, bob: User, rita: User
) -> None:
    hook = {**FAILURES, "channel": "webhook", "target": HOOK}
    for_all = {**FAILURES, "forAll": True, "target": "team@example.org"}
    told = [
        [api(user)("POST", ALERTS, body).status_code for body in (FAILURES, hook, for_all)]
        for user in (rita, bob, alice)
    ]
    assert told == [[201, 403, 403], [201, 201, 403], [201, 201, 201]]


def test_a_members_own_alert_is_nobody_elses(
    api: Callable[..., Any], alice: User, bob: User, charlie: User
) -> None:
    number = api(bob)("POST", ALERTS, FAILURES).json()["id"]
    for user in (alice, charlie):
        call = api(user)
        for method, part, body in (
            ("GET", "", None),
            ("PATCH", "", {"version": 1}),
            ("DELETE", "", None),
            ("POST", "/test", {}),
            ("POST", "/new-secret", {}),
            ("GET", "/messages", None),
        ):
            theirs = call(method, f"{ALERTS}/{number}{part}", body)
            missing = call(method, f"{ALERTS}/999999{part}", body)
            assert theirs.status_code == missing.status_code == 404
            told = theirs.json()["detail"].replace(f'"{number}"', '"999999"')
            assert {**theirs.json(), "detail": told} == missing.json()
    assert api(alice)("GET", ALERTS).json()["items"] == []


def test_members_see_the_workspaces_alert_without_what_is_as_good_as_a_key(
    api: Callable[..., Any], rita: User, shared: AlertRule
) -> None:
    call = api(rita)
    (told,) = call("GET", ALERTS).json()["items"]
    assert (told["target"], told["secret"], told["canEdit"]) == ("hooks.example.org", None, False)
    for method, part, body in (
        ("PATCH", "", {"version": 1}),
        ("DELETE", "", None),
        ("POST", "/test", {}),
        ("POST", "/new-secret", {}),
        ("GET", "/messages", None),
    ):
        assert call(method, f"{ALERTS}/{shared.pk}{part}", body).status_code == 403


def test_a_narrow_token_keeps_no_alerts(api: Callable[..., Any], alice: User, run: Run) -> None:
    call = api(alice, run=run)
    for method, place, body in (
        ("GET", ALERTS, None),
        ("POST", ALERTS, FAILURES),
        ("PUT", f"/workspaces/main/runs/{run.run_id}/bell", {"on": True}),
    ):
        assert call(method, place, body).status_code == 403
    assert not AlertRule.objects.exists()


def test_what_is_patched_to_nothing_is_refused(api: Callable[..., Any], bob: User) -> None:
    number = api(bob)("POST", ALERTS, FAILURES).json()["id"]
    for field in ("name", "statuses", "filter", "channel", "enabled", "digestMinutes", "forAll"):
        answer = api(bob)("PATCH", f"{ALERTS}/{number}", {"version": 1, field: None})
        assert answer.status_code == 400, field
    assert AlertRule.objects.get().version == 1


def test_there_is_an_end_to_how_many_alerts_somebody_has(
    api: Callable[..., Any], bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ALERTS_PER_PERSON", 2)
    told = [api(bob)("POST", ALERTS, FAILURES).status_code for _ in range(3)]
    assert told == [201, 201, 409]
