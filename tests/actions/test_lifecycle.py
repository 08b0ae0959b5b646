"""Each change of status, who may ask for it, and what it leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs.access import Actor
from runs.actions import leases, lifecycle
from runs.actions.refused import Refused
from runs.models import ComputeTarget, Run, User
from studio.contract.errors import Code
from studio.contract.words import Status, Step
from tests.conftest import MakeRun


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


@pytest.fixture
def runner(alice: User) -> Actor:
    return Actor("runner", "runner", alice)


@pytest.fixture
def submitted(make_run: MakeRun, target: ComputeTarget) -> Run:
    """A run that an agent has taken and whose script runs."""
    make_run(target="studio-local")
    agent = leases.note_agent(target, leases.AgentInfo("agent", "host-1"))
    run = leases.take_next(target, by=Actor("agent", "agent"), agent=agent)
    assert run is not None
    lifecycle.start(run, by=Actor("runner", "runner"), host="host-1")
    return run


def stored(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def moves(run: Run) -> list[str]:
    return [e.to_status for e in run.events.filter(kind="status")]


def test_every_move_leaves_an_event_with_actor_and_reason(run: Run, by: Actor) -> None:
    lifecycle.fail(run, by=by, error={"message": "Out of luck"})
    event = run.events.latest("id")
    assert (event.from_status, event.to_status) == ("Running", "Failed")
    assert (event.actor_kind, event.actor_name, event.reason) == ("user", "alice", "Out of luck")
    assert stored(run).ended_at is not None


def test_an_illegal_move_says_where_the_run_stands_and_changes_nothing(run: Run, by: Actor) -> None:
    lifecycle.fail(run, by=by)
    before = run.events.count()
    with pytest.raises(Refused) as refused:
        lifecycle.complete(run, by=by)
    assert refused.value.code is Code.ILLEGAL_MOVE
    assert refused.value.extra == {"current": "Failed"}
    assert (stored(run).status, run.events.count()) == ("Failed", before)


def test_the_same_end_twice_is_one_end(run: Run, by: Actor) -> None:
    lifecycle.complete(run, by=by)
    ended = stored(run).ended_at
    lifecycle.complete(run, by=by)
    assert moves(run) == ["Running", "Completed"]
    assert stored(run).ended_at == ended


def test_a_completed_run_can_be_marked_as_failed(run: Run, by: Actor) -> None:
    lifecycle.complete(run, by=by)
    lifecycle.fail(run, by=by, error={"message": "Wrong labels"})
    assert stored(run).status == "Failed"


def test_an_error_keeps_code_message_type_and_the_end_of_the_stack_trace(
    run: Run, by: Actor
) -> None:
    trace = "x" * 100_000 + "ValueError: bad"
    error = {"code": "E1", "message": "a\0b", "type": "ValueError", "stackTrace": trace}
    lifecycle.fail(run, by=by, error=error)
    document = (stored(run).error or {})["error"]
    assert document["code"] == "E1"
    assert document["message"] == "a\N{REPLACEMENT CHARACTER}b"
    assert document["debugInfo"]["stackTrace"].endswith("ValueError: bad")


def test_a_run_that_its_script_leads_is_canceled_at_once(run: Run, by: Actor) -> None:
    lifecycle.request_cancel(run, by=by)
    assert stored(run).status == "Canceled"


def test_a_queued_run_is_canceled_at_once(
    make_run: MakeRun, target: ComputeTarget, by: Actor
) -> None:
    queued = make_run(target="studio-local")
    lifecycle.request_cancel(queued, by=by)
    assert stored(queued).status == "Canceled"
    agent = leases.note_agent(target, leases.AgentInfo("agent", "host-1"))
    assert leases.take_next(target, by=by, agent=agent) is None


def test_a_run_with_a_process_waits_for_proof(submitted: Run, by: Actor, runner: Actor) -> None:
    lifecycle.request_cancel(submitted, by=by)
    lifecycle.request_cancel(submitted, by=by)
    assert lifecycle.look(submitted) == lifecycle.Beat(Status.CANCEL_REQUESTED, True, 3)
    lifecycle.record_step(
        submitted, by=runner, step=Step.TERM_SENT, message="SIGTERM to 2 processes"
    )
    lifecycle.record_step(submitted, by=runner, step=Step.GONE, message="0 processes left")
    lifecycle.confirm_canceled(submitted, by=runner)
    assert moves(submitted) == ["Queued", "Preparing", "Running", "CancelRequested", "Canceled"]
    steps = [e.data["step"] for e in submitted.events.filter(kind="step")]
    assert steps == ["term_sent", "gone"]


def test_the_script_may_finish_before_the_cancel_reaches_it(
    submitted: Run, by: Actor, runner: Actor
) -> None:
    lifecycle.request_cancel(submitted, by=by)
    lifecycle.complete(submitted, by=runner, exit_code=0)
    assert (stored(submitted).status, stored(submitted).exit_code) == ("Completed", 0)


def test_a_person_does_not_complete_a_run_that_a_runner_leads(submitted: Run, by: Actor) -> None:
    with pytest.raises(Refused) as refused:
        lifecycle.complete(submitted, by=by)
    assert refused.value.code is Code.FORBIDDEN


def test_failing_a_running_script_tells_its_runner_to_stop(
    submitted: Run, by: Actor, runner: Actor
) -> None:
    lifecycle.fail(submitted, by=by, error={"message": "wrong data"})
    assert lifecycle.beat(submitted, by=runner).stop
    with pytest.raises(Refused):
        lifecycle.complete(submitted, by=runner, exit_code=0)
    assert stored(submitted).status == "Failed"


def test_a_beat_brings_a_silent_run_back(submitted: Run, runner: Actor) -> None:
    lifecycle.lose(submitted, by=Actor.system("worker"))
    Run.objects.filter(pk=submitted.pk).update(last_beat_at=timezone.now() - timedelta(minutes=1))
    assert lifecycle.beat(submitted, by=runner, host="host-2").status == Status.RUNNING
    fresh = stored(submitted)
    assert (fresh.status, fresh.host) == ("Running", "host-2")
    assert fresh.last_beat_at is not None
    assert timezone.now() - fresh.last_beat_at < timedelta(seconds=5)


def test_an_unanswered_cancel_can_be_closed_and_says_that_a_process_may_live(
    submitted: Run, by: Actor
) -> None:
    with pytest.raises(Refused):
        lifecycle.close_unanswered_cancel(submitted, by=by)
    lifecycle.request_cancel(submitted, by=by)
    lifecycle.close_unanswered_cancel(submitted, by=by)
    assert stored(submitted).status == "Canceled"
    assert "may still run on host-1" in stored(submitted).warnings[0]["message"]


def test_late_proof_is_kept_after_the_end(submitted: Run, by: Actor, runner: Actor) -> None:
    lifecycle.request_cancel(submitted, by=by)
    lifecycle.close_unanswered_cancel(submitted, by=by)
    lifecycle.record_step(submitted, by=runner, step=Step.LATE_PROOF, message="2 processes killed")
    assert submitted.events.latest("id").data["step"] == "late_proof"


def test_each_change_counts_in_its_workspace(run: Run, by: Actor) -> None:
    before = stored(run).revision
    lifecycle.complete(run, by=by)
    after = stored(run)
    assert after.revision > before
    assert after.revision == after.workspace.change_number


def test_a_beat_of_a_run_that_is_gone_finds_no_run(run: Run, alice: User) -> None:
    gone = Run.objects.get(pk=run.pk)
    run.delete()
    with pytest.raises(Refused) as caught:
        lifecycle.look(gone)
    assert caught.value.code is Code.NOT_FOUND
