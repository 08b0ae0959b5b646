"""Any order, page by page, forwards and backwards: each run once, and what is missing last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import labels, metrics
from runs.actions.metrics import Row
from runs.actions.refused import Refused
from runs.actions.text import finite_number
from runs.models import Run, User, Workspace
from runs.models.run import RunQuerySet
from runs.queries import columns, order
from tests.conftest import MakeRun

SORTS = [
    "-created", "created", "name", "-name", "status", "-experiment", "started", "-ended",
    "duration", "-duration", "tag:quality", "-tag:quality", "property:author", "metric:loss",
    "-metric:loss", "metric:loss.min", "-metric:loss.max", "number", "exit_code", "-exit_code",
    "-parent", "param:depth", "-param:depth",
    "-status", "experiment", "compute", "-submitter", "type",
]  # fmt: skip


@pytest.fixture
def many(make_run: MakeRun, alice: User) -> list[Run]:
    by = Actor.of_user(alice)
    found = []
    for n in range(23):
        run = make_run(
            run_id=f"r{n}",
            start=n % 3 > 0,
            experiment_name=f"e{n % 3}",
            display_name=f"name {n % 5}",
            parent_run_id="r0" if n in (5, 6) else "",
        )
        if n % 2:
            labels.set_tags(run, {"quality": "abc"[n % 3]}, by=by)
        if n % 4 == 0:
            labels.set_tags(run, {"quality": None}, by=by)
        if n % 5 == 0:
            labels.add_properties(run, {"author": f"a{n}"}, by=by)
        if n % 6:
            # Numbers, some of them alike, and texts; texts in the order of numbers would stand otherwise.
            depth = ("10", "9", "1e1", "deep", "2.5", "a bit")[n % 6 if n < 18 else 0]
            labels.log_parameters(run, {"depth": depth}, by=by)
        if n % 3:
            rows = [Row("loss", value) for value in (n % 7, float("nan") if n == 4 else n % 4)]
            metrics.append(run, by=by, session="s", sequence=0, rows=rows)
            ended = timezone.now() + timedelta(seconds=n % 6) if n % 2 else None
            took = (ended - run.started_at).total_seconds() if ended and run.started_at else None
            Run.objects.filter(pk=run.pk).update(ended_at=ended, seconds=took)
        found.append(run)
    return found


def naive(runs: list[Run], by: tuple[order.Key, ...]) -> list[str]:
    """Sort as a person would, slowly."""
    fresh = list(Run.objects.with_names().filter(pk__in=[run.pk for run in runs]))
    shown = {
        run.pk: values
        for run, values in zip(
            fresh, columns.values(fresh, [key.column for key in by]), strict=True
        )
    }

    def value(run: Run, place: int) -> Any:
        found = shown[run.pk][place]
        if by[place].column.id == "created":
            return run.pk
        if by[place].column.id == "duration" and run.ended_at is None:
            return None
        is_no_number = by[place].column.kind == "metric" and isinstance(found, str)
        if by[place].column.kind == "param" and found is not None:
            number = finite_number(found)
            # Numbers come first, whichever way the list runs.
            is_text = number is None
            return (is_text != by[place].descending, found if is_text else number)
        return None if found is True or is_no_number else found

    result = sorted(fresh, key=lambda run: run.pk, reverse=by[-1].descending)
    for place, key in reversed(list(enumerate(by))):
        have = [run for run in result if value(run, place) is not None]
        have.sort(key=lambda run, place=place: value(run, place), reverse=key.descending)  # type: ignore[misc]
        result = have + [run for run in result if value(run, place) is None]
    return [run.run_id for run in result]


def walked(workspace: Workspace, by: tuple[order.Key, ...], limit: int) -> list[str]:
    """Go through all pages forwards, then check that all pages backwards are the same."""
    rows = Run.objects.inside(workspace)
    pages = [order.page(rows, by, limit, workspace=workspace)]
    assert pages[0].before == ""
    while pages[-1].after:
        pages.append(order.page(rows, by, limit, workspace=workspace, after=pages[-1].after))
    back = pages[-1]
    for earlier in reversed(pages[:-1]):
        back = order.page(rows, by, limit, workspace=workspace, before=back.before)
        assert [run.pk for run in back.runs] == [run.pk for run in earlier.runs]
    assert back.before == ""
    return [run.run_id for page in pages for run in page.runs]


@pytest.mark.parametrize("are_few", [True, False])
@pytest.mark.parametrize("sort", SORTS)
def test_every_run_comes_once_in_its_place(
    many: list[Run], workspace: Workspace, sort: str, are_few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunQuerySet, "are_few", are_few)
    by = order.keys([sort])
    assert walked(workspace, by, 5) == naive(many, by)


@pytest.mark.parametrize(
    "names",
    [
        ["status", "-metric:loss"],
        ["-tag:quality", "name"],
        ["experiment", "-created"],
        ["param:depth", "-name"],
        ["status", "-param:depth"],
        ["-experiment", "tag:quality"],
        ["compute", "-started"],
        ["submitter", "name"],
    ],
)
def test_a_second_column_orders_what_is_alike(
    many: list[Run], workspace: Workspace, names: list[str]
) -> None:
    by = order.keys(names)
    assert walked(workspace, by, 4) == naive(many, by)


@pytest.mark.parametrize("bad", ["nonsense", "tags", "-", "metric:", "tag", "x:y", ""])
def test_what_has_no_order_is_refused(bad: str) -> None:
    with pytest.raises(Refused) as caught:
        order.keys([bad])
    assert caught.value.field == "sort"
    with pytest.raises(Refused, match="up to 2"):
        order.keys(["name", "status", "created"])


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda b: b.hex()))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cursor_that_nobody_gave_out_is_refused(workspace: Workspace, cursor: str) -> None:
    rows = Run.objects.inside(workspace)
    for sort in ("metric:loss", "-started", "name", "param:depth"):
        if cursor:
            with pytest.raises(Refused):
                order.page(rows, order.keys([sort]), 5, workspace=workspace, after=cursor)


@pytest.mark.parametrize(
    "sort", ["started", "name", "metric:loss", "param:depth", "duration", "number"]
)
@pytest.mark.parametrize(
    "place", [["x", 1], [1, 1], [None, 1], [1e308, 1], [True, 1], [{"time": "2026-01-01"}, 1],
              [{"seconds": 1e300}, 1], [{"seconds": "nan"}, 1], [[1], 1], ["\0", 1], [2**70, 1]]
)  # fmt: skip
def test_a_forged_cursor_does_no_harm(workspace: Workspace, sort: str, place: list[Any]) -> None:
    import base64
    import json

    cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    rows = Run.objects.inside(workspace)
    try:
        found = order.page(rows, order.keys([sort]), 5, workspace=workspace, after=cursor)
    except Refused:
        return
    assert found.runs == []


def test_the_values_of_all_columns_take_one_more_query(
    many: list[Run], workspace: Workspace, django_assert_num_queries: Any
) -> None:
    wanted = columns.columns([*columns.FIXED, "tag:quality", "property:author", "metric:loss",
                              "metric:loss.min"])  # fmt: skip
    runs = list(Run.objects.with_names().order_by("pk"))
    with django_assert_num_queries(1):
        shown = columns.values(runs, wanted)
    row = dict(zip([c.id for c in wanted], shown[1], strict=True))
    assert (row["name"], row["experiment"], row["tag:quality"], row["property:author"]) == (
        "name 1",
        "e1",
        "b",
        None,
    )
    assert (row["metric:loss"], row["metric:loss.min"]) == (1.0, 1.0)
    flagged = dict(zip([c.id for c in wanted], shown[4], strict=True))
    assert flagged["tag:quality"] is True
    assert flagged["metric:loss"] == "nan"
