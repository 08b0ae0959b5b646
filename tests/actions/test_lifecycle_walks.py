"""Random walks: whatever several actors ask for, in whatever order, history stays true."""

from __future__ import annotations

import contextlib
import itertools
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import leases, lifecycle
from runs.actions import runs as run_actions
from runs.actions.refused import Refused
from runs.actions.runs import NewRun
from runs.models import ComputeTarget, Run, User, Workspace
from studio.contract.words import TERMINAL, TRANSITIONS, Status

ASKED = "lease start beat finalize complete fail cancel canceled close lose give_up prepare".split()
WHO = ["user", "runner", "agent", "system"]
ENDINGS = ["complete", "fail", "canceled", "give_up"]


def ask(run: Run, what: str, by: Actor) -> None:
    """Do one request on a copy that may be stale, as a web process would hold it."""
    match what:
        case "lease":
            target = run.compute_target
            if target is not None:
                agent = leases.note_agent(target, leases.AgentInfo("agent", "host"))
                leases.take_next(target, by=by, agent=agent)
        case "cancel":
            lifecycle.request_cancel(run, by=by)
        case "canceled":
            lifecycle.confirm_canceled(run, by=by)
        case "close":
            lifecycle.close_unanswered_cancel(run, by=by)
        case "give_up":
            lifecycle.give_up(run, by=by, reason="silent")
        case _:
            getattr(lifecycle, what)(run, by=by)


@pytest.mark.django_db
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(["sdk", "local", "studio-local"]),
    requests=st.lists(st.tuples(st.sampled_from(ASKED), st.sampled_from(WHO)), max_size=14),
    ending=st.sampled_from(ENDINGS),
)
def test_no_order_of_requests_breaks_a_run(
    workspace: Workspace,
    alice: User,
    target: ComputeTarget,
    kind: str,
    requests: list[tuple[str, str]],
    ending: str,
) -> None:
    ComputeTarget.objects.update(max_runs=10_000)
    new = NewRun("walk", run_id=f"r{uuid.uuid4().hex}", target=kind, script_name="train.py")
    run = run_actions.create(workspace, by=Actor.of_user(alice), new=new)
    stale = Run.objects.get(pk=run.pk)
    for what, who in [*requests, ("start", "runner"), (ending, "runner"), ("fail", "runner")]:
        actor = Actor(who, who, alice if who == "user" else None)
        subject = stale if len(what) % 2 else Run.objects.get(pk=run.pk)
        with contextlib.suppress(Refused):
            ask(subject, what, actor)
    check_history(Run.objects.get(pk=run.pk))


def check_history(run: Run) -> None:
    """Check that the events tell one legal story and that it ends where the run stands."""
    story = list(run.events.filter(kind="status").values_list("from_status", "to_status"))
    assert story[0][0] == ""
    for (_, before), (start, end) in itertools.pairwise(story):
        assert start == before
        assert Status(end) in TRANSITIONS[Status(start)]
    reached = [Status(to) for _, to in story]
    assert reached[-1] == run.status
    ends = [status for status in reached if status in TERMINAL]
    assert run.status in TERMINAL
    assert ends in (
        [Status.COMPLETED],
        [Status.FAILED],
        [Status.CANCELED],
        [Status.COMPLETED, Status.FAILED],
    )
    assert run.ended_at is not None
