"""Runs as a file: all that match, whole, safe in a spreadsheet, however many."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import quote

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import labels, lifecycle, metrics
from runs.models import Run, User, Workspace
from runs.queries import export
from tests.api.conftest import Call
from tests.conftest import MakeRun

PLACE = "/workspaces/main/export"


@pytest.fixture
def call(api: Callable[..., Call], rita: User) -> Call:
    return api(rita)


def whole(answer: Any) -> str:
    assert answer.status_code == 200, getattr(answer, "content", "")
    return b"".join(cast("StreamingHttpResponse", answer)).decode()


def table(call: Call, query: str = "") -> list[list[str]]:
    return list(csv.reader(io.StringIO(whole(call("GET", f"{PLACE}?{query}")), newline="")))


@pytest.fixture
def two(make_run: MakeRun, alice: User) -> list[Run]:
    by = Actor.of_user(alice)
    first = make_run(
        run_id="first",
        display_name="=cmd|' /C calc'!A0",
        description='a,"b"\nc',
        start=True,
        tags={"quality": "good", "worth another look": None, "a,b": "x"},
        properties={"author": "azureml-user", "learning_rate": "-0.5"},
    )
    rows = [metrics.Row("loss", value) for value in (1.5, -0.25)]
    metrics.append(first, by=by, session="s", sequence=0, rows=rows)
    lifecycle.complete(first, by=by)
    return [first, make_run(run_id="second", display_name="ünïcode ✓")]


def test_a_table_has_a_header_and_the_runs_of_the_list(call: Call, two: list[Run]) -> None:
    wanted = ["id", "name", "status", "tag:quality", "tag:worth another look", "property:author"]
    wanted += ["property:learning_rate", "metric:loss", "metric:loss.max", "tag:a,b", "tags"]
    names = ",".join(quote(name, safe=":") for name in wanted)
    header, second, first = table(call, f"columns={quote(names)}")
    assert header == wanted
    assert second == ["second", "ünïcode ✓", "NotStarted", "", "", "", "", "", "", "", "{}"]
    tags = json.loads(first.pop())
    assert first == [
        "first",
        "'=cmd|' /C calc'!A0",
        "Completed",
        "good",
        "true",
        "azureml-user",
        "-0.5",
        "-0.25",
        "1.5",
        "x",
    ]
    assert tags == {"quality": "good", "worth another look": None, "a,b": "x"}


def test_json_is_as_it_is_stored(call: Call, two: list[Run]) -> None:
    query = "columns=id,name,duration,created,metric:loss,tag:quality"
    found = json.loads(whole(call("GET", f"{PLACE}?format=json&{query}")))
    lines = whole(call("GET", f"{PLACE}?format=ndjson&{query}")).splitlines()
    assert [json.loads(line) for line in lines] == found
    assert found[1]["name"] == "=cmd|' /C calc'!A0", "only spreadsheets compute"
    assert found[1]["metric:loss"] == -0.25
    assert found[1]["duration"] >= 0
    assert found[0] == {
        "id": "second",
        "name": "ünïcode ✓",
        "duration": None,
        "created": two[1].created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "metric:loss": None,
        "tag:quality": None,
    }


@pytest.mark.parametrize(
    "query",
    ["filter=tag:quality=good", "status=completed", "sort=name", "sort=-tag:quality,id", ""],
)
def test_it_holds_what_the_query_means_in_its_order(
    call: Call, two: list[Run], make_run: MakeRun, query: str
) -> None:
    make_run(parent_run_id="first")
    found = [row[0] for row in table(call, f"{query}&columns=id".lstrip("&"))[1:]]
    expected = {
        "sort=name": ["first", "second"],
        "sort=-tag:quality,id": ["first", "second"],
        "": ["second", "first"],
    }
    assert found == expected.get(query, ["first"])


@pytest.mark.parametrize("sort", ["", "created", "-name", "status,-id", "metric:loss", "-tag:a"])
def test_an_order_is_the_same_over_many_pages(
    call: Call, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    for number in range(11):
        tags = {"a": str(number % 4)} if number % 3 else {}
        make_run(run_id=f"r{number}", display_name=f"n{number % 5}", tags=tags)
    whole_list = table(call, f"columns=id&sort={sort}")
    monkeypatch.setattr(export, "_AT_ONCE", 3)
    assert table(call, f"columns=id&sort={sort}") == whole_list
    assert len(whole_list) == 12


def test_nothing_found_is_an_empty_file_of_its_kind(call: Call) -> None:
    assert table(call, "columns=id,status") == [["id", "status"]]
    assert whole(call("GET", f"{PLACE}?format=json")) == "[]\n"
    assert whole(call("GET", f"{PLACE}?format=ndjson")) == ""


def test_the_file_has_a_name_and_a_kind(call: Call) -> None:
    answer = call("GET", f"{PLACE}?format=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    name = answer["Content-Disposition"]
    assert name.startswith('attachment; filename="main-runs-20')
    assert name.endswith('.csv"')


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=xlsx", "format"),
        ("columns=id,colour", "columns"),
        ("columns=tag:", "columns"),
        ("sort=tags", "sort"),
        ("filter=sta:x", "filter"),
        ("status=odd", "status"),
        ("statsu=failed", "statsu"),
        ("includeChildren=perhaps", "includeChildren"),
    ],
)
def test_what_cannot_be_meant_gives_no_file(
    call: Call, two: list[Run], query: str, field: str
) -> None:
    answer = call("GET", f"{PLACE}?{query}")
    assert answer.status_code == 400
    assert json.loads(answer.content)["field"] == field


def test_each_page_of_runs_costs_the_same(
    call: Call, make_run: MakeRun, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_AT_ONCE", 5)
    query = "columns=id,name,experiment,submitter,parent,tag:a,metric:loss,metric:loss.min"

    def asked(runs: int) -> int:
        while Run.objects.count() < runs:
            run = make_run(tags={"a": "b"})
            labels.add_properties(run, {"c": "d"}, by=Actor.of_user(alice))
        with CaptureQueriesContext(connection) as caught:
            assert len(table(call, query)) == runs + 1
        return len(caught)

    asked(5)
    one, two, four = asked(5), asked(10), asked(20)
    assert two - one == (four - two) / 2 <= 3


def test_a_run_with_its_own_token_exports_what_it_reaches(
    api: Callable[..., Call], alice: User, two: list[Run], make_run: MakeRun
) -> None:
    led = make_run(run_id="led", start=True)
    make_run(run_id="child", parent_run_id="led")
    found = table(api(alice, run=led), "columns=id")
    assert found == [["id"], ["child"], ["led"]]


def test_the_memory_of_an_export_does_not_grow_with_it(
    workspace: Workspace, run: Run, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def most(count: int) -> int:
        first = Run.objects.count()
        Run.objects.bulk_create(
            Run(
                workspace=workspace,
                experiment=run.experiment,
                created_by=run.created_by,
                run_id=f"many-{number}",
                number=number + 1,
                description="x" * 5_000,
            )
            for number in range(first, count)
        )
        answer = cast("StreamingHttpResponse", call("GET", f"{PLACE}?columns=id,description"))
        tracemalloc.start()
        rows = sum(piece.count(b"\r\n") for piece in answer)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows == count + 1
        return peak

    monkeypatch.setattr(export, "_AT_ONCE", 50)
    most(60)
    few = most(100)
    assert most(600) < 1.3 * few


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.from_regex(
    r"[=+\-@\t\r\n]?[0-9a-z(.]*", fullmatch=True
)


@given(CELLS)
def test_no_text_begins_as_a_formula_and_none_is_lost(text: str) -> None:
    (row,) = csv.reader(io.StringIO("".join(export._csv([text], [])), newline=""))
    shown = row[0] if row else ""
    if shown != text:
        assert shown == f"'{text}"
    if shown[:1] in tuple("=+-@\t\r\n"):
        assert shown == "" or float(shown) is not None
