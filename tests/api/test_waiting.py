"""Answers that wait: heartbeats and leases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from runs.access import Actor
from runs.actions import leases, lifecycle
from runs.api import waiting
from runs.models import ComputeTarget, Run, User
from tests.api.conftest import Call
from tests.conftest import MakeRun

LEASE = "/workspaces/main/compute/studio-local/lease"
AGENT = {"agent": "a", "host": "h"}


@pytest.fixture
def submitted(make_run: MakeRun, target: ComputeTarget) -> Run:
    make_run(run_id="r", target="studio-local")
    agent = leases.note_agent(target, leases.AgentInfo("a", "h"))
    run = leases.take_next(target, by=Actor("agent", "a"), agent=agent)
    assert run is not None
    lifecycle.start(run, by=Actor("runner", "r"))
    return run


def timed(call: Call, *asked: Any) -> tuple[Any, float]:
    began = time.monotonic()
    return call(*asked).json(), time.monotonic() - began  # type: ignore[attr-defined]


def test_a_beat_waits_until_a_stop_is_wanted(
    api: Callable[..., Call], alice: User, submitted: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = api(alice, run=submitted)
    looks = 0
    look = lifecycle.look

    def cancel_at_the_third_look(run: Run) -> lifecycle.Beat:
        nonlocal looks
        looks += 1
        if looks == 3:
            lifecycle.request_cancel(run, by=Actor.of_user(alice))
        return look(run)

    monkeypatch.setattr(lifecycle, "look", cancel_at_the_third_look)
    told, seconds = timed(call, "POST", "/workspaces/main/runs/r/heartbeat?wait=9", {"host": "h"})
    assert (told["stop"], told["status"], told["graceSeconds"]) == (True, "CancelRequested", 3)
    assert seconds < 3


def test_a_beat_without_a_place_to_wait_is_told_to_come_again(
    api: Callable[..., Call], alice: User, submitted: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_places", threading.BoundedSemaphore(1))
    assert waiting._places.acquire(blocking=False)
    told, seconds = timed(
        api(alice, run=submitted), "POST", "/workspaces/main/runs/r/heartbeat?wait=9", {}
    )
    assert (told["stop"], told["nextBeatSeconds"]) == (False, waiting.SHORTLY)
    assert seconds < 1


def test_an_agent_gets_a_run_and_hears_of_a_stop(
    api: Callable[..., Call], alice: User, make_run: MakeRun, target: ComputeTarget
) -> None:
    call = api(alice, target=target)
    make_run(run_id="r", target="studio-local", definition={"arguments": ["--lr", "1"]})
    told, _ = timed(call, "POST", f"{LEASE}?wait=5", AGENT)
    assert told["lease"]["command"] == ["python", "train.py", "--lr", "1"]
    assert told["lease"]["token"].startswith("stu_")
    lifecycle.request_cancel(Run.objects.get(run_id="r"), by=Actor.of_user(alice))
    told, _ = timed(call, "POST", f"{LEASE}?wait=5", AGENT)
    assert told == {"lease": None, "stop": [{"runId": "r", "graceSeconds": 3.0}]}
    told, seconds = timed(call, "POST", f"{LEASE}?wait=1", {**AGENT, "known": ["r"]})
    assert told == {"lease": None, "stop": []}
    assert 0.9 < seconds < 4


def test_the_description_of_the_api_is_served(client: Any, db: None) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert "/api/v1/workspaces/{ws}/runs/{run_id}/cancel" in document["paths"]
    page = client.get("/api/v1/docs").content.decode()
    for path in document["paths"]:
        assert path in page
