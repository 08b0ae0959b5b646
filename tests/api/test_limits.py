"""What there may be at most, taken at the limit and refused one beyond it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from runs.models import Run, User
from studio.contract import limits
from tests.api.conftest import Call

RUNS = "/workspaces/main/runs"
ONE = f"{RUNS}/one"
Asked = tuple[str, str, Any]


def tagged(key: int, value: int) -> Asked:
    return "PUT", f"{ONE}/tags", {"k" * key: "v" * value}


def made(**fields: Any) -> Asked:
    return "POST", RUNS, {"experimentName": "e", **fields}


def logged(*rows: dict[str, Any]) -> Asked:
    return "POST", f"{ONE}/metrics", {"session": "s", "sequence": 0, "rows": list(rows)}


def columns(count: int) -> dict[str, Any]:
    return {"name": "t", "kind": "table", "value": {f"c{n}": n for n in range(count)}}


LIMITS: dict[str, tuple[int, Callable[[int], Asked]]] = {
    "characters of a run id": (limits.RUN_ID, lambda n: made(runId="r" * n)),
    "characters of a display name": (limits.DISPLAY_NAME, lambda n: made(displayName="d" * n)),
    "characters of a description": (limits.DESCRIPTION, lambda n: made(description="d" * n)),
    "characters of an experiment's name": (
        255,
        lambda n: ("PUT", f"/workspaces/main/experiments/{'e' * n}", {}),
    ),
    "characters of a tag's key": (limits.KEY, lambda n: tagged(n, 1)),
    "characters of a tag's value": (limits.VALUE, lambda n: tagged(1, n)),
    "tags": (
        limits.TAGS_PER_RUN,
        lambda n: ("PUT", f"{ONE}/tags", dict.fromkeys(map(str, range(n)), "")),
    ),
    "properties": (
        limits.PROPERTIES_PER_RUN,
        lambda n: ("POST", f"{ONE}/properties", dict.fromkeys(map(str, range(n)), "x")),
    ),
    "parameters": (
        limits.PARAMETERS_PER_RUN,
        lambda n: ("POST", f"{ONE}/parameters", dict.fromkeys(map(str, range(n)), "x")),
    ),
    "characters of a parameter's value": (
        limits.PARAMETER_VALUE,
        lambda n: ("POST", f"{ONE}/parameters", {"lr": "x" * n}),
    ),
    "characters of a metric's name": (
        limits.METRIC_NAME,
        lambda n: logged({"name": "m" * n, "value": 1}),
    ),
    "characters of a text that is logged": (
        limits.METRIC_TEXT,
        lambda n: logged({"name": "m", "value": "x" * n}),
    ),
    "columns of a table": (limits.METRIC_COLUMNS, lambda n: logged(columns(n))),
    "rows of a batch": (
        limits.METRIC_ROWS_PER_BATCH,
        lambda n: logged(*({"name": "m", "value": step, "step": step} for step in range(n))),
    ),
    "bytes of a piece of a log": (
        limits.LOG_PIECE_BYTES,
        lambda n: ("POST", f"{ONE}/logs/logs/a.txt?session=s&sequence=0", b"x" * n),
    ),
    "characters of a file's path": (
        limits.FILE_PATH,
        lambda n: ("PUT", f"{ONE}/files/outputs/" + "f" * (n - len("outputs/")), b"x"),
    ),
    "children in one call": (
        limits.CHILDREN_PER_CALL,
        lambda n: ("POST", f"{ONE}/children", {"children": [{}] * n}),
    ),
    "runs of a page": (limits.PAGE_MAX, lambda n: ("GET", f"{RUNS}?limit={n}", None)),
    "characters of an alert's query": (
        limits.ALERT_QUERY,
        lambda n: (
            "POST",
            "/workspaces/main/alerts",
            {"name": "a", "statuses": ["Failed"], "filter": "tag:" + "x" * (n - 4)},
        ),
    ),
    "characters of a view's name": (
        limits.VIEW_NAME,
        lambda n: ("POST", "/workspaces/main/views", {"name": "v" * n}),
    ),
}


@pytest.fixture
def call(api: Callable[..., Call], alice: User, make_run: Callable[..., Run]) -> Call:
    make_run(run_id="one", start=True)
    return api(alice)


@pytest.mark.parametrize("what", LIMITS)
def test_so_many_are_taken_and_not_one_more(call: Call, what: str) -> None:
    most, asked = LIMITS[what]
    refused = call(*asked(most + 1))
    assert refused.status_code in (400, 404, 413), refused.content[:300]
    assert json.loads(refused.content)["detail"]
    taken = call(*asked(most))
    assert taken.status_code < 300, taken.content[:300]


def test_a_body_has_so_many_bytes_and_not_one_more(call: Call) -> None:
    body = json.dumps({"experimentName": "e"}).encode()
    kind = {"Content-Type": "application/json"}
    for more, status in ((0, 201), (1, 413)):
        padded = body.ljust(limits.JSON_BODY_BYTES + more)
        assert call("POST", RUNS, padded, **kind).status_code == status


def test_a_body_is_so_deep_and_not_deeper(call: Call) -> None:
    kind = {"Content-Type": "application/json"}
    told = [
        json.loads(
            call("PUT", f"{ONE}/tags", b'{"a":' + b"[" * n + b"]" * n + b"}", **kind).content
        )
        for n in (limits.JSON_DEPTH - 1, limits.JSON_DEPTH)
    ]
    assert [each["status"] for each in told] == [400, 400]
    assert ["deep" in each["detail"] for each in told] == [False, True]
