"""Saved views at the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runs.access import Actor
from runs.actions import views
from runs.models import User, Workspace
from studio.cli.ending import NOT_FOUND, USAGE
from studio.sdk import Experiment
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
