"""Browsers of the cast, and a quick way to fill a list."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from runs.access import Actor
from runs.actions import views
from runs.models import CustomView, User, Workspace
from studio.contract.words import Sharing
from tests.conftest import MakeRun

Browser = Callable[[User], Client]


@pytest.fixture
def browser() -> Browser:
    """Sign a person in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


STATE = {"filter": "tag:quality=good", "columns": [{"id": "name"}, {"id": "tag:quality"}]}


@pytest.fixture
def view(workspace: Workspace, bob: User, make_run: MakeRun) -> CustomView:
    """A view of Bob's that contributors may save, and two runs of which it shows one."""
    make_run(display_name="good", tags={"quality": "good"})
    make_run(display_name="bad", tags={"quality": "bad"})
    view = views.create(workspace, by=Actor.of_user(bob), name="Good runs", state=STATE)
    views.share(view, by=Actor.of_user(bob), sharing=Sharing.EDIT)
    return view
