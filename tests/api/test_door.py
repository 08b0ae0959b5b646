"""The door around every route: methods, addresses, faults of ours, and secrets."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from ninja import Router

from runs import access
from runs.actions import tokens
from runs.api.auth import Undeclared
from runs.api.door import Door, StudioAPI
from runs.api.v1 import urlpatterns
from runs.models import ApiToken, KeptAnswer, Run, RunFile, User, Workspace
from runs.stores import blobs
from studio.contract.errors import HTTP_STATUS, Code
from tests.api.conftest import Call
from tests.api.test_rights import ROUTES, filled
from tests.conftest import MakeRun


@pytest.fixture
def call(api: Callable[..., Call], alice: User, workspace: Workspace) -> Call:
    return api(alice)


def problem_of(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    return document


def test_every_code_has_a_status() -> None:
    assert set(HTTP_STATUS) == set(Code)
    assert all(400 <= status < 600 for status in HTTP_STATUS.values())


def test_a_head_is_that_of_the_get(call: Call) -> None:
    got, head = call("GET", "/workspaces/main"), call("HEAD", "/workspaces/main")
    assert head.status_code == 200
    assert head.content == b""
    assert head["Content-Type"] == got["Content-Type"]
    assert call("HEAD", "/workspaces/nowhere").status_code == 404


@pytest.mark.parametrize("path", sorted({path for _, path, _ in ROUTES}))
def test_options_name_the_methods_and_allow_no_other_site(run: Run, path: str) -> None:
    answer = Client().options(
        f"/api/v1{filled(path, run)}", headers={"Origin": "https://elsewhere.example"}
    )
    assert (answer.status_code, answer.content) == (204, b"")
    methods = {method for method, known, _ in ROUTES if known == path}
    allowed = set(answer["Allow"].split(", "))
    assert allowed == methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "path", ["/nowhere", "/workspaces/", "/workspaces/main/runs/", "/openapi.json/", "//", "/%00"]
)
def test_an_unknown_address_is_a_problem_document(call: Call, path: str) -> None:
    for method in ("GET", "POST"):
        assert problem_of(call(method, path), 404)["code"] == "not_found"


def test_the_description_takes_no_writes(client: Client, db: None) -> None:
    for path in ("openapi.json", "docs"):
        answer = client.post(f"/api/v1/{path}")
        assert problem_of(answer, 405)["code"] == "method_not_allowed"
        assert answer["Allow"] == "GET, HEAD, OPTIONS"
        assert client.get(f"/api/v1/{path}").status_code == 200


def test_a_route_without_a_right_cannot_be_served() -> None:
    careless = StudioAPI(auth=Undeclared(), docs_url=None, openapi_url=None, urls_namespace="x")
    router = Router()

    @router.get("/secrets")
    def secrets(request: Any) -> dict[str, Any]:
        return {"secret": 1}

    careless.add_router("", router)
    ((_, operations),) = careless.operations()
    with pytest.raises(TypeError, match="secrets declares no right"):
        Door.of(operations)


def test_every_address_stands_behind_the_door() -> None:
    behind = [pattern.callback for pattern in urlpatterns]
    assert all(hasattr(view, "opens_to") and getattr(view, "csrf_exempt", False) for view in behind)


def test_a_bug_is_told_without_its_words_and_found_in_the_log(
    call: Call, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(access, "workspace_for", broken)
    with caplog.at_level(logging.ERROR, "runs.api.errors"):
        answer = call("GET", "/workspaces/a%0Ab")
    document = problem_of(answer, 500)
    assert "hunter2" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    (record,) = [r for r in caplog.records if r.name == "runs.api.errors"]
    assert document["requestId"] in record.getMessage()
    assert "\n" not in record.getMessage()
    assert record.exc_info


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OperationalError("no connection"), 500, "internal"),
        (OperationalError("database or disk is full"), 507, "storage_full"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "storage_full"),
    ],
)
def test_a_database_that_fails_is_a_problem_document(
    call: Call, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(plain: str) -> ApiToken:
        raise error

    monkeypatch.setattr(tokens, "find", fail)
    document = problem_of(call("GET", "/workspaces"), status)
    assert document["code"] == code
    assert str(error) not in document["detail"]


def test_contents_that_are_gone_are_told_before_the_answer_begins(call: Call, run: Run) -> None:
    place = f"/workspaces/main/runs/{run.run_id}/files/a.txt"
    assert call("PUT", place, b"text").status_code == 201
    blobs.path_of(run.workspace_id, RunFile.objects.get().sha256).unlink()
    assert "requestId" in problem_of(call("GET", place), 500)


def test_a_kept_answer_holds_no_token(call: Call, make_run: MakeRun) -> None:
    run = make_run(target="local")
    place = f"/workspaces/main/runs/{run.run_id}/lease"
    key = {"Idempotency-Key": "k"}
    first = call("POST", place, {"agent": "a", "host": "h"}, **key)
    again = call("POST", place, {"agent": "a", "host": "h"}, **key)
    assert (first.status_code, again.status_code) == (200, 200)
    for answer in (first, again):
        token = answer.json()["token"]  # type: ignore[attr-defined]
        found = tokens.find(token)
        assert found is not None
        assert found.run == run
    assert KeptAnswer.objects.count() == 1
    assert b"stu_" not in bytes(KeptAnswer.objects.get().body)
    other = call("POST", place, {"agent": "a", "host": "h"}, **{"Idempotency-Key": "other"})
    assert other.status_code == 409


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_a_token_that_has_ended_opens_nothing(call: Call, ended: str) -> None:
    token = ApiToken.objects.get()
    ApiToken.objects.update(**{ended: token.created_at})
    document = problem_of(call("GET", "/workspaces"), 401)
    assert "Authorization: Bearer" in document["hint"]


def test_the_page_of_the_api_tells_all_and_runs_nothing(client: Client, db: None) -> None:
    answer = client.get("/api/v1/docs")
    page = answer.content.decode()
    for text in ("sequence", "valueText", "application/zip", "bytes", "Run[]", "run.operate",
                 "includeChildren", "property_immutable", "201 Run", "requestId"):  # fmt: skip
        assert text in page
    assert "style=" not in page
    assert "onclick" not in page
    assert "'unsafe" not in answer["Content-Security-Policy"]
