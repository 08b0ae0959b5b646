"""Runs side by side by REST: the same rows as on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.access import Actor
from runs.models import User, Workspace
from runs.queries import compare
from tests.api.conftest import Call
from tests.conftest import MakeRun
from tests.queries.test_compare import log, with_source

PLACE = "/workspaces/main/compare"


@pytest.fixture
def pair(make_run: MakeRun) -> None:
    for name, value in (("a", 2.0), ("b", 1.0)):
        run = make_run(run_id=name, start=True, display_name=name, tags={"kind": name, "x": None})
        log(run, "loss", value)
        with_source(run, {"train.py": name})


def rows(told: Any) -> dict[str, Any]:
    return {row["key"]: row for section in told["sections"] for row in section["rows"]}


def test_the_answer_has_the_rows_of_the_page(
    api: Callable[..., Call], rita: User, workspace: Workspace, pair: None
) -> None:
    told = api(rita)("GET", f"{PLACE}?runs=b,a,zzz&base=a").json()  # type: ignore[attr-defined]
    assert [run["runId"] for run in told["runs"]] == ["b", "a"]
    assert (told["base"], told["missing"]) == ("a", ["zzz"])
    found = compare.chosen(Actor.of_user(rita), workspace, ["b", "a"])
    shown = compare.compare(found.runs, base=1)
    assert list(rows(told)) == [row.key for each in shown.sections for row in each.rows]
    assert rows(told)["metric:loss"] == {
        "key": "metric:loss",
        "label": "loss",
        "kind": "metric",
        "differs": True,
        "values": [1.0, 2.0],
        "deltas": [{"difference": -1.0, "percent": -50.0}, None],
    }
    assert rows(told)["tag:x"]["values"] == [True, True]
    assert [len(value) for value in rows(told)["file:train.py"]["values"]] == [64, 64]
    assert rows(told)["created"]["values"][0].endswith("Z")


def test_equal_rows_are_left_out_and_letters_are_found(
    api: Callable[..., Call], alice: User, pair: None
) -> None:
    call = api(alice)
    part = call("GET", f"{PLACE}?runs=a,b&differ=true").json()  # type: ignore[attr-defined]
    assert "tag:x" not in rows(part)
    assert {section["name"]: section["equal"] for section in part["sections"]}["tags"] == 1
    found = call("GET", f"{PLACE}?runs=a,b&find=LOSS").json()  # type: ignore[attr-defined]
    assert list(rows(found)) == ["metric:loss"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("", "runs"),
        ("runs=", "runs"),
        ("runs=,", "runs"),
        ("runs=" + ",".join(f"r{n}" for n in range(101)), "runs"),
        ("runs=a,b&base=c", "base"),
        ("runs=a,b&differ=maybe", "differ"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_its_field(
    api: Callable[..., Call], alice: User, pair: None, asked: str, field: str
) -> None:
    answer = api(alice)("GET", f"{PLACE}?{asked}")
    assert answer.status_code == 400
    assert answer.json()["field"] == field  # type: ignore[attr-defined]


def test_runs_that_a_caller_does_not_reach_are_missing(
    api: Callable[..., Call],
    alice: User,
    charlie: User,
    other_workspace: Workspace,
    make_run: MakeRun,
    pair: None,
) -> None:
    make_run(run_id="theirs", by=charlie, inside=other_workspace)
    lone = make_run(run_id="lone", start=True)
    told = api(alice)("GET", f"{PLACE}?runs=theirs,no,a%20b").json()  # type: ignore[attr-defined]
    assert told == {"runs": [], "missing": ["theirs", "no", "a b"], "base": None, "sections": []}
    narrow = api(alice, run=lone)("GET", f"{PLACE}?runs=lone,a").json()  # type: ignore[attr-defined]
    assert ([run["runId"] for run in narrow["runs"]], narrow["missing"]) == (["lone"], ["a"])
    assert api(charlie)("GET", f"{PLACE}?runs=a").status_code == 404


def test_secrets_of_the_environment_are_veiled(
    api: Callable[..., Call], alice: User, make_run: MakeRun
) -> None:
    for name in ("one", "two"):
        make_run(run_id=name, definition={"environmentVariables": {"MY_TOKEN": f"hunter {name}"}})
    told = api(alice)("GET", f"{PLACE}?runs=one,two")
    assert "hunter" not in told.content.decode()
    found = rows(told.json())["environment:MY_TOKEN"]  # type: ignore[attr-defined]
    assert (found["differs"], found["values"]) == (True, ["•••••• 1", "•••••• 2"])
