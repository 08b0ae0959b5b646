"""Retention rules delete old runs that a query means, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from runs.access import Actor
from runs.actions import bulk, bulk_work, lifecycle, members, retention, runs, stars, workspaces
from runs.actions.refused import Refused
from runs.management.retention import EVERY, look
from runs.models import AuditEvent, Membership, RetentionRule, Run, Task, User, Workspace
from runs.queries.retention import going, preview
from studio.contract import limits
from studio.contract.words import Role
from tests.conftest import MakeRun

Old = Callable[..., Run]


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


@pytest.fixture
def old(make_run: MakeRun, by: Actor) -> Old:
    """Make a run that ended so many days ago."""

    def old(days: float = 100, **fields: object) -> Run:
        run = make_run(start=True, **fields)
        lifecycle.complete(run, by=by)
        Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(days=days))
        return run

    return old


def make(
    workspace: Workspace, by: Actor, query: str = "", days: int = 30, confirm: int | None = None
) -> RetentionRule:
    goes = preview(query, days, workspace, by=by, now=timezone.now()).count
    return retention.create(
        workspace,
        by=by,
        query=query,
        days=days,
        goes=goes,
        confirm=goes if confirm is None else confirm,
    )


def work() -> None:
    """Do what the worker does, until nothing is left to do."""
    while look():
        pass
    while bulk_work.work("test", 60):
        pass


def listed() -> set[str]:
    return set(Run.objects.present().values_list("run_id", flat=True))


def test_a_rule_puts_old_runs_into_the_bin(
    workspace: Workspace, by: Actor, old: Old, make_run: MakeRun
) -> None:
    for name, days in (("old", 31), ("older", 400), ("young", 29)):
        old(days, run_id=name)
    old(400, run_id="other", experiment_name="other")
    make_run(run_id="goes-on", start=True)
    rule = make(workspace, by, "experiment:explore-runs", 30)
    assert listed() == {"old", "older", "young", "other", "goes-on"}
    work()
    assert listed() == {"young", "other", "goes-on"}
    task = Task.objects.get()
    rule.refresh_from_db()
    assert (rule.task, task.kind, task.total, task.done) == (task, "delete", 2, 2)
    # As anybody's deletion: it can be undone, and the audit has it.
    bulk.undo(task, by=by)
    work()
    assert listed() == {"old", "older", "young", "other", "goes-on"}
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"retention.make", "retention.carry-out", "run.delete"} <= verbs


def test_the_limit_is_the_moment_of_the_end(workspace: Workspace, by: Actor, old: Old) -> None:
    run, now = old(), timezone.now()
    for seconds, goes in ((1, 1), (-1, 0)):
        ended = now - timedelta(days=30, seconds=seconds)
        Run.objects.filter(pk=run.pk).update(ended_at=ended)
        assert going("", 30, workspace, by=by, now=now).count() == goes


def test_a_starred_run_stays_whoever_has_starred_it(
    workspace: Workspace, by: Actor, rita: User, old: Old
) -> None:
    stars.star(old(run_id="dear"), by=Actor.of_user(rita), on=True)
    old(run_id="plain")
    make(workspace, by)
    work()
    assert listed() == {"dear"}


def test_a_tree_goes_as_a_whole_or_stays(
    workspace: Workspace, by: Actor, old: Old, make_run: MakeRun
) -> None:
    for name in ("all-old", "young-below", "running-below", "starred-below"):
        old(run_id=name)
    for top, child, days in (
        ("all-old", "a", 100.0),
        ("young-below", "b", 1.0),
        ("starred-below", "c", 100.0),
    ):
        old(days, run_id=child, parent_run_id=top)
    make_run(run_id="d", parent_run_id="running-below", start=True)
    stars.star(Run.objects.get(run_id="c"), by=by, on=True)
    assert preview("", 30, workspace, by=by, now=timezone.now()).count == 2
    make(workspace, by)
    work()
    gone = {"all-old", "a"}
    assert (
        set(Run.objects.filter(deleted_at__isnull=False).values_list("run_id", flat=True)) == gone
    )


def test_archived_runs_go_only_where_the_rule_says_so(
    workspace: Workspace, by: Actor, old: Old
) -> None:
    runs.edit(old(run_id="archived"), by=by, hidden=True)
    assert preview("", 30, workspace, by=by, now=timezone.now()).count == 0
    assert preview("is:archived", 30, workspace, by=by, now=timezone.now()).count == 1


def test_a_rule_touches_no_other_workspace(
    workspace: Workspace, other_workspace: Workspace, by: Actor, charlie: User, old: Old
) -> None:
    old(run_id="here")
    theirs = old(run_id="there", inside=other_workspace, by=charlie)
    make(workspace, by)
    work()
    assert listed() == {theirs.run_id}


def test_whoever_makes_a_rule_has_seen_how_many_runs_go(
    workspace: Workspace, by: Actor, old: Old
) -> None:
    old()
    for confirm in (0, 2, -1):
        with pytest.raises(Refused) as told:
            make(workspace, by, confirm=confirm)
        assert (told.value.field, told.value.extra) == ("confirm", {"selected": 1})
    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize("days", [0, limits.RETENTION_DAYS + 1])
def test_days_beyond_the_limit_are_refused(workspace: Workspace, by: Actor, days: int) -> None:
    with pytest.raises(Refused) as told:
        make(workspace, by, days=days)
    assert told.value.field == "days"


def test_days_at_the_limit_are_taken(workspace: Workspace, by: Actor) -> None:
    assert [make(workspace, by, days=days).days for days in (1, limits.RETENTION_DAYS)] == [
        1,
        limits.RETENTION_DAYS,
    ]


def test_a_workspace_has_so_many_rules_and_not_one_more(workspace: Workspace, by: Actor) -> None:
    for _ in range(limits.RETENTION_RULES_PER_WORKSPACE):
        make(workspace, by)
    with pytest.raises(Refused, match="rules at most"):
        make(workspace, by)


def test_a_query_that_cannot_be_meant_makes_no_rule(workspace: Workspace, by: Actor) -> None:
    with pytest.raises(Refused) as told:
        make(workspace, by, "colour:red")
    assert told.value.field == "filter"


def test_a_rule_is_looked_at_every_hour(workspace: Workspace, by: Actor, old: Old) -> None:
    make(workspace, by)
    now = timezone.now()
    assert look(now)
    assert not look(now + EVERY)
    old()
    assert look(now + EVERY + timedelta(seconds=1))
    assert Task.objects.get().total == 1


def test_a_rule_that_is_switched_off_deletes_nothing(
    workspace: Workspace, by: Actor, old: Old
) -> None:
    old()
    rule = make(workspace, by)
    retention.switch(rule, by=by, on=False)
    work()
    assert len(listed()) == 1
    retention.switch(rule, by=by, on=True)
    work()
    assert listed() == set()


def test_a_rule_whose_maker_may_not_delete_any_more_is_switched_off(
    workspace: Workspace, by: Actor, bob: User, old: Old
) -> None:
    old()
    Membership.objects.filter(user=bob).update(role=Role.OWNER.value)
    rule = make(workspace, Actor.of_user(bob))
    members.change_role(Membership.objects.get(user=bob), Role.CONTRIBUTOR, by=by)
    work()
    rule.refresh_from_db()
    assert not rule.enabled
    assert "bob may not delete" in rule.problem
    assert len(listed()) == 1
    # Who switches it on answers for it from then on.
    retention.switch(rule, by=by, on=True)
    work()
    assert listed() == set()


def test_nothing_is_deleted_in_an_archived_workspace(
    workspace: Workspace, by: Actor, old: Old
) -> None:
    old()
    make(workspace, by)
    workspaces.archive(workspace, by=by)
    work()
    assert len(listed()) == 1
