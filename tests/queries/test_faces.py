"""The query in the REST list."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.models import Run, User
from runs.queries.language import DEEPEST, MOST_CONDITIONS
from tests.api.conftest import Call, api
from tests.conftest import MakeRun
from tests.queries.conftest import CONDITION, MEANT, trees

__all__ = ["api"]
RUNS = "/workspaces/main/runs"
ODD = st.text() | trees(CONDITION | MEANT).map(str)


@pytest.fixture
def call(api: Callable[..., Call], alice: User, workspace: object) -> Call:
    return api(alice)


def asked(query: str, **more: str) -> str:
    return f"{RUNS}?{urlencode({'filter': query.encode('utf-8', 'surrogatepass'), **more})}"


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["runId"] for item in answer.json()["items"]]


def test_the_rest_list_takes_a_query(call: Call, make_run: MakeRun) -> None:
    make_run(run_id="good", tags={"quality": "fantastic run"})
    make_run(run_id="poor", tags={"quality": "poor"})
    make_run(run_id="child", parent_run_id="good", tags={"quality": "poor"})
    assert ids(call("GET", asked('tag:quality="fantastic run"'))) == ["good"]
    assert ids(call("GET", asked("tag:quality=poor is:child"))) == ["child"]
    assert ids(call("GET", asked("tag:quality", includeChildren="true", limit="2"))) == [
        "child",
        "poor",
    ]


def test_a_runner_asks_among_its_own_runs(
    api: Callable[..., Call], alice: User, make_run: MakeRun
) -> None:
    top = make_run(run_id="top", tags={"a": "b"}, start=True)
    make_run(run_id="child", parent_run_id="top", tags={"a": "b"})
    make_run(run_id="stranger", tags={"a": "b"})
    assert ids(api(alice, run=top)("GET", asked("tag:a=b"))) == ["child", "top"]


def test_a_mistake_is_told_with_its_place(call: Call, run: Run) -> None:
    answer: Any = call("GET", asked("stats:failed"))
    assert answer.status_code == 400
    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "code": "bad_request",
        "detail": 'There is no field "stats" (position 1).',
        "field": "filter",
        "hint": "Did you mean status?",
        "position": 1,
    }


def test_no_query_asks_the_database_more_often_than_six_times(
    call: Call, make_run: MakeRun
) -> None:
    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            ids(call("GET", asked(query)))
        return len(queries)

    make_run(tags={"a": "b"})
    cost("")
    least = cost("")
    all_kinds = (
        "tag:a=b metric:m>1 property:p param:q=1 lenet submitter:me,bob experiment:x,y* -experiment:z "
        "parent:a OR status:failed -tag:c parent:b,c* OR tag:a=b"
    )
    assert cost(all_kinds) == least + 5
    # That tags are missing is asked only where runs without them may count.
    assert cost(f"({all_kinds}) OR -({all_kinds})") == least + 6
    for _ in range(20):
        make_run(tags={"a": "b"})
    assert cost(all_kinds) == least + 5


@pytest.mark.parametrize(
    "query",
    [
        "a " * MOST_CONDITIONS,
        " OR ".join("a" * MOST_CONDITIONS),
        " OR ".join(["tag:a=x*"] * (MOST_CONDITIONS // 2)),
        "tag:a=" + ",".join(["x*"] * (MOST_CONDITIONS - 1)),
        "-metric:a!=1 " * (MOST_CONDITIONS // 2),
        "duration:>1s " * MOST_CONDITIONS,
        "experiment:" + ",".join(["x*"] * MOST_CONDITIONS),
        "-(a " * (DEEPEST // 2 - 1) + "a" + ")" * (DEEPEST // 2 - 1),
        "-" * (DEEPEST - 1) + "parent:a*",
    ],
)
def test_the_largest_queries_are_answered(call: Call, run: Run, query: str) -> None:
    assert set(ids(call("GET", asked(query)))) <= {run.run_id}


@pytest.mark.parametrize(
    "query",
    [
        "(" * 10_000 + "a" + ")" * 10_000,
        "-(" * 990 + "a" + ")" * 990,
        "-" * 4_096,
        '"' + "\\" * 1_990,
        "x" * 4_096,
        "a\0b",
        "\ud800",
        "metric:a>" + "9" * 1_900,
        "created:>" + "9" * 1_900,
        "duration:>" + "9" * 1_900 + "d",
        "'; DROP TABLE runs_run; --",
        "tag:a=\"' OR ''='\"",
        "(a+)+$ .* [a-z]{9999}",
        "% _ %% \\ *",
        ", , : = <= ( ) OR AND NOT",
    ],
    ids=range(15),
)
def test_whatever_stands_in_the_box_is_answered_soon(
    call: Call, client: Client, run: Run, alice: User, query: str
) -> None:
    client.force_login(alice)
    text = urlencode({"filter": query.encode("utf-8", "surrogatepass"), "view": "default"})
    for answer in (lambda: call("GET", asked(query)), lambda: client.get(f"/w/main/runs/?{text}")):
        began = time.process_time()
        assert answer().status_code in (200, 400)
        assert time.process_time() - began < 2


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=ODD)
def test_no_query_breaks_the_list(call: Call, run: Run, query: str) -> None:
    answer: Any = call("GET", asked(query))
    problem = answer.json() if answer.status_code == 400 else {"field": "filter"}
    assert (answer.status_code in (200, 400), problem["field"]) == (True, "filter")
