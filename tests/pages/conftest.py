"""Browsers of the cast, and a quick way to fill a list."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from runs.access import Actor
from runs.actions import logs, metrics, views
from runs.actions.metrics import Row
from runs.models import CustomView, Run, User, Workspace
from studio.contract.words import Sharing
from tests.conftest import MakeRun

Browser = Callable[[User], Client]
Log = Callable[..., None]


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


@pytest.fixture
def log(run: Run, alice: User) -> Log:
    """Log rows to the run."""
    calls: list[int] = []

    def log(*rows: Row) -> None:
        calls.append(1)
        session = f"s{len(calls)}"
        for start in range(0, len(rows), 1_000):
            batch = rows[start : start + 1_000]
            metrics.append(
                run, by=Actor.of_user(alice), session=session, sequence=start, rows=batch
            )

    return log


def tab(run: Run, part: str = "") -> str:
    """Return the address of the Metrics tab, or of a part of it."""
    return f"/w/main/runs/{run.run_id}/metrics/{part}"


def told(browser: Browser, user: User, address: str, **asked: str | int) -> dict[str, Any]:
    """Return the JSON of an address."""
    answer = browser(user).get(address, asked)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


LOG = "user_logs/std_log.txt"


def print_to(run: Run, by: Actor, data: bytes, path: str = LOG) -> None:
    """Let a run print so much more."""
    for start in range(0, len(data), 900_000):
        sent = sum(log.size for log in run.logs.filter(path=path))
        piece = data[start : start + 900_000]
        logs.append(run, by=by, path=path, session="s", sequence=sent, data=piece)


def shown_lines(html: str) -> list[tuple[int, str]]:
    """Return the numbers and the HTML of the lines on a page."""
    found = re.findall(r'href="#L(\d+)"[^>]*>\1</a><span class="log-text">(.*?)</span></li>', html)
    return [(int(number), text) for number, text in found]
