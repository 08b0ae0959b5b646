"""Every route, every method and every kind of caller against ``table.toml``; and no look changes a row."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver

from runs.actions import tokens
from runs.api.auth import Needs
from runs.api.door import Door, Nowhere
from runs.api.v1 import api as v1
from runs.models import Run, User
from studio.contract.words import Scope
from tests.api.conftest import caller
from tests.api.test_rights import ask
from tests.conftest import MakeRun

TABLE: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("table.toml").read_text(encoding="utf-8")
)
CALLERS = {right: set(names.split()) for right, names in TABLE["callers"].items()}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PEOPLE = ("owner", "contributor", "reader", "write-token", "read-token")
# Of a page, as of a file of the system, both are told apart by what follows the name.
_PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\([^)]*\)|[^)])+\)")
# A note that somebody was here, or took an export along, changes nothing that anybody has made.
_BOOKKEEPING = ("runs_session", '"last_used_at"', 'INSERT INTO "runs_auditevent"')
_CHANGE = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.I)


def patterns() -> Iterator[tuple[str, Any]]:
    pending: list[tuple[str, Any]] = [("", each) for each in get_resolver().url_patterns]
    while pending:
        before, pattern = pending.pop()
        place = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield place, pattern.callback
        else:
            pending += [(place, each) for each in pattern.url_patterns]


PAGES = {place: view for place, view in patterns() if not isinstance(view, Door | Nowhere)}
ROUTES = {
    f"{method} {path}": operation
    for path, operations in v1.operations()
    for operation in operations
    for method in operation.methods
}


def address(place: str, run: Run, workspace: str = "main") -> str:
    parts = {
        "ws": workspace,
        "run_id": run.run_id,
        "number": str(run.experiment_id),
        "slug": "known",
        "format": "csv",
        "username": "rita",
        "secret": "x" * 43,
        "token": "x" * 43,
        "path": "outputs/a.txt",
        "tab": "nowhere",
        "name": "list",
        "step": "create",
    }
    filled = _PART.sub(lambda part: parts[part[1] or part[2]], place)
    return "/" + filled.strip("^$").replace("\\", "")


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert set(TABLE["pages"]) == set(PAGES)
    assert set(TABLE["api"]) == set(ROUTES)


def test_every_row_says_what_the_route_declares() -> None:
    told = {place: row.split()[0] for place, row in TABLE["pages"].items()}
    assert told == {place: view.opens_to for place, view in PAGES.items()}
    for name, operation in ROUTES.items():
        needs = next(iter(operation.auth_callbacks), None)
        right = needs.right.value if isinstance(needs, Needs) else "everybody"
        assert TABLE["api"][name] == right, name


def browsers(cast: dict[str, User], run: Run) -> dict[str, Client]:
    """Return a browser for each who could come to a page."""
    found = {name: Client(raise_request_exception=False) for name in ("nobody", *cast)}
    for name, user in cast.items():
        found[name].force_login(user)
    # Pages know no tokens: who shows one is nobody.
    for scope in ("read", "write"):
        plain = tokens.issue(cast["owner"], scope, scopes=[Scope(scope)])
        shown = {"Authorization": f"Bearer {plain}"}
        found[f"{scope}-token"] = Client(raise_request_exception=False, headers=shown)
    plain = tokens.issue(cast["owner"], "run", run=run)
    shown = {"Authorization": f"Bearer {plain}"}
    found["run-token"] = Client(raise_request_exception=False, headers=shown)
    User.objects.filter(pk=cast["disabled"].pk).update(is_active=False)
    return found


def tried(client: Client, method: str, place: str) -> tuple[Any, bytes]:
    """Ask, and let nothing that it changed stay; return the answer and its body."""
    cookies = client.cookies.output(header="", sep="; ")
    with transaction.atomic():
        answer = client.generic(method, place)
        body = answer.getvalue() if answer.streaming else answer.content
        transaction.set_rollback(True)
    client.cookies.load(cookies)
    return answer, body


@pytest.mark.parametrize("place", PAGES, ids=lambda place: place or "home")
def test_each_page_opens_to_whom_the_table_says(
    cast: dict[str, User], subject: Run, place: str
) -> None:
    door, *methods = TABLE["pages"][place].split()
    served = {*methods, "HEAD"} if "GET" in methods else set(methods)
    here, nowhere = address(place, subject), address(place, subject, "nowhere")
    for name, client in browsers(cast, subject).items():
        is_in = name in cast and name != "disabled"
        for method in METHODS:
            answer, body = tried(client, method, here)
            status, said = answer.status_code, f"{method} by {name}: {answer.status_code}"
            assert status < 500, said
            # Which methods there are is no secret, and told before or behind the door.
            if not is_in and door == "people" and status == 302:
                continue
            assert (status == 405) == (method not in served), said
            if status == 405 or door == "everybody":
                continue
            if not is_in:
                assert status == 302, said
                assert answer["Location"].startswith("/sign-in/?next="), said
            elif door == "people":
                # Who may make a workspace is a question of its own.
                assert status != 401, said
            elif name == "outsider":
                assert status == 404, said
                assert body == tried(client, method, nowhere)[1], said
            else:
                assert (status == 403) == (name not in CALLERS[door]), said


@pytest.fixture
def api_callers(api_tokens: dict[str, str]) -> dict[str, Callable[..., Any]]:
    return {name: caller(token) for name, token in api_tokens.items()}


@pytest.mark.parametrize("name", ROUTES)
def test_each_route_of_the_api_answers_as_the_table_says(
    api_callers: dict[str, Callable[..., Any]], subject: Run, make_run: MakeRun, name: str
) -> None:
    led = make_run(run_id="led", start=True)
    method, _, path = name.partition(" ")
    right = TABLE["api"][name]
    for who, call in api_callers.items():
        with transaction.atomic():
            # A runner leads the subject, so people are tried on a run that its own script leads.
            answer = ask(call, method, path, led if who in PEOPLE else subject)
            transaction.set_rollback(True)
        status, said = answer.status_code, f"{who}: {answer.status_code}"
        assert status < 500, said
        if right == "everybody":
            assert status == 200, said
        elif who in ("nobody", "disabled", "expired", "revoked"):
            assert status == 401, said
        elif "{ws}" not in path:
            assert status == 200, said
        elif who == "outsider":
            assert status == 404, said
        elif who not in CALLERS[right]:
            assert status in (403, 404), said
        elif who in PEOPLE:
            assert status not in (401, 403), said


def test_no_look_changes_a_row(cast: dict[str, User], subject: Run) -> None:
    client = Client()
    client.force_login(cast["owner"])
    call = caller(tokens.issue(cast["owner"], "t"))
    looked = 0
    with CaptureQueriesContext(connection) as queries:
        for place, row in TABLE["pages"].items():
            if "GET" in row.split():
                for method in ("GET", "HEAD"):
                    answer = client.generic(method, address(place, subject))
                    looked += bool(answer.getvalue() if answer.streaming else answer.content)
        for name in TABLE["api"]:
            method, _, path = name.partition(" ")
            if method == "GET":
                ask(call, method, path, subject)
    changes = [
        each["sql"]
        for each in queries
        if _CHANGE.match(each["sql"]) and not any(word in each["sql"] for word in _BOOKKEEPING)
    ]
    assert looked > 50
    assert changes == []
