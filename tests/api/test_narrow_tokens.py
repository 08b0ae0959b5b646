"""A runner's token reaches its run and what that run starts; an agent's, its target's runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.models import ComputeTarget, Run, User
from runs.rights import RUNNER_RIGHTS, Right
from tests.api.conftest import Call
from tests.api.test_rights import ROUTES, ask, right_of
from tests.conftest import MakeRun

RUN_ROUTES = [(method, path) for method, path, _ in ROUTES if "{run_id}" in path]
ITS_ROUTES = [
    (method, path)
    for method, path, operation in ROUTES
    if "{run_id}" in path and right_of(operation) in RUNNER_RIGHTS | {Right.LEASE}
]
RUNS = "/workspaces/main/runs"


@pytest.fixture
def led(make_run: MakeRun) -> Run:
    return make_run(run_id="led", start=True)


def same_but_for_the_id(answer: Any, other: Any, run_id: str, other_id: str) -> bool:
    told = answer.content.replace(run_id.encode(), other_id.encode())
    return bool(answer.status_code == other.status_code and told == other.content)


@pytest.mark.parametrize(("method", "path"), RUN_ROUTES)
def test_what_it_cannot_reach_is_as_if_it_were_not_there(
    api: Callable[..., Call],
    alice: User,
    charlie: User,
    led: Run,
    make_run: MakeRun,
    target: ComputeTarget,
    method: str,
    path: str,
) -> None:
    sibling = make_run(run_id="sibling", start=True)
    missing = Run(run_id="missing")
    before = Run.objects.values().get(pk=sibling.pk)
    for call in (api(alice, run=led), api(alice, target=target), api(charlie)):
        answer, other = ask(call, method, path, sibling), ask(call, method, path, missing)
        assert answer.status_code in (403, 404)
        assert same_but_for_the_id(answer, other, "sibling", "missing")
    assert Run.objects.values().get(pk=sibling.pk) == before
    owner = ask(api(alice), method, path, missing)
    assert owner.status_code == 404
    assert same_but_for_the_id(
        ask(api(charlie), method, path, sibling), owner, "sibling", "missing"
    )


@pytest.mark.parametrize(("method", "path"), ITS_ROUTES)
def test_it_reaches_its_run_and_its_children(
    api: Callable[..., Call], alice: User, led: Run, make_run: MakeRun, method: str, path: str
) -> None:
    child = make_run(run_id="child", parent_run_id="led", start=True)
    if path.endswith("/lease"):
        return
    for run in (led, child):
        answer = ask(api(alice, run=led), method, path, run)
        assert answer.status_code not in (401, 403)
        nothing_there = b"This run has no" in getattr(answer, "content", b"")
        unknown_snapshot = b"no snapshot" in getattr(answer, "content", b"")
        assert answer.status_code != 404 or nothing_there or unknown_snapshot


def test_its_lists_hold_nothing_else(
    api: Callable[..., Call], alice: User, led: Run, make_run: MakeRun, target: ComputeTarget
) -> None:
    make_run(run_id="child", parent_run_id="led")
    make_run(run_id="sibling")
    make_run(run_id="queued", target="studio-local")

    def listed(call: Call) -> set[str]:
        items = call("GET", f"{RUNS}?includeChildren=true").json()["items"]  # type: ignore[attr-defined]
        return {item["runId"] for item in items}

    assert listed(api(alice)) == {"led", "child", "sibling", "queued"}
    assert listed(api(alice, run=led)) == {"led", "child"}
    assert listed(api(alice, target=target)) == {"queued"}


def test_a_runner_starts_runs_below_its_own_only(
    api: Callable[..., Call], alice: User, led: Run, make_run: MakeRun
) -> None:
    make_run(run_id="sibling")
    call = api(alice, run=led)
    below = call("POST", RUNS, {"experimentName": "e", "parentRunId": "led"})
    assert below.status_code == 201
    count = Run.objects.count()
    for parent in ("sibling", None):
        refused = call("POST", RUNS, {"experimentName": "e", "parentRunId": parent})
        assert 400 <= refused.status_code < 500
    assert Run.objects.count() == count


def test_another_workspace_is_as_if_it_were_not_there(
    api: Callable[..., Call], charlie: User, led: Run
) -> None:
    stranger = api(charlie)
    assert [w["name"] for w in stranger("GET", "/workspaces").json()["items"]] == ["elsewhere"]  # type: ignore[attr-defined]
    foreign = stranger("GET", f"{RUNS}/led")
    unknown = stranger("GET", "/workspaces/elsewhere/runs/led")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
