"""The page of retention: rules, what one would delete now, and only then the rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.access import Actor
from runs.actions import lifecycle, retention
from runs.models import RetentionRule, Run, User, Workspace
from tests.api.conftest import caller
from tests.conftest import MakeRun

PAGE = "/w/main/settings/retention/"


@pytest.fixture
def owner(client: Client, alice: User, workspace: Workspace) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def old(make_run: MakeRun, alice: User) -> Run:
    run = make_run(run_id="old", display_name="Old <run>", start=True)
    lifecycle.complete(run, by=Actor.of_user(alice))
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(days=40))
    return run


def test_what_would_go_is_shown_before_there_is_a_rule(owner: Client, old: Run) -> None:
    empty = owner.get(PAGE).content.decode()
    assert "Every run is kept" in empty
    assert "Make the rule" not in empty
    shown = owner.get(PAGE, {"filter": "experiment:explore-runs", "days": "30"}).content.decode()
    assert "1 run would go now" in shown
    assert "Old &lt;run&gt;" in shown
    assert not RetentionRule.objects.exists()
    asked = {"filter": "experiment:explore-runs", "days": "30", "confirm": "1"}
    answer = owner.post(f"{PAGE}new/", asked, follow=True)
    assert "30 days after the end" in answer.content.decode()
    rule = RetentionRule.objects.get()
    assert (rule.query, rule.days) == ("experiment:explore-runs", 30)


def test_if_other_runs_would_go_by_now_they_are_shown_first(owner: Client, old: Run) -> None:
    answer = owner.post(f"{PAGE}new/", {"filter": "", "days": "30", "confirm": "0"})
    assert answer.status_code == 409
    assert "1 run would go now" in answer.content.decode()
    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"filter": "colour:red", "days": "30"}, "colour"),
        ({"filter": "", "days": "0"}, "kept for 1 to"),
        ({"filter": "", "days": "9" * 30}, "kept for 1 to"),
        ({"filter": "", "days": "many"}, "kept for 1 to"),
    ],
)
def test_what_cannot_be_meant_is_said(owner: Client, asked: dict[str, str], said: str) -> None:
    for answer in (owner.get(PAGE, asked), owner.post(f"{PAGE}new/", {**asked, "confirm": "0"})):
        assert answer.status_code == 400
        assert said in answer.content.decode()


def test_a_rule_is_switched_off_and_on_and_deleted(
    owner: Client, workspace: Workspace, alice: User
) -> None:
    by = Actor.of_user(alice)
    rule = retention.create(workspace, by=by, query="", days=9, goes=0, confirm=0)
    owner.post(f"{PAGE}{rule.pk}/switch/")
    assert "switched off" in owner.get(PAGE).content.decode()
    owner.post(f"{PAGE}{rule.pk}/switch/", {"on": "yes"})
    assert RetentionRule.objects.get().enabled
    assert owner.post(f"{PAGE}{rule.pk}/delete/").status_code == 302
    assert not RetentionRule.objects.exists()
    for number in (rule.pk, "x", "9" * 30):
        assert owner.post(f"{PAGE}{number}/delete/").status_code == 404


def test_a_rule_of_another_workspace_is_not_there(
    owner: Client, other_workspace: Workspace, charlie: User
) -> None:
    by = Actor.of_user(charlie)
    rule = retention.create(other_workspace, by=by, query="", days=9, goes=0, confirm=0)
    for verb in ("switch", "delete"):
        assert owner.post(f"{PAGE}{rule.pk}/{verb}/").status_code == 404
    assert b"after the end</td>" not in owner.get(PAGE).content
    assert RetentionRule.objects.get().enabled


def test_the_page_asks_as_little_for_many_rules_as_for_one(
    owner: Client, workspace: Workspace, alice: User
) -> None:
    by = Actor.of_user(alice)
    counts = []
    for more in (1, 9):
        for _ in range(more):
            retention.create(workspace, by=by, query="", days=9, goes=0, confirm=0)
        with CaptureQueriesContext(connection) as caught:
            assert owner.get(PAGE).status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_the_api_says_first_what_would_go(
    old: Run, alice: User, token_of: Callable[[User], str]
) -> None:
    call = caller(token_of(alice))
    top = "/workspaces/main/retention"
    seen = call("POST", f"{top}/preview", {"days": 30}).json()  # type: ignore[attr-defined]
    assert (seen["count"], [each["runId"] for each in seen["runs"]]) == (1, ["old"])
    refused = call("POST", top, {"days": 30}).json()  # type: ignore[attr-defined]
    assert (refused["status"], refused["field"], refused["selected"]) == (409, "confirm", 1)
    made = call("POST", top, {"days": 30, "confirm": 1}).json()  # type: ignore[attr-defined]
    assert (made["days"], made["enabled"], made["task"]) == (30, True, None)
    for body in ({}, {"days": "30"}, {"days": 30, "colour": "red"}, {"days": True}):
        assert call("POST", f"{top}/preview", body).status_code == 400
