"""Who reaches what."""

from __future__ import annotations

import pytest

from runs import access
from runs.access import Actor, Right
from runs.actions import tokens
from runs.actions.refused import Refused
from runs.models import ComputeTarget, Run, User, Workspace
from studio.contract.errors import Code
from tests.conftest import MakeRun


def reach(actor: Actor, run: Run, needs: Right) -> str:
    try:
        access.run_for(actor, run.workspace.name, run.run_id, needs)
    except Refused as refused:
        return refused.code.value
    return "yes"


def bearer(user: User, **scope: object) -> Actor:
    token = tokens.find(tokens.issue(user, "t", **scope))  # type: ignore[arg-type]
    assert token is not None
    return Actor.of_token(token)


def test_roles(run: Run, alice: User, bob: User, rita: User, charlie: User) -> None:
    answers = {
        user.username: [
            reach(Actor.of_user(user), run, r) for r in (Right.VIEW, Right.EDIT, Right.MANAGE)
        ]
        for user in (alice, bob, rita, charlie)
    }
    assert answers == {
        "alice": ["yes", "yes", "yes"],
        "bob": ["yes", "yes", "forbidden"],
        "rita": ["yes", "forbidden", "forbidden"],
        "charlie": ["not_found", "not_found", "not_found"],
    }


def test_a_foreign_run_and_no_run_are_told_alike(run: Run, alice: User, charlie: User) -> None:
    with pytest.raises(Refused) as foreign:
        access.run_for(Actor.of_user(charlie), "main", run.run_id, Right.VIEW)
    run_id, pk = run.run_id, run.pk
    Run.objects.filter(pk=pk).delete()
    with pytest.raises(Refused) as missing:
        access.run_for(Actor.of_user(alice), "main", run_id, Right.VIEW)
    assert str(foreign.value) == str(missing.value)
    assert foreign.value.hint == missing.value.hint


def test_a_runs_token_reaches_that_run_and_those_below(make_run: MakeRun, alice: User) -> None:
    top, other = make_run(), make_run()
    child = make_run(parent_run_id=top.run_id)
    below = make_run(parent_run_id=child.run_id)
    actor = bearer(alice, run=child)
    reached = [reach(actor, run, Right.OPERATE) for run in (top, child, below, other)]
    assert reached == ["not_found", "yes", "yes", "not_found"]
    # It logs to its parent, which it does not lead.
    for right in (Right.VIEW, Right.LOG):
        assert [reach(actor, run, right) for run in (top, other)] == ["yes", "not_found"]
    for right in (Right.EDIT, Right.CANCEL, Right.START):
        assert reach(actor, top, right) == "not_found"
    assert set(access.runs_of(actor, top.workspace)) == {child, below}
    assert reach(actor, child, Right.MANAGE) == "forbidden"


def test_a_runs_token_starts_only_children(
    make_run: MakeRun, workspace: Workspace, alice: User
) -> None:
    from runs.actions import runs as run_actions
    from runs.actions.runs import NewRun

    actor = bearer(alice, run=make_run(run_id="top"))
    with pytest.raises(Refused) as refused:
        run_actions.create(workspace, by=actor, new=NewRun("explore-runs"))
    assert refused.value.code is Code.FORBIDDEN
    child = run_actions.create(workspace, by=actor, new=NewRun("explore-runs", parent_run_id="top"))
    assert child.depth == 1


def test_an_agents_token_reaches_its_targets_runs(
    make_run: MakeRun, target: ComputeTarget, alice: User
) -> None:
    mine, other = make_run(target="studio-local"), make_run(target="local")
    actor = bearer(alice, target=target)
    assert [reach(actor, run, Right.OPERATE) for run in (mine, other)] == ["yes", "not_found"]
    assert reach(actor, mine, Right.EDIT) == "forbidden"


def test_a_role_that_shrinks_shrinks_its_tokens(run: Run, bob: User) -> None:
    actor = bearer(bob)
    assert reach(actor, run, Right.EDIT) == "yes"
    bob.memberships.update(role="reader")
    assert reach(actor, run, Right.EDIT) == "forbidden"
    bob.memberships.all().delete()
    assert reach(actor, run, Right.VIEW) == "not_found"


def test_a_narrow_token_knows_the_experiments_of_its_runs_only(
    make_run: MakeRun, workspace: Workspace, target: ComputeTarget, alice: User
) -> None:
    mine = make_run(experiment_name="mine")
    make_run(experiment_name="other")
    make_run(experiment_name="queued", target="studio-local")
    known = {
        name: [e.name for e in access.experiments_of(actor, workspace).order_by("pk")]
        for name, actor in {
            "person": Actor.of_user(alice),
            "runner": bearer(alice, run=mine),
            "agent": bearer(alice, target=target),
        }.items()
    }
    assert known == {
        "person": ["Default", "mine", "other", "queued"],
        "runner": ["mine"],
        "agent": ["queued"],
    }
    with pytest.raises(Refused):
        access.experiment_for(bearer(alice, run=mine), "main", "other", Right.VIEW)
