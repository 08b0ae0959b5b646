"""How many runs a group has is counted as far as is soon done, whatever runs are grouped by."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import metrics
from runs.actions.metrics import Row
from runs.models import Run, User, Workspace
from runs.queries import groups, survey
from runs.queries.groups import Count, Groups
from runs.queries.runs import RunQuery, matching
from tests.conftest import MakeRun

VALUES: dict[str, tuple[Any, Any]] = {
    "experiment": ("one", "two"),
    "status": ("Running", "Canceled"),
    "compute": ("sdk", "gpu"),
    "submitter": ("alice", "bob"),
    "type": ("", "pipeline"),
    "name": ("same", "other"),
    "parent": (None, "r0"),
    "exit_code": (None, 3.0),
    "tag:team": ("vision", None),
    "property:node": ("a", None),
    "param:lr": (0.1, "auto"),
    "metric:loss": (0.5, None),
}


@pytest.fixture
def rows(workspace: Workspace, alice: User, bob: User, make_run: MakeRun) -> list[Run]:
    """Four runs with the first value of each column, one with the second."""
    actor = Actor.of_user(alice)
    for number in range(4):
        run = make_run(
            run_id=f"r{number}", experiment_name="one", display_name="same", start=True,
            tags={"team": "vision"}, properties={"node": "a"}, parameters={"lr": 0.1},
        )  # fmt: skip
        metrics.append(run, by=actor, session="s", sequence=0, rows=[Row("loss", 0.5)])
    last = make_run(
        by=bob, experiment_name="two", display_name="other", parent_run_id="r0",
        parameters={"lr": "auto"},
    )  # fmt: skip
    told = {"status": "Canceled", "target": "gpu", "run_type": "pipeline", "exit_code": 3}
    Run.objects.filter(pk=last.pk).update(**told)
    return list(Run.objects.all())


def _groups(
    workspace: Workspace, alice: User, by: str, query: str = "", *, is_whole: bool
) -> Groups:
    asked = RunQuery(filter=query, include_children=True)
    runs = Run.objects.inside(workspace)
    found = matching(runs, asked, workspace=workspace, by=Actor.of_user(alice))
    return Groups(found, groups.check(by), workspace, is_whole)


def test_every_column_that_runs_stand_together_by_is_among_these() -> None:
    assert {name for name in VALUES if ":" not in name} == {*groups.FIXED}


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("few", [-1, survey.FEW])
@pytest.mark.parametrize(("query", "is_whole"), [("", True), ("name:same,other", False)])
@pytest.mark.parametrize("by", VALUES)
def test_the_runs_of_a_group_are_counted(
    workspace: Workspace, alice: User, monkeypatch: pytest.MonkeyPatch,
    by: str, query: str, is_whole: bool, few: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(survey, "FEW", few)
    found = _groups(workspace, alice, by, query, is_whole=is_whole)
    assert found.counts(VALUES[by]) == [Count(4, is_more=False), Count(1, is_more=False)]
    closed = found.without([VALUES[by][0]])
    assert closed.count() == 2


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("by", VALUES)
def test_of_a_large_group_some_are_looked_at(
    workspace: Workspace, alice: User, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(survey, "FEW", -1)
    monkeypatch.setattr(groups, "LOOKED_AT", 2)
    found = _groups(workspace, alice, by, "name:same", is_whole=False)
    (count,) = found.counts(VALUES[by][:1])
    assert count.is_more
    assert count.number <= 2


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("by", VALUES)
def test_many_groups_are_counted_by_as_many_queries_as_one(
    workspace: Workspace, alice: User, by: str
) -> None:
    found = _groups(workspace, alice, by, is_whole=True)
    first = VALUES[by][0]
    counts = []
    for values in ([first], [first] * 20):
        with CaptureQueriesContext(connection) as queries:
            found.counts(values)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by statistics")
@pytest.mark.usefixtures("rows")
def test_runs_of_an_experiment_are_counted_in_an_index(workspace: Workspace, alice: User) -> None:
    asked = RunQuery()
    listed = matching(
        Run.objects.inside(workspace), asked, workspace=workspace, by=Actor.of_user(alice)
    )
    found = Groups(listed, groups.check("experiment"), workspace, is_whole=True)
    with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
        found.counts(["one"])
        cursor.execute(f"EXPLAIN QUERY PLAN {queries[-1]['sql']}")
        told = "\n".join(row[-1] for row in cursor.fetchall())
    assert "COVERING INDEX run_list_experiment (experiment_id=? AND shelf=? AND depth=?" in told
