"""``log:`` in the REST list: the runs whose log has a text, each with the line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import views
from runs.models import User, Workspace
from tests.api.bulk_calls import read
from tests.api.conftest import Call
from tests.conftest import AddLog, MakeRun

RUNS = "/workspaces/main/runs"
MEMORY = 'log:"cuda out of memory"'


@pytest.fixture
def call(api: Callable[..., Call], alice: User, workspace: object) -> Call:
    return api(alice)


def listed(call: Call, query: str, **more: str) -> dict[str, Any]:
    found = read(call("GET", f"{RUNS}?{urlencode({'filter': query, **more})}"))["items"]
    return {item["runId"]: item.get("logLine", "none") for item in found}


@pytest.fixture
def logs(make_run: MakeRun, add_log: AddLog) -> None:
    add_log(make_run(run_id="good"), "Epoch 1\nCUDA is there\n")
    add_log(make_run(run_id="poor"), "".join(f"Epoch {n}\n" for n in range(1, 500)))
    poor = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB\n"
    run = make_run(run_id="rank")
    add_log(run, "Epoch 1\n")
    add_log(run, f"\x1b[31m{'x' * 100} {poor}", "logs/rank-1.txt")


@pytest.mark.usefixtures("logs")
def test_the_list_tells_the_first_line_that_has_it(call: Call) -> None:
    (line,) = listed(call, MEMORY).values()
    assert (line["path"], line["line"]) == ("logs/rank-1.txt", 1)
    assert line["text"].startswith("…xxx")
    assert line["text"].endswith("CUDA out of memory. Tried to allocate 2 GiB")
    assert listed(call, 'log:"epoch 499"') == {
        "poor": {"path": "user_logs/std_log.txt", "line": 499, "text": "Epoch 499"}
    }
    assert {name: hit["line"] for name, hit in listed(call, "log:epoch").items()} == {
        "rank": 1, "poor": 1, "good": 1,
    }  # fmt: skip


@pytest.mark.usefixtures("logs")
def test_it_stands_with_all_other_terms(call: Call) -> None:
    assert list(listed(call, f"-{MEMORY}")) == ["poor", "good"]
    assert list(listed(call, f"{MEMORY} OR log:there")) == ["rank", "good"]
    assert list(listed(call, 'log:"out of memory",there -id:rank')) == ["good"]
    assert list(listed(call, 'log:!="epoch 499" log:499')) == []
    assert list(listed(call, "log:cu log:epoch")) == ["rank", "good"]
    # What is not sought in a log has no line.
    assert listed(call, "-log:nothing id:good") == {"good": "none"}
    assert listed(call, "id:good") == {"good": "none"}
    assert listed(call, "id:good OR log:nothing") == {"good": None}
    assert listed(call, MEMORY, fields="runId,logLine")["rank"]["line"] == 1
    assert listed(call, "id:good", fields="runId,logLine") == {"good": None}


@pytest.mark.usefixtures("logs")
def test_what_cannot_be_meant_is_refused(call: Call) -> None:
    for query, reason in {
        'log:""': "Which text is to be in a log?",
        "log:>5": "compared by = or != only",
        "log:a=b": "not compared again",
    }.items():
        answer = call("GET", f"{RUNS}?{urlencode({'filter': query})}")
        assert answer.status_code == 400
        assert reason in json.loads(answer.content)["detail"]


@pytest.mark.usefixtures("logs")
def test_a_view_with_it_tells_the_line_as_well(
    call: Call, workspace: Workspace, alice: User
) -> None:
    view = views.create(
        workspace, by=Actor.of_user(alice), name="No memory", state={"filter": MEMORY}
    )
    assert listed(call, "", view=view.slug)["rank"]["line"] == 1
    place = f"/workspaces/main/views/{view.slug}/runs"
    (item,) = read(call("GET", place))["items"]
    assert (item["runId"], item["logLine"]["line"]) == ("rank", 1)
    answer = call(
        "GET", f"/workspaces/main/export?{urlencode({'view': view.slug, 'columns': 'id'})}"
    )
    assert b"".join(answer.streaming_content).decode().split() == ["id", "rank"]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("logs")
def test_nobody_finds_the_logs_of_another_workspace(
    api: Callable[..., Call], charlie: User, other_workspace: Workspace
) -> None:
    found = read(api(charlie)("GET", f"/workspaces/elsewhere/runs?{urlencode({'filter': MEMORY})}"))
    assert found["items"] == []


def test_many_runs_ask_the_database_as_often_as_few(
    call: Call, make_run: MakeRun, add_log: AddLog
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert all(listed(call, MEMORY).values())
        return len(asked)

    def make(count: int) -> None:
        for number in range(count):
            add_log(make_run(), f"CUDA out of memory in {number}\n")

    make(2)
    queries()
    few = queries()
    make(20)
    assert queries() == few
