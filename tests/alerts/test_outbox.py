"""The outbox is written with the change itself, for nothing, and emptied whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import alerts, bells, lifecycle, outbox, runs
from runs.alerts import matching
from runs.models import (
    AlertRule,
    Delivery,
    Run,
    RunEvent,
    User,
    Workspace,
)
from tests.alerts.conftest import MakeRule
from tests.alerts.work import match, told
from tests.conftest import MakeRun

pytestmark = pytest.mark.django_db


def test_a_change_of_status_costs_no_query_more(
    make_rule: MakeRule, make_run: MakeRun, by: Actor
) -> None:
    first, second, before = (make_run(start=True) for _ in range(3))
    # The first of a kind makes its count.
    lifecycle.fail(before, by=by)
    with CaptureQueriesContext(connection) as without:
        lifecycle.fail(first, by=by)
    assert not RunEvent.objects.filter(for_alerts=True).exists()
    for _ in range(5):
        make_rule()
    with CaptureQueriesContext(connection) as with_rules:
        lifecycle.fail(second, by=by)
    assert RunEvent.objects.filter(for_alerts=True).count() == 1
    assert len(with_rules) == len(without)


def test_what_is_undone_is_not_told(make_rule: MakeRule, run: Run, by: Actor) -> None:
    rule = make_rule()
    with transaction.atomic():
        lifecycle.fail(run, by=by)
        transaction.set_rollback(True)
    match()
    assert told(rule) == []


def test_the_worker_that_fails_half_way_has_done_nothing(
    make_rule: MakeRule, make_run: MakeRun, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_rule(), make_rule(name="Second")
    for _ in range(3):
        lifecycle.fail(make_run(start=True), by=by)
    real = outbox.add

    def once(rule: AlertRule, *rest: Any) -> None:
        if rule.pk == second.pk:
            raise ZeroDivisionError
        real(rule, *rest)

    monkeypatch.setattr(outbox, "add", once)
    with pytest.raises(ZeroDivisionError):
        matching.match_waiting()
    assert not Delivery.objects.exists()
    monkeypatch.undo()
    match()
    assert (len(told(first)), len(told(second))) == (3, 3)


def test_matching_costs_the_same_for_one_run_and_for_many(
    make_rule: MakeRule, make_run: MakeRun, by: Actor
) -> None:
    make_rule(digest_minutes=5)
    make_rule(kind="longer", seconds=60.0)
    costs = []
    for count in (2, 20):
        for _ in range(count):
            lifecycle.fail(make_run(start=True), by=by)
        with CaptureQueriesContext(connection) as queries:
            matching.match_waiting()
        costs.append(len(queries))
    assert costs[1] <= costs[0] + 1


def test_members_who_can_be_mailed_begin_with_a_rule_for_their_failures(
    workspace: Workspace, alice: User, bob: User, settings: Any
) -> None:
    bells.offer_first_rules()
    assert not AlertRule.objects.exists()
    settings.HAS_EMAIL = True
    bells.offer_first_rules()
    rule = AlertRule.objects.get()
    assert (rule.owner, rule.name, rule.query, rule.statuses) == (
        *(alice, "My runs that fail", "submitter:me"),
        ["Failed"],
    )
    alerts.delete(rule, by=Actor.of_user(alice))
    bells.offer_first_rules()
    assert not AlertRule.objects.exists()
    bob.email = "bob@example.org"
    bob.save()
    bells.offer_first_rules()
    assert AlertRule.objects.get().owner == bob


def test_edits_of_a_run_are_nothing_for_alerts(make_rule: MakeRule, run: Run, by: Actor) -> None:
    make_rule(statuses=("Completed",))
    match()
    runs.edit(run, by=by, display_name="other")
    assert not RunEvent.objects.filter(for_alerts=True).exists()
