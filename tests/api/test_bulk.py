"""Work on many runs over the API: what would happen, what happens, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import bulk_work, deletion, lifecycle, runs
from runs.actions.bulk_rules import AT_ONCE
from runs.models import ComputeTarget, Run, Task, User, Workspace
from runs.queries import selection
from tests.api.conftest import Call
from tests.conftest import MakeRun

BULK, RUNS = "/workspaces/main/bulk", "/workspaces/main/runs"
ALL: dict[str, Any] = {"query": {}}
TAGS = {"quality": "good", "worth another look": None}


@pytest.fixture
def call(api: Callable[..., Call], bob: User) -> Call:
    return api(bob)


@pytest.fixture
def by(bob: User) -> Actor:
    return Actor.of_user(bob)


@pytest.fixture
def mixed(make_run: MakeRun, by: Actor) -> dict[str, Run]:
    """Two that run, one that waits, one that has ended, with a child, one archived, one deleted."""
    made = {name: make_run(run_id=name, start=True) for name in ("one", "two")}
    made["new"] = make_run(run_id="new")
    for name in ("ended", "archived", "binned"):
        made[name] = make_run(run_id=name, start=True)
        lifecycle.complete(made[name], by=by)
    made["child"] = make_run(run_id="child", parent_run_id="ended", start=True)
    lifecycle.complete(made["child"], by=by)
    runs.edit(made["archived"], by=by, hidden=True)
    deletion.delete(made["binned"], by=by)
    return made


def read(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def seen(call: Call, chosen: dict[str, Any]) -> Any:
    return read(call("POST", f"{BULK}/preview", {"selection": chosen}))


def begun(call: Call, action: str, chosen: dict[str, Any], **rest: Any) -> Any:
    return read(call("POST", BULK, {"action": action, "selection": chosen, **rest}), 201)


def finish() -> None:
    while bulk_work.work("worker", 60):
        pass


def listed(call: Call, query: str = "") -> set[str]:
    items = read(call("GET", f"{RUNS}?includeChildren=true{query}"))["items"]
    return {item["runId"] for item in items}


def test_a_preview_counts_what_each_action_can_touch_and_changes_nothing(
    call: Call, mixed: dict[str, Run]
) -> None:
    ids = ["one", "two", "new", "ended", "archived", "binned", "nowhere"]
    told = seen(call, {"runIds": ids})
    assert told["selected"] == 5
    assert told["missing"] == ["binned", "nowhere"]
    assert told["touches"] == {
        "tag": 5,
        "untag": 5,
        "cancel": 3,
        "archive": 4,
        "restore": 1,
        "delete": 1,
        "purge": 0,
    }
    reasons = {(r["action"], r["runId"]): r["reason"] for r in told["reasons"]}
    assert reasons["cancel", "ended"] == "It is Completed."
    assert reasons["archive", "archived"] == "It is archived already."
    assert reasons["delete", "two"] == "It is Running; cancel it first."
    assert reasons["delete", "ended"] == "It has child runs; select them as well."
    assert all(sum(r["action"] == a for r in told["reasons"]) <= 3 for a in told["touches"])
    assert not Task.objects.exists()


def test_a_selection_takes_runs_below_with_it(call: Call, mixed: dict[str, Run]) -> None:
    below = seen(call, {"query": {"filter": "id:ended"}, "withChildren": True})
    assert (below["selected"], below["touches"]["delete"]) == (2, 2)
    assert seen(call, {"query": {"filter": "id:ended"}})["touches"]["delete"] == 0
    assert seen(call, ALL)["selected"] == 4, "archived runs and children are not in the list"
    assert seen(call, {"query": {"includeChildren": True}})["selected"] == 5
    assert seen(call, {"runIds": [], "withChildren": True})["selected"] == 0
    in_bin = seen(call, {"query": {}, "inBin": True})
    assert (in_bin["selected"], in_bin["touches"]["purge"], in_bin["touches"]["tag"]) == (1, 1, 0)


def test_what_is_selected_is_as_the_list_has_it(call: Call, mixed: dict[str, Run]) -> None:
    for query in (
        {"status": "running"},
        {"filter": "status:completed is:child"},
        {"parent": "ended"},
    ):
        address = "&".join(f"{name}={value}" for name, value in query.items())
        items = read(call("GET", f"{RUNS}?{address}"))["items"]
        assert seen(call, {"query": query})["selected"] == len(items) > 0


def test_counts_of_very_many_say_that_there_are_more(
    call: Call, mixed: dict[str, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "LOOKED_AT", 2)
    told = seen(call, ALL)
    assert told["isCapped"]
    assert told["selected"] == told["touches"]["tag"] == 4, "these are counted whole"
    assert told["touches"]["archive"] == 2


def test_a_preview_asks_as_much_for_many_as_for_few(call: Call, make_run: MakeRun) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            seen(call, ALL)
        return len(caught)

    make_run()
    asked()
    few = asked()
    for _ in range(20):
        make_run()
    assert asked() == few <= 8


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


def test_what_loses_something_has_to_be_confirmed_and_is_done_by_the_worker(
    call: Call, mixed: dict[str, Run]
) -> None:
    body: dict[str, Any] = {"action": "delete", "selection": {"runIds": ["ended", "child"]}}
    for confirm in ({}, {"confirm": 1}):
        problem = read(call("POST", BULK, {**body, **confirm}), 409)
        assert (problem["field"], problem["selected"]) == ("confirm", 2)
        assert "confirm: 2" in problem["hint"]
    task = read(call("POST", BULK, {**body, "confirm": 2}), 201)
    assert (task["state"], task["done"], task["canUndo"]) == ("waiting", 0, False)
    assert "ended" in listed(call)
    finish()
    assert read(call("GET", f"{BULK}/{task['id']}"))["state"] == "done"
    assert "ended" not in listed(call)


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


def test_a_deleted_run_answers_nowhere_but_in_the_bin(call: Call, mixed: dict[str, Run]) -> None:
    place = f"{RUNS}/ended"
    read(call("PUT", f"{place}/files/a.txt", b"text"), 201)
    begun(call, "delete", {"runIds": ["ended"], "withChildren": True}, confirm=2)
    finish()
    assert listed(call) == {"one", "two", "new"}
    assert listed(call, "&filter=is:archived") == {"archived"}
    for filter in ("id:ended", "parent:ended", "is:child", "ended", "-is:archived"):
        assert not listed(call, f"&filter={filter}") & {"ended", "child"}
    for address in ("", "/events", "/metrics", "/files", "/files/a.txt", "/receipts?session=s"):
        assert call("GET", place + address).status_code == 404
    assert call("PATCH", place, {"hidden": False}).status_code == 404
    assert call("POST", RUNS, {"experimentName": "e", "parentRunId": "ended"}).status_code == 400
    assert call("POST", RUNS, {"experimentName": "e", "runId": "ended"}).status_code == 409
    items = read(call("GET", "/workspaces/main/bin"))["items"]
    assert [item["run"]["runId"] for item in items] == ["child", "binned", "ended"]
    assert items[0]["deletedUtc"] < items[0]["goneUtc"]
    found = read(call("GET", "/workspaces/main/bin?filter=is:child"))["items"]
    assert [item["run"]["runId"] for item in found] == ["child"]
    begun(call, "restore", {"runIds": ["ended", "child"], "inBin": True})
    assert read(call("GET", place + "/files"))["items"]
    begun(call, "purge", {"query": {}, "inBin": True}, confirm=1)
    finish()
    assert read(call("GET", "/workspaces/main/bin"))["items"] == []
    assert not Run.objects.filter(run_id="binned").exists()


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
