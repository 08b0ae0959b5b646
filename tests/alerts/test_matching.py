"""Which rule tells of what, once, and nothing across workspaces."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from runs.access import Actor
from runs.actions import alerts, bells, labels, lifecycle
from runs.models import (
    AlertRule,
    Delivery,
    Membership,
    Run,
    User,
    Workspace,
)
from runs.models.run import Shelf
from studio.contract.words import Role
from tests.alerts.conftest import MakeRule
from tests.alerts.work import log, match, told
from tests.conftest import MakeRun

pytestmark = pytest.mark.django_db


def test_a_status_is_told_once_and_not_again(
    make_rule: MakeRule, make_run: MakeRun, by: Actor
) -> None:
    rule = make_rule()
    good, bad = make_run(start=True), make_run(start=True, display_name="bad")
    lifecycle.complete(good, by=by)
    lifecycle.fail(bad, by=by, error={"message": "no memory"})
    match()
    match()
    assert told(rule) == [("bad", "Failed")]
    lifecycle.fail(bad, by=by)
    labels.set_tags(bad, {"seen": "yes"}, by=by)
    match()
    assert told(rule) == [("bad", "Failed")]


def test_every_silence_is_told_and_not_while_it_lasts(
    make_rule: MakeRule, run: Run, by: Actor
) -> None:
    rule = make_rule(statuses=("NotResponding",))
    system = Actor.system("worker")
    lifecycle.lose(run, by=system)
    match()
    match()
    assert len(told(rule)) == 1
    lifecycle.beat(run, by=by)
    lifecycle.lose(run, by=system)
    match()
    assert [status for _, status in told(rule)] == ["NotResponding", "NotResponding"]


def test_what_happened_before_the_rule_is_not_told(
    make_rule: MakeRule, make_run: MakeRun, by: Actor
) -> None:
    make_rule(statuses=("Completed",))
    lifecycle.fail(make_run(start=True), by=by)
    later = make_rule(name="Later")
    match()
    assert told(later) == []


def test_a_query_narrows_what_is_told(make_rule: MakeRule, make_run: MakeRun, by: Actor) -> None:
    rule = make_rule(query="tag:team=vision")
    ours = make_run(start=True, display_name="ours", tags={"team": "vision"})
    for each in (make_run(start=True, tags={"team": "speech"}), ours):
        lifecycle.fail(each, by=by)
    match()
    assert told(rule) == [("ours", "Failed")]


def test_mine_are_those_of_whoever_owns_the_rule(
    make_rule: MakeRule, make_run: MakeRun, alice: User, bob: User
) -> None:
    of_bob, of_alice = make_rule(by=bob, query="submitter:me"), make_rule(query="submitter:me")
    for user in (alice, bob):
        run = make_run(by=user, start=True, display_name=user.username)
        lifecycle.fail(run, by=Actor.of_user(user))
    bob.email = "bob@example.org"
    bob.save()
    match()
    assert (told(of_alice), told(of_bob)) == ([("alice", "Failed")], [("bob", "Failed")])


def test_child_runs_are_told_where_a_rule_says_so(
    make_rule: MakeRule, make_run: MakeRun, by: Actor
) -> None:
    only_top, all_of_them = make_rule(), make_rule(children=True)
    parent = make_run(start=True, display_name="parent")
    child = make_run(parent_run_id=parent.run_id, start=True, display_name="child")
    for each in (child, parent):
        lifecycle.fail(each, by=by)
    match()
    assert told(only_top) == [("parent", "Failed")]
    assert told(all_of_them) == [("child", "Failed"), ("parent", "Failed")]


def test_a_bell_tells_of_its_run_only(make_run: MakeRun, by: Actor, settings: LazySettings) -> None:
    settings.HAS_EMAIL = True
    run, other = make_run(start=True, display_name="mine"), make_run(start=True)
    bells.ring(run, by=by, on=True)
    bells.ring(run, by=by, on=True)
    for each in (other, run):
        lifecycle.complete(each, by=by)
    match()
    assert told(AlertRule.objects.bells().get()) == [("mine", "Completed")]


def test_two_workspaces_with_the_same_names_cross_nowhere(
    make_rule: MakeRule, make_run: MakeRun, charlie: User, other_workspace: Workspace, by: Actor
) -> None:
    charlie.email = "charlie@example.org"
    charlie.save()
    here, there = make_rule(), make_rule(by=charlie, inside=other_workspace)
    kinds: list[dict[str, Any]] = [
        {"kind": "longer", "seconds": 60.0},
        {"kind": "metric", "metric": "m", "operator": ">", "value": 0.0},
    ]
    theirs = [make_rule(by=charlie, inside=other_workspace, **kind) for kind in kinds]
    run = make_run(run_id="same", display_name="same", start=True)
    make_run(by=charlie, inside=other_workspace, run_id="same", display_name="same", start=True)
    log(run, by, "m", 1.0)
    Run.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(hours=2))
    lifecycle.fail(run, by=by)
    match()
    assert told(here) == [("same", "Failed")]
    assert [told(rule) for rule in (there, *theirs)] == [[], [], []]
    assert {d.target for d in Delivery.objects.all()} == {"alice@example.org"}


def test_who_left_the_workspace_is_told_nothing(
    make_rule: MakeRule, run: Run, bob: User, by: Actor
) -> None:
    bob.email = "bob@example.org"
    bob.save()
    rule = make_rule(by=bob)
    Membership.objects.filter(user=bob).delete()
    lifecycle.fail(run, by=by)
    match()
    assert told(rule) == []


def test_a_rule_of_the_workspace_stays_when_its_maker_goes(
    make_rule: MakeRule, run: Run, workspace: Workspace, bob: User, alice: User
) -> None:
    rule = make_rule(for_all=True, target="team@example.org")
    Membership.objects.filter(user=bob).update(role=Role.OWNER.value)
    Membership.objects.filter(user=alice).delete()
    lifecycle.fail(run, by=Actor.system("worker"))
    match()
    assert [d.target for d in Delivery.objects.filter(rule=rule)] == ["team@example.org"]


def test_runs_in_the_bin_and_in_the_archive_are_told_of_by_no_rule(
    make_rule: MakeRule, make_run: MakeRun, by: Actor
) -> None:
    rule = make_rule()
    for shelf in (Shelf.BIN, Shelf.ARCHIVED):
        run = make_run(start=True)
        Run.objects.filter(pk=run.pk).update(shelf=shelf)
        lifecycle.fail(run, by=by)
    match()
    assert told(rule) == []


def test_a_rule_that_is_off_tells_nothing_and_later_nothing_of_before(
    make_rule: MakeRule, make_run: MakeRun, by: Actor
) -> None:
    rule, _ = make_rule(), make_rule(name="Another")
    alerts.switch(rule, by=by, on=False)
    lifecycle.fail(make_run(start=True), by=by)
    alerts.switch(rule, by=by, on=True)
    match()
    assert told(rule) == []
    lifecycle.fail(make_run(start=True, display_name="later"), by=by)
    match()
    assert told(rule) == [("later", "Failed")]


def test_what_is_made_in_a_status_is_told(make_rule: MakeRule, make_run: MakeRun) -> None:
    rule = make_rule(statuses=("Running",))
    make_run(start=True, display_name="new")
    match()
    assert told(rule) == [("new", "Running")]
