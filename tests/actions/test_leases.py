"""An agent takes what waits, never more than the target holds, never what another one has."""

from __future__ import annotations

import pytest

from runs.access import Actor
from runs.actions import leases, lifecycle, tokens
from runs.actions.leases import AgentInfo
from runs.actions.refused import Refused
from runs.models import Agent, ComputeTarget, Run, User
from tests.conftest import MakeRun

AGENT = Actor("agent", "studio-local")


@pytest.fixture
def agent(target: ComputeTarget) -> Agent:
    return leases.note_agent(target, AgentInfo("one", "host-1", "boot", "1"))


def test_it_takes_the_oldest_first_up_to_the_limit(
    make_run: MakeRun, target: ComputeTarget, agent: Agent
) -> None:
    waiting = [make_run(target="studio-local") for _ in range(3)]
    taken = [leases.take_next(target, by=AGENT, agent=agent) for _ in range(3)]
    assert taken == [waiting[0], waiting[1], None]
    lifecycle.start(waiting[0], by=AGENT)
    lifecycle.complete(waiting[0], by=AGENT)
    assert leases.take_next(target, by=AGENT, agent=agent) == waiting[2]


def test_a_local_run_is_taken_once_and_by_its_submitter(
    make_run: MakeRun, alice: User, bob: User
) -> None:
    run = make_run(target="local")
    with pytest.raises(Refused):
        leases.take(run, by=Actor.of_user(bob), info=AgentInfo("b", "h"))
    leases.take(run, by=Actor.of_user(alice), info=AgentInfo("a", "h"))
    with pytest.raises(Refused):
        leases.take(run, by=Actor.of_user(alice), info=AgentInfo("a", "h"))
    assert Run.objects.get(pk=run.pk).host == "h"


def test_the_launch_spec_has_the_command_and_a_token_for_this_run_only(
    make_run: MakeRun, target: ComputeTarget
) -> None:
    definition = {"arguments": ["--lr", 0.1], "environmentVariables": {"A": "b"}}
    run = make_run(target="studio-local", definition=definition)
    spec = leases.launch_spec(run)
    assert spec.command == ["python", "train.py", "--lr", "0.1"]
    assert spec.environment == {"A": "b"}
    token = tokens.find(spec.token)
    assert token is not None
    assert token.run == run


def test_an_agent_hears_of_a_cancel_once(
    make_run: MakeRun, target: ComputeTarget, agent: Agent, alice: User
) -> None:
    run = make_run(target="studio-local")
    leases.take_next(target, by=AGENT, agent=agent)
    lifecycle.request_cancel(run, by=Actor.of_user(alice))
    assert leases.stops_for(target, set()) == [run]
    assert leases.stops_for(target, {run.run_id}) == []
