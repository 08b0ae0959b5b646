"""Rules that no single event fires, each once for a run; and rules that are changed or broken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.access import Actor
from runs.actions import alerts, labels, lifecycle
from runs.actions.alert_rules import Wanted
from runs.models import (
    AlertRule,
    Delivery,
    Run,
)
from tests.alerts.conftest import MakeRule
from tests.alerts.work import log, match, told
from tests.conftest import MakeRun

pytestmark = pytest.mark.django_db


def test_a_run_that_lasts_is_told_once(make_rule: MakeRule, make_run: MakeRun, by: Actor) -> None:
    rule = make_rule(kind="longer", seconds=3600.0)
    long, _ = make_run(start=True, display_name="long"), make_run(start=True)
    match()
    assert told(rule) == []
    Run.objects.filter(pk=long.pk).update(started_at=timezone.now() - timedelta(hours=2))
    match()
    match()
    assert told(rule) == [("long", "Running")]
    lifecycle.complete(long, by=by)
    match()
    assert told(rule) == [("long", "Running")]
    assert Delivery.objects.get().title == "long takes longer than 1 h"


def test_a_run_that_lasted_and_ended_unseen_is_told_once(
    make_rule: MakeRule, make_run: MakeRun, by: Actor
) -> None:
    rule = make_rule(kind="longer", seconds=3600.0)
    long = make_run(start=True, display_name="long")
    Run.objects.filter(pk=long.pk).update(started_at=timezone.now() - timedelta(hours=2))
    lifecycle.complete(long, by=by)
    match()
    match()
    assert told(rule) == [("long", "Completed")]


@pytest.mark.parametrize(
    ("operator", "values", "fires"),
    [
        (">", (0.1, 0.9), False),
        (">", (0.1, 0.95, 0.2), True),
        (">=", (0.9,), True),
        ("<", (0.9,), False),
        ("<", (2.0, 0.5, 3.0), True),
        ("<=", (0.9,), True),
    ],
)
def test_a_metric_that_crosses_is_told_once(
    make_rule: MakeRule, run: Run, by: Actor, operator: str, values: tuple[float, ...], fires: bool
) -> None:
    rule = make_rule(kind="metric", metric="accuracy", operator=operator, value=0.9)
    log(run, by, "loss", 100.0, -100.0)
    match()
    assert told(rule) == []
    log(run, by, "accuracy", *values, session="t")
    match()
    log(run, by, "accuracy", *values, session="u")
    match()
    assert len(told(rule)) == int(fires)


def test_a_metric_of_a_run_that_ended_before_the_rule_is_not_told(
    make_rule: MakeRule, run: Run, by: Actor
) -> None:
    log(run, by, "accuracy", 0.95)
    lifecycle.complete(run, by=by)
    rule = make_rule(kind="metric", metric="accuracy", operator=">", value=0.9)
    labels.set_tags(run, {"a": "b"}, by=by)
    match()
    assert told(rule) == []


def test_a_rule_that_cannot_be_meant_any_more_says_so_and_keeps_nobody_else_silent(
    make_rule: MakeRule, run: Run, by: Actor
) -> None:
    broken, sound = make_rule(), make_rule(name="Sound")
    lasting = make_rule(kind="longer", seconds=60.0)
    AlertRule.objects.filter(pk__in=[broken.pk, lasting.pk]).update(query="nonsense:1")
    lifecycle.fail(run, by=by)
    match()
    for each in (broken, lasting):
        each.refresh_from_db()
        assert "nonsense" in each.problem
    assert (told(broken), len(told(sound))) == ([], 1)
    saved = alerts.save(
        broken, by=by, version=broken.version, wanted=Wanted("Mended", statuses=("Failed",))
    )
    assert saved.problem == ""


def test_a_rule_that_waits_for_something_else_begins_anew(
    make_rule: MakeRule, run: Run, by: Actor
) -> None:
    rule = make_rule(kind="metric", metric="m", operator=">", value=1.0)
    log(run, by, "m", 2.0)
    match()
    wanted = Wanted("Higher", kind="metric", metric="m", operator=">", value=3.0)
    rule = alerts.save(rule, by=by, version=rule.version, wanted=wanted)
    match()
    assert len(told(rule)) == 1
    log(run, by, "m", 4.0, session="t")
    match()
    assert len(told(rule)) == 2
