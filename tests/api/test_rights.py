"""Every route against every caller: what is not granted is refused, and strangers learn nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from runs.api.auth import Needs
from runs.api.v1 import api as v1
from runs.models import ComputeTarget, Run, User
from runs.rights import AGENT_RIGHTS, RIGHTS, RUNNER_RIGHTS, Right
from studio.contract.words import Role
from tests.api.conftest import Call, caller
from tests.conftest import MakeRun

ROUTES = [
    (method, path, operation)
    for path, operations in v1.operations()
    for operation in operations
    for method in operation.methods
]
# These two answer for the caller alone or for everybody.
NOT_OF_A_WORKSPACE = {"/", "/workspaces"}
ROLES = ("reader", "contributor", "owner")
BODIES: dict[str, Any] = {
    "/bulk": {"action": "archive", "selection": {"runIds": ["led"]}},
    "/bulk/preview": {"selection": {"query": {}}},
    "experiments/{name}": {},
    "/runs": {"experimentName": "e"},
    "/children": {"children": [{}]},
    "/tags": {"keys": []},
    "/steps": {"step": "gone", "message": "m"},
    "/warnings": {"source": "s", "message": "m"},
    "/metrics": {"session": "s", "sequence": 0, "rows": []},
    "/views": {"name": "v"},
    "/views/{slug}": {"version": 1},
    "/bring-back": {"version": 1},
    "/star": {"on": True},
    "/bell": {"on": True},
    "/members/{username}": {"role": "reader"},
    "/invitations": {"role": "reader"},
    "/alerts": {"name": "a", "statuses": ["Failed"]},
    "/alerts/preview": {"name": "a", "statuses": ["Failed"]},
    "/alerts/{alert}": {"version": 1},
    "/default": {"on": True},
    "/retention": {"days": 30, "confirm": 0},
    "/retention/preview": {"days": 30},
    "/retention/{rule}": {"enabled": False},
    "/lease": {"agent": "a", "host": "h"},
    "/snapshots": {"files": {}},
    "/snapshot": {"snapshotId": "0" * 64},
}


def right_of(operation: Any) -> Right | None:
    needs = next(iter(operation.auth_callbacks), None)
    return needs.right if isinstance(needs, Needs) else None


def filled(path: str, run: Run, workspace: str = "main") -> str:
    names = {
        "ws": workspace,
        "run_id": run.run_id,
        "target": "studio-local",
        "name": "explore-runs",
        "task": "1",
        "alert": "1",
        "username": "rita",
        "invitation": "1",
        "message": "0" * 32,
        "rule": "1",
        "eid": str(run.experiment_id),
        "sid": "0" * 64,
        "slug": "known",
        "path:path": "outputs/a.txt",
        "path:name": "loss",
    }
    place = re.sub(r"\{([^}]+)\}", lambda match: names[match[1]], path)
    if path.endswith("/logs/{path:path}"):
        return place + "?session=s&sequence=0"
    query = {"/receipts": "?session=s", "/attachments": "?name=a.txt"}
    return place + next((more for end, more in query.items() if path.endswith(end)), "")


def ask(call: Call, method: str, path: str, run: Run, workspace: str = "main") -> Any:
    body: Any = None
    if method in ("PUT", "DELETE") and path.endswith("/tags"):
        body = {"a": "b"} if method == "PUT" else {"keys": []}
    elif method == "PUT" and ("{path:path}" in path or path.endswith("content")):
        body = b"bytes"
    elif method == "POST" and "{path:path}" in path:
        body = b""
    elif method in ("POST", "PUT", "PATCH"):
        body = next((b for end, b in BODIES.items() if path.endswith(end)), {})
    if path.endswith(("/logs/{path:path}", "/attachments")) and method == "GET":
        return call(method, filled(path, run, workspace).split("?")[0])
    return call(method, filled(path, run, workspace), body)


@pytest.fixture
def subject(make_run: MakeRun, target: ComputeTarget) -> Run:
    return make_run(run_id="subject", target="studio-local")


def test_every_route_declares_a_right() -> None:
    undeclared = [path for _, path, op in ROUTES if right_of(op) is None]
    assert undeclared == ["/"]
    assert len(ROUTES) >= 39


@pytest.mark.parametrize(
    ("method", "path", "operation"), ROUTES, ids=[f"{m} {p}" for m, p, _ in ROUTES]
)
def test_each_caller_gets_what_is_granted(
    api: Callable[..., Call],
    subject: Run,
    alice: User,
    bob: User,
    rita: User,
    charlie: User,
    target: ComputeTarget,
    make_run: MakeRun,
    method: str,
    path: str,
    operation: Any,
) -> None:
    led = make_run(run_id="led", start=True)
    right = right_of(operation)
    if right is None:
        return
    for nobody in (caller("stu_" + "x" * 43), caller("nonsense"), caller("")):
        answer = ask(nobody, method, path, subject)
        assert answer.status_code == 401
        assert "Authorization: Bearer" in answer.json()["hint"]
    if path in NOT_OF_A_WORKSPACE:
        return
    granted = {
        "reader": (api(rita), RIGHTS[Role.READER]),
        "contributor": (api(bob), RIGHTS[Role.CONTRIBUTOR]),
        "runner": (api(alice, run=subject), RUNNER_RIGHTS),
        "agent": (api(alice, target=target), AGENT_RIGHTS),
        "owner": (api(alice), RIGHTS[Role.OWNER]),
    }
    for who, (call, rights) in granted.items():
        status = ask(call, method, path, subject).status_code
        assert status < 500
        if right not in rights:
            assert status in (403, 404), f"{who} got {status}"
        elif who in ROLES:
            # A runner leads the subject, so people are tried on a run that its own script leads.
            assert ask(call, method, path, led).status_code not in (401, 403), who
    stranger = api(charlie)
    foreign = ask(stranger, method, path, subject)
    missing = ask(stranger, method, path, subject, workspace="nowhere")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content.replace(b"main", b"nowhere") == missing.content


def test_a_token_says_nothing_in_a_cookie(alice: User, workspace: object) -> None:
    from django.test import Client

    client = Client()
    client.force_login(alice)
    assert client.get("/api/v1/workspaces").status_code == 401
