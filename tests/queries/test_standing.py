"""Why a run waits, and what stands below it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from runs.access import Actor
from runs.actions import comments, deletion, labels, leases, lifecycle
from runs.actions import runs as run_actions
from runs.models import Agent, ComputeTarget, Run, User
from runs.queries.family import family
from runs.queries.history import phases, story, timeline
from runs.queries.standing import standing
from studio.contract.words import EventKind
from tests.conftest import MakeRun

AGENT = Actor("agent", "agent")
RUNNER = Actor("runner", "runner")


@pytest.fixture
def agent(target: ComputeTarget) -> Agent:
    return leases.note_agent(target, leases.AgentInfo("agent", "host-1"))


def why(run: Run) -> str:
    run.refresh_from_db()
    found = standing(run)
    return "" if found is None else f"{found.why} {found.next}".strip()


def test_a_queued_run_says_how_many_are_before_it(
    make_run: MakeRun, target: ComputeTarget, agent: Agent
) -> None:
    first, second, third, fourth = (make_run(target="studio-local") for _ in range(4))
    assert why(first) == "It is the next one on studio-local; 0 of 2 places are taken."
    leases.take_next(target, by=AGENT, agent=agent)
    assert why(third) == "1 run is before it on studio-local; 1 of 2 places are taken."
    assert why(fourth) == "2 runs are before it on studio-local; 1 of 2 places are taken."
    assert why(first) == "Its folder is made on host-1."
    assert why(second).startswith("It is the next one")


def test_a_queue_without_an_agent_says_how_to_start_one(
    make_run: MakeRun, target: ComputeTarget, agent: Agent
) -> None:
    run = make_run(target="studio-local")
    Agent.objects.update(last_seen_at=timezone.now() - timedelta(minutes=5))
    assert "No agent of studio-local answers" in why(run)
    assert "python -m studio.compute.agent --target studio-local" in why(run)


def test_what_waits_for_somebody_says_for_whom(make_run: MakeRun) -> None:
    assert "the machine it was submitted from" in why(make_run(target="local"))
    assert "Its script has not begun" in why(make_run())
    assert why(make_run(start=True)) == ""


def test_a_cancel_on_its_way_says_who_was_asked(
    make_run: MakeRun, target: ComputeTarget, agent: Agent, alice: User
) -> None:
    run = make_run(target="studio-local")
    leases.take_next(target, by=AGENT, agent=agent)
    lifecycle.start(run, by=RUNNER, host="host-1")
    lifecycle.request_cancel(run, by=Actor.of_user(alice))
    assert "The runner on host-1 was asked to end the process, which has 3 s" in why(run)


def test_a_family_is_counted_by_status_in_one_query(
    make_run: MakeRun, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    by = Actor.of_user(alice)
    top = make_run(run_id="top", start=True)
    left = make_run(run_id="left", parent_run_id="top", start=True)
    make_run(run_id="right", parent_run_id="top")
    make_run(run_id="below", parent_run_id="left", start=True)
    gone = make_run(run_id="gone", parent_run_id="top", start=True)
    lifecycle.complete(gone, by=by)
    deletion.delete(gone, by=by)
    lifecycle.complete(left, by=by)
    with django_assert_num_queries(1):
        found = family(top)
    assert (found.children, found.total, found.going) == (2, 3, 2)
    assert found.by_status == {"NotStarted": 1, "Running": 1, "Completed": 1}


def test_the_phases_of_a_run_are_what_it_was_before_it_ended(run: Run, alice: User) -> None:
    lifecycle.complete(run, by=Actor.of_user(alice))
    begin = timezone.now() - timedelta(seconds=100)
    first, last = run.events.order_by("pk")
    type(first).objects.filter(pk=first.pk).update(at=begin)
    type(last).objects.filter(pk=last.pk).update(at=begin + timedelta(seconds=40))
    (found,) = phases(timeline(run))
    assert (found.status, found.lasted, found.share) == ("Running", timedelta(seconds=40), 100)


def test_the_story_tells_what_each_edit_made_of_what(run: Run, alice: User) -> None:
    by = Actor.of_user(alice)
    labels.set_tags(run, {"quality": "good", "look": None}, by=by)
    labels.set_tags(run, {"quality": "poor"}, by=by)
    labels.remove_tags(run, ["look"], by=by)
    run_actions.edit(run, by=by, display_name="better")
    comments.comment(run, "Why so slow?", by=by)
    told = story(run, kinds=[EventKind.EDIT]).entries
    changes = [(c.name, c.before, c.after) for entry in told for c in entry.changes]
    assert changes[0][0] == "display name"
    assert changes[0][2] == "better"
    assert changes[1:] == [
        ("tag look", "", None),
        ("tag quality", "good", "poor"),
        ("tag quality", None, "good"),
        ("tag look", None, ""),
    ]
    assert story(run).entries[0].event.reason == "Why so slow?"


def test_a_long_story_goes_on_where_it_ended(run: Run, alice: User) -> None:
    for number in range(205):
        comments.comment(run, f"comment {number}", by=Actor.of_user(alice))
    newest = story(run)
    assert len(newest.entries) == 200
    older = story(run, before=newest.before)
    assert older.entries[0].event.reason == "comment 4"
    assert older.before is None
