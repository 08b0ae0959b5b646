"""Runs, their history and their lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import Run, Snapshot, User, Workspace
from tests.api.conftest import Call
from tests.conftest import MakeRun

RUNS = "/workspaces/main/runs"


@pytest.fixture
def call(api: Callable[..., Call], alice: User, workspace: object) -> Call:
    return api(alice)


def told(answer: Any) -> dict[str, Any]:
    assert 200 <= answer.status_code < 300, answer.content
    document: dict[str, Any] = answer.json()
    return document


def test_a_run_is_made_looked_at_edited_and_ended(call: Call) -> None:
    made = told(call("POST", RUNS, {"experimentName": "e", "start": True, "tags": {"a": None}}))
    place = f"{RUNS}/{made['runId']}"
    assert (made["status"], made["tags"], made["runNumber"]) == ("Running", {"a": None}, 1)
    assert told(call("PATCH", place, {"displayName": "best"}))["displayName"] == "best"
    assert told(call("POST", f"{place}/complete", {}))["status"] == "Completed"
    late = call("POST", f"{place}/start", {})
    assert late.status_code == 409
    assert late.json()["current"] == "Completed"  # type: ignore[attr-defined]
    events = told(call("GET", f"{place}/events"))["items"]
    assert [event["to"] for event in events if event["kind"] == "status"] == [
        "Running",
        "Completed",
    ]
    after = told(call("GET", f"{place}/events?after={events[0]['id']}"))["items"]
    assert after == events[1:]


def test_an_old_version_gets_both_texts(call: Call, run: Run) -> None:
    place = f"{RUNS}/{run.run_id}"
    told(call("PATCH", place, {"description": "mine", "version": 1}))
    answer = call("PATCH", place, {"description": "yours", "version": 1})
    assert answer.status_code == 409
    assert answer.json()["current"]["description"] == "mine"  # type: ignore[attr-defined]


def test_pages_have_every_run_once(call: Call, make_run: MakeRun) -> None:
    made = [make_run().run_id for _ in range(25)]
    found: list[str] = []
    cursor = ""
    while True:
        page = told(call("GET", f"{RUNS}?limit=7" + (f"&cursor={cursor}" if cursor else "")))
        found += [item["runId"] for item in page["items"]]
        cursor = page["nextCursor"]
        if not cursor:
            break
    assert found == made[::-1]


def test_a_list_costs_the_same_for_few_and_many(
    call: Call, make_run: MakeRun, workspace: Workspace
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            told(call("GET", f"{RUNS}?limit=500&includeChildren=true"))
        assert not any('"manifest"' in query["sql"] for query in caught)
        return len(caught)

    snapshot = Snapshot.objects.create(
        workspace=workspace, snapshot_id="0" * 64, manifest={}, size=0
    )
    top = make_run(target="local")
    queries()
    few = queries()
    for _ in range(30):
        child = make_run(tags={"a": "b"}, parent_run_id=top.run_id)
        make_run(parent_run_id=child.run_id)
    Run.objects.update(snapshot=snapshot)
    assert queries() == few <= 4


def test_filters_are_anded(call: Call, make_run: MakeRun, alice: User) -> None:
    wanted = make_run(experiment_name="e", start=True)
    make_run(experiment_name="e")
    make_run(experiment_name="f", start=True)
    asked = f"{RUNS}?experiment=e&status=running,failed&submitter=alice&target=sdk"
    assert [item["runId"] for item in told(call("GET", asked))["items"]] == [wanted.run_id]
    child = make_run(parent_run_id=wanted.run_id)
    children = told(call("GET", f"{RUNS}?parent={wanted.run_id}"))["items"]
    assert [item["runId"] for item in children] == [child.run_id]
    assert children[0]["rootRunId"] == wanted.run_id


def test_a_key_makes_a_write_happen_once(call: Call) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = call("POST", RUNS, {"experimentName": "e"}, **key)
    again = call("POST", RUNS, {"experimentName": "e"}, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert Run.objects.count() == 1
    other = call("POST", RUNS, {"experimentName": "f"}, **key)
    assert other.status_code == 409
    assert other.json()["field"] == "Idempotency-Key"  # type: ignore[attr-defined]
    assert call("POST", RUNS, {"experimentName": "e"}, **{"Idempotency-Key": ""}).status_code == 400


def test_parameters_are_logged_once(call: Call, run: Run) -> None:
    place = f"{RUNS}/{run.run_id}"
    assert told(call("GET", place))["parameters"] == {}
    sent = {"lr": 0.01, "epochs": 3, "nesterov": True, "schedule": None, "optimizer": "adam"}
    kept = {
        "lr": "0.01", "epochs": "3", "nesterov": "True", "schedule": "None", "optimizer": "adam"
    }  # fmt: skip
    assert told(call("POST", f"{place}/parameters", sent)) == {"parameters": kept}
    answer = call("POST", f"{place}/parameters", {"lr": 0.02})
    assert answer.status_code == 409
    problem = answer.json()  # type: ignore[attr-defined]
    assert (problem["code"], problem["field"]) == ("parameter_immutable", "parameters.lr")
    assert told(call("GET", place))["parameters"] == kept
    assert call("POST", f"{place}/parameters", {"lr": [1]}).status_code == 400
    assert call("POST", f"{place}/parameters", {"lr": 10**30}).status_code == 400


def test_a_run_is_made_with_its_parameters(call: Call, run: Run) -> None:
    made = told(call("POST", RUNS, {"experimentName": "e", "parameters": {"lr": 0.01}}))
    assert made["parameters"] == {"lr": "0.01"}
    children = {"children": [{"parameters": {"lr": 0.1}}, {"parameters": {"lr": 0.2}}]}
    items = told(call("POST", f"{RUNS}/{run.run_id}/children", children))["items"]
    assert [item["parameters"] for item in items] == [{"lr": "0.1"}, {"lr": "0.2"}]
    found = told(call("GET", f"{RUNS}?filter=param:lr>0.15&includeChildren=true"))["items"]
    assert [item["runId"] for item in found] == [items[1]["runId"]]


def test_properties_never_change(call: Call, run: Run) -> None:
    place = f"{RUNS}/{run.run_id}/properties"
    told(call("POST", place, {"author": "alice"}))
    answer = call("POST", place, {"author": "bob"})
    assert answer.status_code == 409
    problem = answer.json()  # type: ignore[attr-defined]
    assert (problem["code"], problem["old"], problem["new"]) == (
        "property_immutable",
        "alice",
        "bob",
    )
