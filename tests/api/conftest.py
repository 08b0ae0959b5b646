"""Calls of the API as somebody: ``api(alice)("GET", "/workspaces")``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import Client

from runs.access import Actor
from runs.actions import deletion, lifecycle, runs, tokens
from runs.models import ComputeTarget, Run, User
from tests.conftest import MakeRun

Call = Callable[..., HttpResponse]


def caller(token: str) -> Call:
    """Return a function that calls the API with this token; ``body`` is JSON, or bytes as they are."""
    client = Client(raise_request_exception=False)

    def call(method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        headers = {"Content-Type": kind, "Authorization": f"Bearer {token}", **headers}
        kind = headers.pop("Content-Type")
        answer = client.generic(method, f"/api/v1{path}", raw, content_type=kind, headers=headers)
        assert isinstance(answer, HttpResponse) or answer.streaming
        return cast("HttpResponse", answer)

    return call


@pytest.fixture
def api() -> Callable[..., Call]:
    """Sign somebody in: a person, or with ``run=`` or ``target=`` a runner or agent of theirs."""

    def sign_in(user: User, *, run: Run | None = None, target: ComputeTarget | None = None) -> Call:
        return caller(tokens.issue(user, "test", run=run, target=target))

    return sign_in


@pytest.fixture
def mixed(make_run: MakeRun, bob: User) -> dict[str, Run]:
    """Of Bob's, two that run, one that waits, one that has ended, with a child, one archived, one deleted."""
    by = Actor.of_user(bob)
    made = {name: make_run(run_id=name, start=True, by=bob) for name in ("one", "two")}
    made["new"] = make_run(run_id="new", by=bob)
    for name in ("ended", "archived", "binned"):
        made[name] = make_run(run_id=name, start=True, by=bob)
        lifecycle.complete(made[name], by=by)
    made["child"] = make_run(run_id="child", parent_run_id="ended", start=True, by=bob)
    lifecycle.complete(made["child"], by=by)
    runs.edit(made["archived"], by=by, hidden=True)
    deletion.delete(made["binned"], by=by)
    return made
