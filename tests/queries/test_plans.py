"""How the database goes about a query: a rare match must not cost a walk through all runs."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs import access
from runs.access import Actor
from runs.models import Run, User, Workspace
from runs.queries import order, survey
from runs.queries.runs import RunQuery, matching
from tests.conftest import MakeRun

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL plans by statistics"
)

# Runs are looked up by ids that something else has found, in the table or an index of the list.
BY_ID = re.compile(r"\b(rowid|id)=\?\)")


def plan(workspace: Workspace, user: User, **asked: str) -> str:
    meant = RunQuery(**asked)  # type: ignore[arg-type]
    runs = Run.objects.inside(workspace)
    rows = matching(runs, meant, workspace=workspace, by=Actor.of_user(user))
    return rows.with_names().newest_first()[:51].explain()


@pytest.mark.parametrize(
    ("query", "index"), [("", "run_list"), ("experiment:explore-runs", "run_list_experiment")]
)
def test_the_newest_are_read_in_the_order_of_an_index(
    workspace: Workspace, alice: User, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch,
    query: str, index: str,
) -> None:  # fmt: skip
    make_run()
    monkeypatch.setattr(survey, "rare", lambda *_: frozenset())
    reached = access.runs_of(Actor.of_user(alice), workspace)
    asked = RunQuery(filter=query)
    rows = matching(reached, asked, workspace=workspace, by=Actor.of_user(alice))
    told = rows.newest_first().values("pk")[:51].explain()
    assert re.search(rf"INDEX {index} \(\w+=\? AND shelf=\? AND depth=\?\)", told)
    assert "TEMP B-TREE" not in told


@pytest.mark.parametrize(
    ("query", "index", "columns"),
    [
        ("tag:quality", "tag_in_workspace", "key=?"),
        ("tag:quality=good", "tag_in_workspace", "key=? AND value_start=?"),
        ("tag:quality=", "tag_in_workspace", "key=? AND value_start=?"),
        ("tag:quality=a,b", "tag_in_workspace", "key=? AND value_start=?"),
        ("tag:quality=go*", "tag_in_workspace", "key=? AND value_start>? AND value_start<?"),
        ("property:author=alice", "property_in_workspace", "key=? AND value_start=?"),
        ("metric:loss.min<0.1", "metric_low", "name=? AND low<?"),
        ("metric:loss.max=0.1", "metric_high", "name=? AND high=?"),
        ("metric:loss<0.1", "metric_in_workspace", "name=? AND last_number<?"),
        ("metric:loss>=0.1", "metric_in_workspace", "name=? AND last_number>?"),
        ("metric:loss=0.1,0.2", "metric_in_workspace", "name=? AND last_number=?"),
        ("param:optimizer=adam", "parameter_in_workspace", "key=? AND value_start=?"),
        (
            "param:optimizer=ad*",
            "parameter_in_workspace",
            "key=? AND value_start>? AND value_start<?",
        ),
        ("param:lr=0.1", "parameter_number_workspace", "key=? AND number=?"),
        ("param:lr=0.1,0.2", "parameter_number_workspace", "key=? AND number=?"),
        ("param:lr<0.1", "parameter_number_workspace", "key=? AND number<?"),
    ],
)
def test_rows_are_found_in_their_covering_index_and_runs_by_their_ids(
    workspace: Workspace, alice: User, query: str, index: str, columns: str
) -> None:
    told = plan(workspace, alice, filter=query)
    assert f"USING COVERING INDEX {index} (workspace_id=? AND {columns})" in told
    assert BY_ID.search(told.splitlines()[0])
    assert "SCAN" not in told
    assert "TEMP B-TREE" not in told


@pytest.mark.parametrize(
    "query",
    [
        "tag:quality",
        "tag:quality=good",
        "tag:quality=go*",
        "property:a!=b",
        "metric:loss<0.1",
        "param:lr=1",
    ],
)
def test_what_is_common_is_looked_for_run_by_run_the_newest_first(
    workspace: Workspace, alice: User, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(survey, "rare", lambda *_: frozenset())
    told = plan(workspace, alice, filter=query)
    assert re.search(
        r"CORRELATED.*\n.*SEARCH U0 USING (?:COVERING )?INDEX \S*_1 \(run_id=\? AND \w+=\?\)", told
    )
    assert "TEMP B-TREE" not in told


def test_many_rows_make_a_condition_common(
    workspace: Workspace, alice: User, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "FEW", 3)
    for _ in range(4):
        assert "CORRELATED" not in plan(workspace, alice, filter="tag:quality=good tag:other")
        make_run(tags={"quality": "good"})
    told = plan(workspace, alice, filter="tag:quality=good tag:other")
    assert told.count("CORRELATED") == 1


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("name:brave*", "run_name (workspace_id=? AND display_name>? AND display_name<?)"),
        ("compute:gpu", "run_target (workspace_id=? AND target=?)"),
        ("type:pipeline", "run_type (workspace_id=? AND run_type=?)"),
        ("created:<2001-01-01", "run_created (workspace_id=? AND created_at<?)"),
        ("duration:>90d", "run_seconds (workspace_id=? AND seconds>?)"),
        ("duration:>90d", "run_lasting (workspace_id=? AND started_at<?)"),
        ("nowhere", "SCAN U0 VIRTUAL TABLE INDEX"),
        ("is:archived", "run_list (workspace_id=? AND shelf=?"),
        ("tag:a OR name:b OR nowhere", "tag_in_workspace (workspace_id=? AND key=?"),
        ("experiment:explore-runs tag:a=b", "tag_in_experiment (experiment_id=? AND key=?"),
        ("experiment:explore-runs param:a=b", "parameter_in_experiment (experiment_id=? AND key=?"),
        (
            "experiment:explore-runs param:a>1",
            "parameter_number_experiment (experiment_id=? AND key=?",
        ),
        ("experiment:explore-runs metric:b>1", "metric_in_experiment (experiment_id=? AND name=?"),
    ],
)
def test_what_few_runs_have_is_looked_up(
    workspace: Workspace, alice: User, make_run: MakeRun, query: str, index: str
) -> None:
    make_run()
    told = plan(workspace, alice, filter=query)
    assert index in told
    assert BY_ID.search(told.splitlines()[0])
    assert "SCAN runs_run" not in told


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("status:running,queued", "run_status (workspace_id=? AND status=?)"),
        ("experiment:explore-runs", r"runs_run_experiment\w+ (experiment_id=?)"),
        ("parent:good", r"runs_run_parent\w+ (parent_id=?)"),
        ("submitter:me", r"runs_run_created_by\w+ (created_by_id=?)"),
    ],
)
def test_few_runs_of_a_kind_are_found_by_its_index(
    workspace: Workspace, alice: User, make_run: MakeRun, query: str, index: str
) -> None:
    make_run(run_id="good")
    told = plan(workspace, alice, filter=query)
    words = index.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")
    assert re.search(f"COVERING INDEX {words}", told), told
    assert BY_ID.search(told.splitlines()[0])
    assert "TEMP B-TREE" not in told


def test_a_tag_drives_whatever_else_is_asked(
    workspace: Workspace, alice: User, make_run: MakeRun
) -> None:
    make_run()
    query = "tag:a=b metric:loss<0.1 -tag:skip status:failed submitter:me created:>-7d is:child"
    told = plan(workspace, alice, filter=query)
    assert BY_ID.search(told.splitlines()[0])
    assert told.count("tag_in_workspace") == 1


def test_tags_in_json_are_found_by_the_same_index(workspace: Workspace, alice: User) -> None:
    told = plan(workspace, alice, tags='{"quality": "good"}')
    assert "COVERING INDEX tag_in_workspace (workspace_id=? AND key=? AND value_start=?)" in told


@pytest.mark.parametrize(
    ("name", "value", "index"),
    [
        ("experiment", "explore-runs", "runs_run_experiment"),
        ("status", "running", "run_status"),
        ("submitter", "alice", "runs_run_created_by"),
        ("parent", "good", "runs_run_parent"),
        ("root", "good", "runs_run_root"),
    ],
)
def test_what_is_asked_without_a_query_is_found_by_the_same_indexes(
    workspace: Workspace, alice: User, make_run: MakeRun, name: str, value: str, index: str
) -> None:
    make_run(run_id="good")
    told = plan(workspace, alice, **{name: value})
    assert f"COVERING INDEX {index}" in told
    assert BY_ID.search(told.splitlines()[0])


def walks(workspace: Workspace, sort: str, where: str) -> list[str]:
    """Return how the statements with such a word find the first runs of an order."""
    with CaptureQueriesContext(connection) as queries:
        rows = Run.objects.inside(workspace).listed()
        order.page(rows, order.keys([sort]), 5, workspace=workspace)
    told = []
    with connection.cursor() as cursor:
        for sql in [each["sql"] for each in queries if where in each["sql"]]:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            told.append("\n".join(row[-1] for row in cursor.fetchall()))
    return told


@pytest.mark.parametrize("sort", ["exit_code", "-exit_code"])
def test_runs_with_an_exit_code_are_listed_by_an_index(
    workspace: Workspace, make_run: MakeRun, sort: str
) -> None:
    Run.objects.filter(pk=make_run().pk).update(exit_code=3)
    known, *_ = walks(workspace, sort, "exit_code")
    assert "INDEX run_exit_code (workspace_id=? AND exit_code>?" in known
    assert "TEMP B-TREE" not in known


@pytest.mark.parametrize("sort", ["param:lr", "-param:lr"])
def test_numbers_and_texts_of_a_parameter_are_listed_by_an_index_each(
    workspace: Workspace, make_run: MakeRun, sort: str
) -> None:
    for value in (1, 2, "auto"):
        make_run(parameters={"lr": value})
    numbers, texts, _ = walks(workspace, sort, "runs_runparameter")
    assert "COVERING INDEX parameter_number_workspace (workspace_id=? AND key=?" in numbers
    assert "INDEX parameter_text (workspace_id=? AND key=?" in texts
    assert not any("TEMP B-TREE" in each or "SCAN" in each for each in (numbers, texts))


def test_runs_without_a_tag_are_found_by_their_sets(
    workspace: Workspace, alice: User, make_run: MakeRun
) -> None:
    make_run()
    told = plan(workspace, alice, filter="-tag:quality")
    assert "COVERING INDEX run_tag_set (tag_set_id=?)" in told
    assert BY_ID.search(told.splitlines()[0])
    assert "SCAN runs_run" not in told


@pytest.mark.parametrize(
    ("query", "edge"), [("<-7d", "id<?"), (">-7d", "id>?"), ("2026-01-05", "id>? AND id<?")]
)
def test_a_list_of_a_time_begins_at_its_ids(
    workspace: Workspace, alice: User, monkeypatch: pytest.MonkeyPatch, query: str, edge: str
) -> None:
    monkeypatch.setattr(survey, "rare", lambda *_: frozenset())
    told = plan(workspace, alice, filter=f"created:{query}")
    assert f"INDEX run_list (workspace_id=? AND shelf=? AND depth=? AND {edge})" in told
