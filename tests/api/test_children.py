"""Many children in one call: all or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import Run, User
from tests.api.conftest import Call

CHILDREN = "/workspaces/main/runs/parent/children"


@pytest.fixture
def call(api: Callable[..., Call], alice: User, make_run: Callable[..., Run]) -> Call:
    make_run(run_id="parent", start=True)
    return api(alice)


def test_they_come_in_the_order_in_which_they_were_asked_for(call: Call) -> None:
    body = {"children": [{"runId": f"c{n}", "tags": {"n": str(n)}} for n in range(5)]}
    items = call("POST", CHILDREN, body).json()["items"]  # type: ignore[attr-defined]
    assert [item["runId"] for item in items] == [f"c{n}" for n in range(5)]
    assert {item["status"] for item in items} == {"Running"}
    assert {item["parentRunId"] for item in items} == {"parent"}


def test_one_that_cannot_be_made_leaves_none(call: Call) -> None:
    body = {"children": [{"runId": "fine"}, {"runId": "fine"}]}
    assert call("POST", CHILDREN, body).status_code == 409
    assert Run.objects.count() == 1


@pytest.mark.parametrize("children", [[], [{}] * 101, "x", [{"start": False}]])
def test_what_cannot_be_meant_is_refused(call: Call, children: object) -> None:
    assert call("POST", CHILDREN, {"children": children}).status_code == 400
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ('tags="n"', 2),
        ('tags={"n":"1"}', 1),
        ('tags={"n":"1","m":null}', 1),
        ('tags={"n":"9"}', 0),
        ("type=azureml.scriptrun", 0),
    ],
)
def test_a_list_is_filtered_by_labels(call: Call, asked: str, count: int) -> None:
    body = {"children": [{"tags": {"n": "1", "m": None}}, {"tags": {"n": "2"}}]}
    call("POST", CHILDREN, body)
    with CaptureQueriesContext(connection) as queries:
        answer = call("GET", f"/workspaces/main/runs?parent=parent&{asked}")
    assert len(answer.json()["items"]) == count  # type: ignore[attr-defined]
    assert len(queries) <= 8


@pytest.mark.parametrize(
    "asked", ["tags=n", "tags=5", 'tags={"a":1}', "properties=[5]", 'tags="\\u0000"']
)
def test_a_label_that_is_asked_for_wrongly_has_no_rows(call: Call, asked: str) -> None:
    answer = call("GET", f"/workspaces/main/runs?{asked}")
    assert answer.status_code == 400
    assert answer.json()["field"] == asked.split("=")[0]  # type: ignore[attr-defined]
