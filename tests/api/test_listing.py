"""The list of runs over the API: in any order, narrowed to fields, beginning with a custom view."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import metrics, views
from runs.actions.metrics import Row
from runs.api.v1.asking import Asked, QueryBody
from runs.api.v1.listing import _FIELDS
from runs.models import CustomView, Run, User, Workspace
from runs.queries.columns import FIXED
from runs.queries.runs import RunQuery
from studio.contract.words import Sharing
from tests.api.bulk_calls import read
from tests.api.conftest import Call
from tests.conftest import MakeRun

RUNS, VIEWS = "/workspaces/main/runs", "/workspaces/main/views"
STATE = {
    "filter": "tag:quality OR is:child",
    "sort": ["-metric:accuracy", "name"],
    "columns": [{"id": "name"}, {"id": "tag:quality"}, {"id": "hologram"}],
    "children": True,
}


@pytest.fixture
def call(api: Callable[..., Call], alice: User, workspace: object) -> Call:
    return api(alice)


@pytest.fixture
def runs(make_run: MakeRun, alice: User) -> None:
    """Four with an accuracy that does not follow their age; e has none, f no tag."""
    by = Actor.of_user(alice)
    for name, value in {"a": 0.5, "b": 0.9, "c": 0.1, "d": 0.5, "e": None, "f": 1.0}.items():
        tags = {} if name == "f" else {"quality": "good" if name in "abe" else "poor"}
        run = make_run(run_id=name, display_name=f"run {name}", tags=tags)
        if value is not None:
            metrics.append(run, by=by, session="s", sequence=0, rows=[Row("accuracy", value)])


@pytest.fixture
def view(workspace: Workspace, alice: User) -> CustomView:
    return views.create(workspace, by=Actor.of_user(alice), name="Best first", state=STATE)


def ids(call: Call, query: str = "", place: str = RUNS) -> list[str]:
    return [item["runId"] for item in read(call("GET", f"{place}?{query}"))["items"]]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", "fedcba"),
        ("created", "abcdef"),
        ("-metric:accuracy", "fbdace"),
        ("-metric:accuracy,name", "fbadce"),
        ("metric:accuracy.max,-name", "cdabfe"),
        ("-tag:quality,created", "cdabef"),
        ("status,-id", "fedcba"),
    ],
)
def test_runs_come_in_the_order_of_the_page(call: Call, runs: None, sort: str, order: str) -> None:
    assert "".join(ids(call, f"sort={sort}")) == order
    found, cursor = "", ""
    while cursor is not None:
        page = read(call("GET", f"{RUNS}?sort={sort}&limit=1&cursor={cursor}"))
        found += page["items"][0]["runId"]
        cursor = page["nextCursor"]
    assert found == order


def test_a_run_that_comes_meanwhile_moves_no_page(
    call: Call, runs: None, make_run: MakeRun
) -> None:
    first = read(call("GET", f"{RUNS}?sort=name&limit=3"))
    make_run(run_id="0", display_name="run 0")
    rest = read(call("GET", f"{RUNS}?sort=name&limit=3&cursor={first['nextCursor']}"))
    assert [item["runId"] for item in first["items"] + rest["items"]] == list("abcdef")


def test_a_comma_in_a_key_is_written_as_its_number(
    call: Call, runs: None, make_run: MakeRun
) -> None:
    make_run(run_id="odd", tags={"a,b": "1"})
    assert ids(call, f"sort={quote('tag:a%2Cb')}&limit=1") == ["odd"]
    (item,) = read(call("GET", f"{RUNS}?fields={quote('id,tag:a%2Cb')}&filter=id:odd"))["items"]
    assert item == {"runId": "odd", "columns": {"tag:a,b": "1"}}


def test_fields_answer_with_those_alone(call: Call, runs: None) -> None:
    asked = "fields=name,runId,status,tags,metric:accuracy.max,tag:quality,tag:nowhere,createdUtc"
    (item,) = read(call("GET", f"{RUNS}?{asked}&filter=id:b"))["items"]
    assert item.pop("createdUtc").endswith("Z")
    assert item == {
        "runId": "b",
        "displayName": "run b",
        "name": "",
        "status": "NotStarted",
        "tags": {"quality": "good"},
        "columns": {"metric:accuracy.max": 0.9, "tag:quality": "good", "tag:nowhere": None},
    }


def test_every_column_of_the_page_is_a_field(call: Call, runs: None) -> None:
    assert list(_FIELDS) == list(FIXED)
    whole = read(call("GET", f"{RUNS}?limit=1"))["items"][0]
    for column, names in _FIELDS.items():
        (item,) = read(call("GET", f"{RUNS}?limit=1&fields={column}"))["items"]
        assert item == {name: whole[name] for name in names}


def test_the_fields_of_a_query_are_the_same_in_addresses_and_bodies() -> None:
    names = [field.name for field in dataclasses.fields(RunQuery)]
    assert [*QueryBody.model_fields] == names
    assert [*Asked.model_fields] == ["view", "sort", *names]


def test_a_view_begins_the_list_with_its_filter_and_its_order(
    call: Call, runs: None, view: CustomView, make_run: MakeRun
) -> None:
    make_run(run_id="child", parent_run_id="a", display_name="run child")
    place = f"{VIEWS}/{view.slug}/runs"
    for found in (ids(call, f"view={view.slug}"), ids(call, "", place)):
        assert found == ["b", "a", "d", "c", "child", "e"]
    assert ids(call, f"view={view.slug}&filter=tag:quality=good") == ["b", "a", "e"]
    assert ids(call, f"view={view.slug}&tags=%22quality%22&sort=name") == list("abcde")
    assert ids(call, "fields=id&limit=2", place) == ["b", "a"]
    text = read_text(call, f"/workspaces/main/export?view={view.slug}&status=NotStarted")
    assert text.splitlines()[:2] == ["id,name,tag:quality", "b,run b,good"]
    assert len(text.splitlines()) == 7


def read_text(call: Call, place: str) -> str:
    answer: Any = call("GET", place)
    assert answer.status_code == 200, answer.content
    return str(answer.getvalue().decode("utf-8-sig"))


def test_a_view_that_is_a_comparison_lists_the_runs_that_it_compares(
    call: Call, runs: None, view: CustomView, alice: User, make_run: MakeRun
) -> None:
    make_run(run_id="child", parent_run_id="a")
    state = {"selected": ["e", "a", "child", "gone"], "compare": {"base": "a"}}
    views.save(view, by=Actor.of_user(alice), version=1, state=state)
    place = f"{VIEWS}/{view.slug}/runs"
    for found in (ids(call, f"view={view.slug}"), ids(call, "", place)):
        assert found == ["child", "e", "a"]
    assert ids(call, f"view={view.slug}&filter=tag:quality=good") == ["e", "a"]
    assert read(call("GET", f"{VIEWS}/{view.slug}"))["state"]["compare"] == {"base": "a"}


def test_a_view_groups_before_it_sorts(call: Call, runs: None, view: CustomView) -> None:
    CustomView.objects.update(state={"group": "tag:quality", "sort": ["-name"]})
    assert ids(call, f"view={view.slug}") == ["e", "b", "a", "d", "c", "f"]
    CustomView.objects.update(state={"sort": ["hologram"]})
    assert ids(call, f"view={view.slug}") == list("fedcba")


def test_the_views_of_others_are_not_there_whatever_asks(
    api: Callable[..., Call], view: CustomView, alice: User, bob: User, charlie: User, run: Run
) -> None:
    places = [
        f"{RUNS}?view={view.slug}",
        f"/workspaces/main/export?view={view.slug}",
        f"{VIEWS}/{view.slug}/runs",
    ]
    for stranger in (api(bob), api(charlie), api(alice, run=run)):
        for place in places:
            assert stranger("GET", place).status_code == 404
    views.share(view, by=Actor.of_user(alice), sharing=Sharing.VIEW)
    for place in places:
        assert api(bob)("GET", place).status_code == 200
        assert api(charlie)("GET", place).status_code == 404


@pytest.mark.parametrize(
    ("query", "field", "hint"),
    [
        ("sort=colour", "sort", "with - before it for descending"),
        ("sort=tags", "sort", "Name a column"),
        ("sort=name,status,id", "sort", ""),
        ("fields=runId,colour", "fields", "metric:NAME"),
        ("fields=" + ",".join(f"tag:{n}" for n in range(61)), "fields", ""),
        ("cursor=nonsense", "cursor", "begin with the first page"),
        ("sort=name&cursor=W251bGwsM10", "cursor", "begin with the first page"),
        ("filter=colour:red", "filter", "There are status"),
        ("limit=0", "limit", ""),
        ("colour=red", "colour", "Known here"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_field_and_a_way_out(
    call: Call, runs: None, query: str, field: str, hint: str
) -> None:
    problem = read(call("GET", f"{RUNS}?{query}"), 400)
    assert problem["field"] == field
    assert problem["detail"].endswith(".")
    assert hint in problem.get("hint", "")


def test_a_view_with_a_broken_filter_says_so(call: Call, view: CustomView) -> None:
    CustomView.objects.update(state={"filter": "colour:red"})
    assert read(call("GET", f"{RUNS}?view={view.slug}"), 400)["field"] == "filter"


def test_an_order_and_fields_cost_the_same_for_few_and_many(
    call: Call, runs: None, view: CustomView, make_run: MakeRun
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            ids(call, f"view={view.slug}&limit=500&fields=runId,tag:quality,metric:accuracy,parent")
        return len(caught)

    queries()
    few = queries()
    for number in range(20):
        make_run(parent_run_id="a", tags={"quality": str(number)})
    assert queries() == few <= 9
