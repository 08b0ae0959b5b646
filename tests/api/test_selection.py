"""What is selected, what could be done to it, and what is deleted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.models import Run, Task, User
from runs.queries import selection
from tests.api.bulk_calls import ALL, RUNS, begun, finish, listed, read, seen
from tests.api.conftest import Call
from tests.conftest import MakeRun


@pytest.fixture
def call(api: Callable[..., Call], bob: User) -> Call:
    return api(bob)


@pytest.fixture
def by(bob: User) -> Actor:
    return Actor.of_user(bob)


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


def test_a_selection_takes_runs_below_with_it(
    call: Call, mixed: dict[str, Run], api: Callable[..., Call], alice: User
) -> None:
    below = seen(call, {"query": {"filter": "id:ended"}, "withChildren": True})
    assert (below["selected"], below["touches"]["delete"]) == (2, 2)
    assert seen(call, {"query": {"filter": "id:ended"}})["touches"]["delete"] == 0
    assert seen(call, ALL)["selected"] == 4, "archived runs and children are not in the list"
    assert seen(call, {"query": {"includeChildren": True}})["selected"] == 5
    assert seen(call, {"runIds": [], "withChildren": True})["selected"] == 0
    in_bin = seen(api(alice), {"query": {}, "inBin": True})
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


def test_a_deleted_run_answers_nowhere_but_in_the_bin(
    call: Call, mixed: dict[str, Run], api: Callable[..., Call], alice: User
) -> None:
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
    begun(api(alice), "purge", {"query": {}, "inBin": True}, confirm=1)
    finish()
    assert read(call("GET", "/workspaces/main/bin"))["items"] == []
    assert not Run.objects.filter(run_id="binned").exists()
