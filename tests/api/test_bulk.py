"""Work on many runs over the API: what happens, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.access import Actor
from runs.actions import runs
from runs.actions.bulk_rules import AT_ONCE
from runs.models import ComputeTarget, Run, Task, User, Workspace
from tests.api.bulk_calls import ALL, BULK, RUNS, TAGS, begun, finish, listed, read
from tests.api.conftest import Call
from tests.conftest import MakeRun


@pytest.fixture
def call(api: Callable[..., Call], bob: User) -> Call:
    return api(bob)


@pytest.fixture
def by(bob: User) -> Actor:
    return Actor.of_user(bob)


def test_a_few_runs_are_done_when_the_answer_comes(call: Call, mixed: dict[str, Run]) -> None:
    task = begun(call, "tag", {"runIds": ["one", "two"]}, tags=TAGS)
    assert (task["state"], task["total"], task["done"]) == ("done", 2, 2)
    assert read(call("GET", f"{RUNS}/one"))["tags"] == TAGS
    assert task["createdBy"]["userName"] == "bob"
    rows = read(call("GET", f"{BULK}/{task['id']}/runs"))["items"]
    assert rows == [
        {"runId": "one", "result": "done", "reason": ""},
        {"runId": "two", "result": "done", "reason": ""},
    ]
    undone = read(call("POST", f"{BULK}/{task['id']}/undo", {}), 201)
    assert (undone["undoOf"], undone["state"], undone["done"]) == (task["id"], "done", 2)
    assert read(call("GET", f"{RUNS}/one"))["tags"] == {}
    assert [t["id"] for t in read(call("GET", BULK))["items"]] == [undone["id"], task["id"]]


def test_what_loses_something_has_to_be_confirmed(call: Call, mixed: dict[str, Run]) -> None:
    body: dict[str, Any] = {"action": "delete", "selection": {"runIds": ["ended", "child"]}}
    for confirm in ({}, {"confirm": 1}):
        problem = read(call("POST", BULK, {**body, **confirm}), 409)
        assert (problem["field"], problem["selected"]) == ("confirm", 2)
        assert "confirm: 2" in problem["hint"]
    task = read(call("POST", BULK, {**body, "confirm": 2}), 201)
    assert (task["state"], task["done"], task["canUndo"]) == ("done", 2, True)
    assert "ended" not in listed(call)


def test_what_cannot_be_undone_is_done_by_the_worker(call: Call, mixed: dict[str, Run]) -> None:
    body = {"action": "cancel", "selection": {"runIds": ["one", "two"]}, "confirm": 2}
    task = read(call("POST", BULK, body), 201)
    assert (task["state"], task["done"], task["canUndo"]) == ("waiting", 0, False)
    finish()
    task = read(call("GET", f"{BULK}/{task['id']}"))
    assert (task["state"], task["done"], task["canUndo"]) == ("done", 2, False)


def test_many_runs_have_to_be_confirmed(
    call: Call, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.actions.bulk.AT_ONCE", 2)
    for _ in range(3):
        make_run()
    body = {"action": "tag", "selection": ALL, "tags": TAGS}
    assert read(call("POST", BULK, body), 409)["selected"] == 3
    task = read(call("POST", BULK, {**body, "confirm": 3}), 201)
    assert task["state"] == "waiting"
    assert AT_ONCE == 100
    finish()
    assert read(call("GET", f"{BULK}/{task['id']}"))["done"] == 3


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"action": "explode", "selection": ALL}, 400, "action"),
        ({"action": "undo", "selection": ALL}, 400, "action"),
        ({"action": "archive", "selection": {}}, 400, "selection"),
        ({"action": "archive", "selection": {"runIds": ["one"], "query": {}}}, 400, "selection"),
        ({"action": "archive", "selection": {"runIds": []}}, 400, "selection"),
        ({"action": "archive", "selection": {"runIds": ["no", "one"]}}, 404, "selection.runIds"),
        ({"action": "archive", "selection": {"runIds": ["x"] * 6_000}}, 404, "selection.runIds"),
        (
            {"action": "archive", "selection": {"runIds": [str(n) for n in range(5_001)]}},
            400,
            "selection.runIds",
        ),
        ({"action": "archive", "selection": {"query": {"filter": "sta:x"}}}, 400, "filter"),
        ({"action": "archive", "selection": {"query": {"status": "odd"}}}, 400, "status"),
        ({"action": "tag", "selection": ALL}, 400, "tags"),
        ({"action": "archive", "selection": ALL, "confirm": 99}, 409, "confirm"),
    ],
)
def test_what_is_wrong_touches_nothing_and_says_why(
    call: Call, mixed: dict[str, Run], body: dict[str, Any], status: int, field: str
) -> None:
    problem = read(call("POST", BULK, body), status)
    assert problem["field"] == field
    assert problem["detail"]
    assert not Task.objects.exists()


def test_results_come_page_by_page_and_by_kind(call: Call, make_run: MakeRun, by: Actor) -> None:
    for name in "abcde":
        run = make_run(run_id=name, start=True)
        if name in "bd":
            runs.edit(run, by=by, hidden=True)
    task = begun(call, "archive", {"runIds": list("abcde")})
    place = f"{BULK}/{task['id']}/runs"
    found: list[str] = []
    cursor = ""
    while True:
        shown = read(call("GET", f"{place}?limit=2{cursor}"))
        found += [item["runId"] for item in shown["items"]]
        if shown["nextCursor"] is None:
            break
        cursor = f"&cursor={shown['nextCursor']}"
    assert found == list("abcde")
    refused = read(call("GET", f"{place}?result=refused"))["items"]
    assert [item["runId"] for item in refused] == ["b", "d"]
    assert read(call("GET", f"{place}?result=odd"), 400)["field"] == "result"
    assert read(call("GET", f"{place}?cursor=odd"), 400)["field"] == "cursor"


def test_the_same_key_begins_one_task(call: Call, mixed: dict[str, Run]) -> None:
    body = {"action": "tag", "selection": {"runIds": ["one"]}, "tags": TAGS}
    answers = [read(call("POST", BULK, body, **{"Idempotency-Key": "once"}), 201) for _ in range(2)]
    assert answers[0] == answers[1]
    assert Task.objects.count() == 1
    assert mixed["one"].events.filter(kind="edit").count() == 1


def test_a_task_can_be_stopped(call: Call, mixed: dict[str, Run]) -> None:
    task = begun(call, "cancel", {"runIds": ["one"]}, confirm=1)
    stopped = read(call("POST", f"{BULK}/{task['id']}/stop", {}))
    assert stopped["state"] == "stopped"
    finish()
    assert read(call("GET", f"{RUNS}/one"))["status"] == "Running"


def test_readers_and_narrow_tokens_are_told_why_not(
    api: Callable[..., Call],
    alice: User,
    rita: User,
    mixed: dict[str, Run],
    target: ComputeTarget,
) -> None:
    callers = {
        "Your role here is reader": api(rita),
        "This runner's token is narrow": api(alice, run=mixed["one"]),
        "This agent's token is narrow": api(alice, target=target),
    }
    body: dict[str, Any] = {"action": "archive", "selection": {"runIds": ["one"]}}
    for why, call in callers.items():
        for problem in (
            read(call("POST", BULK, body), 403),
            read(call("POST", f"{BULK}/preview", {"selection": ALL}), 403),
            read(call("GET", "/workspaces/main/bin"), 403),
        ):
            assert problem["detail"].startswith(why)
    assert not Task.objects.exists()


def test_a_task_of_another_workspace_is_not_there(
    api: Callable[..., Call],
    call: Call,
    charlie: User,
    other_workspace: Workspace,
    mixed: dict[str, Run],
) -> None:
    task = begun(call, "tag", {"runIds": ["one"]}, tags=TAGS)
    stranger = api(charlie)
    for number in (task["id"], "x", "9" * 30, "0"):
        for method, end in (("GET", ""), ("GET", "/runs"), ("POST", "/undo"), ("POST", "/stop")):
            body: Any = {} if method == "POST" else None
            place = f"/workspaces/elsewhere/bulk/{number}{end}"
            assert stranger(method, place, body).status_code == 404
    foreign = {"action": "tag", "selection": {"runIds": ["one"]}, "tags": TAGS}
    assert stranger("POST", "/workspaces/elsewhere/bulk", foreign).status_code == 404
