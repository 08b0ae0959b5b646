"""Bad input is named by its field, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.models import Run, User
from tests.api.conftest import Call
from tests.api.test_rights import ROUTES, filled

RUNS = "/workspaces/main/runs"


@pytest.fixture
def call(api: Callable[..., Call], alice: User, workspace: object) -> Call:
    return api(alice)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", ""),
        (b"\xff", ""),
        (b"[]", ""),
        (b"null", ""),
        (b'{"experimentName": NaN}', "experimentName"),
        (b'{"experimentName": "a", "graceSeconds": 1e999}', "graceSeconds"),
        (b'{"experimentName": 5}', "experimentName"),
        (b'{"experimentName": "a\\u0000"}', "experimentName"),
        (b'{"experimentName": "\\ud800"}', "experimentName"),
        (b'{"experimentName": "a", "tags": {"\\u0000": "x"}}', "tags.\\x00"),
        (b'{"experimentName": "a", "tags": {"k": 5}}', "tags.k"),
        (b'{"experimentName": "a", "runId": "a/b"}', "runId"),
        (b'{"experimentName": "a b"}', "experimentName"),
        (b'{"experimentName": "%s"}' % (b"a" * 300), "experimentName"),
        (b'{"experimentName": "a", "start": "true"}', "start"),
        (b'{"experimentName": "a", "unknown": 1}', "unknown"),
        (b'{"experimentName": "a", "maxRunDurationSeconds": 1e30}', "maxRunDurationSeconds"),
        (b'{"experimentName": "a", "definition": {"x": 99999999999999999999}}', "definition.x"),
        (b'{"experimentName": "a", "parentRunId": "nobody"}', "parentRunId"),
        (b'{"experimentName": "a", "target": "moon", "scriptName": "a.py"}', "target"),
        (b'{"experimentName": "a", "definition": ' + b'{"a":' * 40 + b"1" + b"}" * 41, None),
        (b"[" * 100_000, None),
        (b'{"a": ' + b"1" * 10_000 + b"}", "a"),
        (b"{}", "experimentName"),
        (b'{"experimentName": "a", "displayName": "%s"}' % (b"a" * 257), "displayName"),
        (b'{"experimentName": "a", "description": "%s"}' % (b"a" * 65_537), "description"),
        (b'{"experimentName": "a", "runId": "%s"}' % (b"a" * 257), "runId"),
        (b'{"experimentName": "a", "graceSeconds": -1}', "graceSeconds"),
    ],
)
def test_a_run_that_cannot_be_made(call: Call, body: bytes, field: str | None) -> None:
    answer = call("POST", RUNS, body, **{"Content-Type": "application/json"})
    assert answer.status_code == 400
    problem = answer.json()  # type: ignore[attr-defined]
    assert problem["code"] == "bad_request"
    assert problem["detail"]
    if field is not None:
        assert problem.get("field", "") == field
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (b'{"name": "a\\u0000", "value": 1}', "rows.0.name"),
        (b'{"name": "\\udfff", "value": 1}', "rows.0.name"),
        (b'{"name": "%s", "value": 1}' % (b"a" * 256), None),
        (b'{"name": "a", "value": NaN}', "rows.0.value"),
        (b'{"name": "a", "value": 1e999}', "rows.0.value"),
        (b'{"name": "a", "value": 9223372036854775808}', "rows.0.value"),
        (b'{"name": "a", "value": 1, "step": -9223372036854775809}', "rows.0.step"),
        (b'{"name": "a", "value": 1, "step": 1.5}', "rows.0.step"),
        (b'{"name": "a", "value": 1, "time": "now"}', "rows.0.time"),
        (b'{"name": "a", "value": 1, "bogus": 1}', "rows.0.bogus"),
        (b'{"value": 1}', "rows.0.name"),
        (b"1", "rows.0"),
        (b"{", ""),
        (b'{"name": "\xed\xa0\x80", "value": 1}', ""),
    ],
)
def test_rows_that_cannot_be_kept(call: Call, run: Run, row: bytes, field: str | None) -> None:
    body = b'{"session": "s", "sequence": 0, "rows": [%s]}' % row
    place = f"{RUNS}/{run.run_id}/metrics"
    answer = call("POST", place, body, **{"Content-Type": "application/json"})
    assert answer.status_code == 400
    problem = answer.json()  # type: ignore[attr-defined]
    if field is not None:
        assert problem.get("field", "") == field
    assert call("GET", place).json()["items"] == []  # type: ignore[attr-defined]


def test_a_body_of_another_kind_or_size_is_refused(call: Call) -> None:
    text = call("POST", RUNS, b"{}", **{"Content-Type": "text/plain"})
    assert text.status_code == 415
    form = call("POST", RUNS, b"a=b", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert form.status_code == 415
    large = call("POST", RUNS, b" " * 1_100_000, **{"Content-Type": "application/json"})
    assert large.status_code == 413


@pytest.mark.parametrize(
    "asked",
    ["limit=0", "limit=501", "limit=1_0", "limit=x", "cursor=x", "status=Sleeping", "bogus=1",
     "includeChildren=yes", "status=Running&status=Failed", "experiment=%00", "cursor=LTE"],
)  # fmt: skip
def test_a_list_that_is_asked_wrongly_has_no_rows(call: Call, run: Run, asked: str) -> None:
    answer = call("GET", f"{RUNS}?{asked}")
    assert answer.status_code == 400
    problem = answer.json()  # type: ignore[attr-defined]
    assert problem["field"] == asked.split("=")[0]
    assert "items" not in problem


def test_a_method_that_does_nothing_says_which_do(call: Call) -> None:
    answer = call("DELETE", RUNS)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert call("GET", "/nowhere").status_code == 404


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KNOWN = ["experimentName", "runId", "tags", "keys", "error", "host", "step", "message", "rows", "session",
         "sequence", "files", "snapshotId", "agent", "known", "exitCode", "version", "start"]  # fmt: skip
BODY = JSON | st.dictionaries(st.sampled_from(KNOWN), JSON, max_size=5)


@pytest.mark.django_db
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    route=st.sampled_from([(m, p) for m, p, _ in ROUTES]),
    body=BODY,
    query=st.dictionaries(
        st.sampled_from(["limit", "cursor", "wait", "after", "session"]), st.text(max_size=5)
    ),
)
def test_nothing_that_is_sent_breaks_it(
    call: Call, run: Run, target: object, route: tuple[str, str], body: Any, query: dict[str, str]
) -> None:
    from urllib.parse import urlencode

    method, path = route
    place = filled(path, run).split("?")[0]
    if "wait" not in query:
        place += "?" + urlencode({k: v.encode("utf-8", "surrogatepass") for k, v in query.items()})
    answer = call(method, place, None if method == "GET" else body)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
