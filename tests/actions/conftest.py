"""Tasks for runs, begun as Bob."""

from __future__ import annotations

from typing import Any

import pytest

from runs.access import Actor
from runs.actions import bulk
from runs.models import Run, Task, User, Workspace
from runs.models.task import Kind
from tests.actions.tasks import Begin


@pytest.fixture
def by(bob: User) -> Actor:
    return Actor.of_user(bob)


@pytest.fixture
def begin(workspace: Workspace, by: Actor) -> Begin:
    """Make a task for runs, all by default, and confirm it."""

    def start(kind: Kind, chosen: Any = None, **arguments: Any) -> Task:
        rows = Run.objects.inside(workspace) if chosen is None else chosen
        count = rows.count()
        return bulk.start(workspace, rows, by=by, kind=kind, arguments=arguments, confirm=count)

    return start
