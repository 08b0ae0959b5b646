"""What there is to filter by: counts by status, and what people have written before."""

from __future__ import annotations

import pytest

from runs.access import Actor
from runs.actions import labels, lifecycle, runs
from runs.models import Run, User, Workspace
from runs.queries import facets, known, language, survey
from runs.queries.runs import RunQuery, matching
from tests.conftest import MakeRun


@pytest.fixture
def labelled(make_run: MakeRun, charlie: User, other_workspace: Workspace) -> None:
    for n in range(6):
        make_run(tags={"Quality": "good" if n % 3 else "Poor", "n": str(n)})
    make_run(tags={"quiet": None, "%": "x"})
    make_run(inside=other_workspace, by=charlie, tags={"theirs": "x"})


@pytest.mark.usefixtures("labelled")
@pytest.mark.parametrize(
    ("begun", "of", "found"),
    [
        ("", None, [("Quality", 6), ("n", 6), ("%", 1), ("quiet", 1)]),
        ("q", None, [("Quality", 6), ("quiet", 1)]),
        ("QUA", None, [("Quality", 6)]),
        ("uality", None, []),
        ("qua", None, [("Quality", 6)]),
        ("%", None, [("%", 1)]),
        ("_", None, []),
        ("theirs", None, []),
        ("", "Quality", [("good", 4), ("Poor", 2)]),
        ("p", "Quality", [("Poor", 2)]),
        ("", "quiet", []),
        ("3", "n", [("3", 1)]),
    ],
)
def test_keys_and_values_are_told_with_their_counts(
    workspace: Workspace, begun: str, of: str | None, found: list[tuple[str, int]]
) -> None:
    assert known.completed("tag", begun, workspace, of=of) == found


def test_keys_and_values_of_parameters_are_told(workspace: Workspace, make_run: MakeRun) -> None:
    for rate in ("0.01", "0.01", "0.1"):
        make_run(parameters={"lr": rate, "Layers": 2})
    assert known.completed("param", "l", workspace) == [("Layers", 3), ("lr", 3)]
    assert known.completed("param", "", workspace, of="lr") == [("0.01", 2), ("0.1", 1)]
    told = facets.complete("tag:a param:lr=0.1", 18, workspace=workspace)
    assert [(each.text, each.count) for each in told] == [("0.1", 1)]


def test_no_more_values_are_counted_than_can_be_soon(
    make_run: MakeRun, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        make_run(tags={"team": "vision", "n": str(n)})
    monkeypatch.setattr(known, "MOST", 3)
    monkeypatch.setattr(known, "_LEAPS", 2)
    assert known.completed("tag", "", workspace, of="team") == [("vision", 3)]
    assert known.completed("tag", "", workspace, of="n") == [("0", 1), ("1", 1)]


@pytest.fixture
def several(make_run: MakeRun, alice: User) -> None:
    by = Actor.of_user(alice)
    for n in range(6):
        run = make_run(start=n % 2 == 0, tags={"even": None} if n % 2 == 0 else {})
        if n == 4:
            lifecycle.complete(run, by=by)
        if n == 5:
            runs.edit(run, by=by, hidden=True)
    labels.set_tags(make_run(parent_run_id=run.run_id, start=True), {"even": None}, by=by)


def numbers(found: facets.Counts) -> dict[str, int]:
    return {bucket.name: bucket.count for bucket in found.buckets if bucket.count}


@pytest.mark.usefixtures("several")
def test_counts_that_are_kept_leave_out_archived_runs(workspace: Workspace) -> None:
    tree = language.parse("")
    found = facets.kept_counts(workspace, tree, include_children=False)
    assert numbers(found) == {"Running": 2, "Completed": 1, "Queued": 2}
    assert (found.total, found.is_more) == (5, False)
    found = facets.kept_counts(workspace, tree, include_children=True)
    assert numbers(found) == {"Running": 3, "Completed": 1, "Queued": 2}


@pytest.mark.usefixtures("several")
def test_of_what_is_common_only_the_newest_are_counted(
    workspace: Workspace, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counts(query: str) -> facets.Counts:
        by, every = Actor.of_user(alice), Run.objects.inside(workspace)
        rows = matching(every, RunQuery(filter=query), workspace=workspace, by=by)
        scope = matching(every, RunQuery(), workspace=workspace, by=by)
        return facets.counts(rows, language.parse(query), scope)

    assert numbers(counts("tag:even")) == {"Running": 2, "Completed": 1}
    monkeypatch.setattr(survey, "FEW", 1)
    assert numbers(counts("tag:even")) == {"Running": 2, "Completed": 1}
    assert not counts("tag:even").is_more
    monkeypatch.setattr(facets, "LOOKED_AT", 3)
    # The newest three of five: one completed, one running, one that waits.
    assert numbers(counts("tag:even")) == {"Running": 1, "Completed": 1}
    assert counts("tag:even").is_more
    assert counts("status:failed tag:even").total == 0
    assert counts("experiment:nothing").total == 0
