"""Lines of a log by number and by what is in them, over REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import logs
from runs.models import LogFile, Run, User
from runs.stores import logs as log_store
from tests.api.conftest import Call


@pytest.fixture
def ask(
    api: Callable[..., Call], alice: User, workspace: object, run: Run
) -> Callable[..., dict[str, Any]]:
    """Ask about a log of 3,000 lines, and one that is begun."""
    text = b"".join(b"line %d\n" % n for n in range(1, 3_001)) + b"\x1b[1mline\x1b[0m 3001"
    logs.append(
        run, by=Actor.of_user(alice), path="user_logs/std_log.txt", session="s", sequence=0,
        data=text,
    )  # fmt: skip
    call = api(alice)

    def get(place: str, status: int = 200) -> dict[str, Any]:
        answer: Any = call("GET", f"/workspaces/main/runs/{run.run_id}/logs/{place}")
        assert answer.status_code == status, answer.content
        told: dict[str, Any] = answer.json()
        return told

    return get


def test_lines_are_read_from_any_number(ask: Callable[..., dict[str, Any]]) -> None:
    told = ask("lines?first=120&last=122")
    assert [item["text"] for item in told["items"]] == ["line 120", "line 121", "line 122"]
    assert (told["next"], told["total"]) == (None, 3001)
    told = ask("lines?first=2999&limit=1")
    assert [item["line"] for item in told["items"]] == [2999]
    assert told["next"] == 3000
    told = ask("lines?first=3000")
    assert [item["text"] for item in told["items"]] == ["line 3000", "line 3001"]
    assert told["next"] is None
    assert ask("lines?first=4000") == {"items": [], "next": None, "total": 3001}


def test_pages_of_lines_join(ask: Callable[..., dict[str, Any]]) -> None:
    seen: list[int] = []
    place: int | None = 1
    while place is not None:
        told = ask(f"lines?first={place}&limit=700")
        seen += [item["line"] for item in told["items"]]
        place = told["next"]
    assert seen == list(range(1, 3_002))


def test_lines_are_found_page_by_page(ask: Callable[..., dict[str, Any]]) -> None:
    told = ask("search?text=LINE%2030&limit=2")
    assert told["items"] == [
        {"line": 30, "text": "line 30", "spans": [[0, 7]]},
        {"line": 300, "text": "line 300", "spans": [[0, 7]]},
    ]
    assert told["complete"] is False
    more = ask(f"search?text=LINE%2030&first={told['next']}")
    assert [item["line"] for item in more["items"]] == [*range(301, 310), 3000, 3001]
    assert (more["complete"], more["count"]) == (True, 11)
    assert ask("search?text=LINE%2030&case=true")["items"] == []


def test_lines_are_counted_and_found_backwards(ask: Callable[..., dict[str, Any]]) -> None:
    assert ask("search?text=line&limit=0")["count"] == 3001
    back = ask("search?text=line%2030&backwards=true&last=3000&limit=2")
    assert [item["line"] for item in back["items"]] == [3000, 309]
    assert ask("search?regex=true&text=%5Eline%20%5Cd%24&limit=0")["count"] == 9


def test_lines_tell_when_they_arrived(ask: Callable[..., dict[str, Any]]) -> None:
    (line,) = ask("lines?first=7&limit=1")["items"]
    arrived = datetime.fromisoformat(line["timeUtc"])
    assert abs((datetime.now(UTC) - arrived).total_seconds()) < 600
    found = ask("search?text=line%2030&times=true&backwards=true&last=3001&limit=2")["items"]
    assert [(item["line"], item["timeUtc"]) for item in found] == [
        (3001, line["timeUtc"]),
        (3000, line["timeUtc"]),
    ]
    assert "timeUtc" not in ask("search?text=line&limit=1")["items"][0]
    path = log_store.path_of(LogFile.objects.get())
    path.with_name(f"{path.name}.times").unlink()
    assert ask("lines?first=7&limit=1")["items"][0]["timeUtc"] is None


@pytest.mark.parametrize(
    ("place", "status", "field"),
    [
        ("search", 400, "text"),
        ("search?text=(&regex=true", 400, "text"),
        ("search?text=x&errors=true", 400, "errors"),
        ("search?text=x&limit=0&backwards=true", 400, "limit"),
        ("search?text=x&limit=1001", 400, "limit"),
        ("search?text=x&first=9&last=8", 400, "last"),
        ("lines?first=9&last=8", 400, "last"),
        ("lines?first=0", 400, "first"),
        ("lines?first=x", 400, "first"),
        ("lines?path=nowhere", 404, None),
        ("search?path=nowhere&text=x", 404, None),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    ask: Callable[..., dict[str, Any]], place: str, status: int, field: str | None
) -> None:
    told = ask(place, status)
    assert told.get("field") == field
    assert told["detail"]


def test_a_line_costs_the_same_number_of_queries_wherever_it_is(
    ask: Callable[..., dict[str, Any]],
) -> None:
    counts = []
    for place in ("lines?first=1", "lines?first=2900", "search?text=line%203000"):
        ask(place)
        with CaptureQueriesContext(connection) as caught:
            ask(place)
        counts.append(len(caught))
    assert len(set(counts)) == 1
