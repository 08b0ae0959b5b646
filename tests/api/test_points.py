"""Points of one metric over REST: a window, exactly, with the same rights as the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from runs.access import Actor
from runs.actions import metrics
from runs.actions.metrics import Row
from runs.models import Run, User
from tests.api.conftest import Call


@pytest.fixture
def place(run: Run, alice: User) -> str:
    """Of 3,000 points; the answer to ``place`` and a query are points of them."""
    for start in range(0, 3_000, 1_000):
        rows = [Row("train/loss", n / 7, step=n, time=5e8 + n) for n in range(start, start + 1_000)]
        metrics.append(run, by=Actor.of_user(alice), session="s", sequence=start, rows=rows)
    return f"/workspaces/main/runs/{run.run_id}/metrics/train/loss/points"


def get(call: Call, place: str) -> dict[str, Any]:
    answer = call("GET", place)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
    return found


def test_a_window_holds_each_point_exactly_as_logged(
    api: Callable[..., Call], rita: User, place: str
) -> None:
    found = get(api(rita), f"{place}?from=1500&to=1999")
    assert found["steps"] == list(range(1500, 2000))
    assert found["values"] == [n / 7 for n in range(1500, 2000)]
    assert found["times"] == [5e8 + n for n in range(1500, 2000)]
    assert (found["isAll"], found["count"], found["total"]) == (True, 500, 3000)


def test_of_more_points_the_peaks_are_shown(
    api: Callable[..., Call], alice: User, place: str
) -> None:
    found = get(api(alice), f"{place}?most=100")
    assert not found["isAll"]
    assert len(found["steps"]) <= 102
    assert (found["values"][0], found["values"][-1]) == (0, 2999 / 7)
    assert len(found["means"]) == len(found["values"])


def test_a_window_may_be_of_times_and_of_what_came_since(
    api: Callable[..., Call], alice: User, run: Run, place: str
) -> None:
    call = api(alice)
    assert get(call, f"{place}?x=time&from=500000010&to=500000012")["steps"] == [10, 11, 12]
    origin = get(call, place)["origin"]
    assert run.started_at is not None
    assert origin == run.started_at.timestamp()
    begin = 5e8 + 10 - origin
    assert get(call, f"{place}?x=relative&from={begin}&to={begin + 1.5}")["steps"] == [10, 11]
    assert get(call, f"{place}?after=2998")["steps"] == [2998, 2999]


def test_what_is_no_number_is_null_and_a_text(
    api: Callable[..., Call], alice: User, run: Run
) -> None:
    odd = quote("a b/{c}?#,~ ", safe="")
    rows = [Row("a b/{c}?#,~ ", value) for value in (1.5, float("nan"), "text", float("-inf"))]
    metrics.append(run, by=Actor.of_user(alice), session="s", sequence=0, rows=rows)
    found = get(api(alice), f"/workspaces/main/runs/{run.run_id}/metrics/{odd}/points")
    assert found["values"] == [1.5, None, None, None]
    assert found["valueTexts"] == {"1": "NaN", "2": "text", "3": "-Infinity"}
    assert found["notFinite"] == 3


@pytest.mark.parametrize(
    "asked",
    ["x=place", "from=ten", "to=NaN", "to=1e999", "from=%00", "most=5", "most=20000", "most=1.5",
     "after=-1", "from=0x10", "to=99999999999999999999"],
)  # fmt: skip
def test_a_window_that_cannot_be_is_refused_by_its_field(
    api: Callable[..., Call], alice: User, place: str, asked: str
) -> None:
    answer = api(alice)("GET", f"{place}?{asked}")
    assert answer.status_code == 400
    problem = answer.json()  # type: ignore[attr-defined]
    assert problem["field"] == asked.split("=")[0]
    assert problem["detail"]


def test_a_metric_that_is_not_there_is_not_found(
    api: Callable[..., Call], alice: User, run: Run, charlie: User, place: str
) -> None:
    for name in ("nothing", "train%2Floss2"):
        answer = api(alice)("GET", f"/workspaces/main/runs/{run.run_id}/metrics/{name}/points")
        assert answer.status_code == 404
    assert api(charlie)("GET", place).status_code == 404
