"""Saved views at the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runs.access import Actor
from runs.actions import views
from runs.models import User, Workspace
from studio.cli.ending import NOT_FOUND, USAGE
from studio.sdk import Experiment, UserErrorException
from tests.cli.conftest import Cli


def test_a_view_lists_its_runs(
    experiment: Experiment, cli: Cli, result: Callable[..., Any]
) -> None:
    good = experiment.start_logging(
        snapshot_directory=None, outputs=False, tags={"quality": "good"}
    )
    child = good.child_run()
    child.tag("quality", "good")
    other = experiment.start_logging(snapshot_directory=None, outputs=False)
    for run in (child, good, other):
        run.complete()
    workspace = Workspace.objects.get(name="main")
    alice = Actor.of_user(User.objects.get(username="alice"))
    state = {"filter": "tag:quality=good", "children": True}
    view = views.create(workspace, by=alice, name="Good runs", state=state)
    assert [v["slug"] for v in result("view", "list")] == [view.slug]
    for wanted in (view.slug, "Good runs"):
        assert [r["runId"] for r in result("view", "show", wanted)] == [child.id, good.id]
    assert [r["runId"] for r in result("view", "show", view.slug, "--last", "1")] == [child.id]
    assert result("view", "show", view.slug, "--query", "[].tags.quality") == ["good", "good"]
    views.create(workspace, by=alice, name="Good runs", state=state)
    code, _, told = cli("view", "show", "Good runs")
    assert code == USAGE
    assert view.slug in told
    code, _, told = cli("view", "show", "never")
    assert code == NOT_FOUND
    assert view.slug in told


def test_a_view_has_its_own_order_in_every_list(
    experiment: Experiment, cli: Cli, result: Callable[..., Any]
) -> None:
    for name, value in {"low": 0.1, "high": 0.9, "none": None}.items():
        run = experiment.start_logging(run_id=name, snapshot_directory=None, outputs=False)
        if value is not None:
            run.log("accuracy", value)
        run.complete()
    other = Experiment(experiment.workspace, "other")
    other.start_logging(run_id="best", snapshot_directory=None, outputs=False).complete()
    workspace = Workspace.objects.get(name="main")
    alice = Actor.of_user(User.objects.get(username="alice"))
    state = {"filter": "status:completed", "sort": ["metric:accuracy", "-name"]}
    view = views.create(workspace, by=alice, name="Worst first", state=state)

    def ids(*words: str) -> list[str]:
        return [run["runId"] for run in result(*words)]

    here = ("run", "list", "-e", experiment.name)
    assert ids("view", "show", "Worst first")[:2] == ["low", "high"]
    assert ids("run", "list", "--view", view.slug) == ids("view", "show", view.slug)
    assert ids(*here, "--view", "Worst first") == ["low", "high", "none"]
    assert ids(*here, "--view", view.slug, "--sort=-metric:accuracy") == ["high", "low", "none"]
    assert ids(*here, "--sort", "id", "--last", "2") == ["high", "low"]
    code, _, told = cli("run", "list", "--sort", "colour")
    assert code == USAGE
    assert "field sort" in told
    assert cli("run", "list", "--view", "never")[0] == NOT_FOUND

    studio = experiment.workspace
    assert [run.id for run in studio.list_runs(view="Worst first")][:2] == ["low", "high"]
    found = studio.list_runs(filter="metric:accuracy>0", sort=["-metric:accuracy"])
    assert [run.id for run in found] == ["high", "low"]
    found = experiment.get_runs(view=view.slug, filter="-metric:accuracy")
    assert [run.id for run in found] == ["none"]
    with pytest.raises(UserErrorException, match="no view"):
        studio.list_runs(view="never")
