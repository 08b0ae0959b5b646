"""The lines of charts: reduced to what a screen can show, with every peak."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from runs.access import Actor
from runs.actions import metrics, summaries
from runs.actions.metrics import Row
from runs.models import Metric, MetricChunk, Run, User, Workspace
from runs.queries import lines
from runs.queries.lines import MOST_POINTS
from runs.stores.metrics import POINTS_PER_CHUNK, Point, columns, number_of, pack
from studio.contract.words import MetricKind
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_charts import DATA, LINE, log
from tests.stores.test_metrics import stretch


def drawn(run: Run) -> list[tuple[int, float]]:
    """Return the line of the metric loss of a run."""
    return lines.lines([run], "loss")[run.pk][1]


@pytest.mark.parametrize("count", [3_000, 17_000, 300_000])
def test_a_reduced_line_keeps_its_ends_and_every_peak(make_run: MakeRun, count: int) -> None:
    run = make_run(start=True)
    chance = random.Random(7)
    values = [chance.gauss(0, 1) for _ in range(count)]
    values[count // 2], values[3] = 1e9, -1e9
    log(run, "loss", values)
    points = drawn(run)
    assert 250 < len(points) <= MOST_POINTS
    assert (count // 2, 1e9) in points
    assert (3, -1e9) in points
    assert (points[0], points[-1]) == ((0, values[0]), (count - 1, values[-1]))
    assert points == sorted(points)
    assert all(values[step] == value for step, value in points)


def test_a_line_of_a_thousand_points_is_whole(make_run: MakeRun) -> None:
    run = make_run(start=True)
    log(run, "loss", [float(n % 7) for n in range(1_000)])
    assert drawn(run) == [(n, float(n % 7)) for n in range(1_000)]


def test_a_line_goes_from_left_to_right_in_whatever_order_it_was_logged(make_run: MakeRun) -> None:
    run = make_run(start=True)
    rows = [Row("loss", float(n), step=step) for n, step in enumerate([5, 1, 3, 1])]
    metrics.append(run, by=Actor.of_user(run.created_by), session="s", sequence=0, rows=rows)
    assert drawn(run) == [(1, 1.0), (1, 3.0), (3, 2.0), (5, 0.0)]


def test_many_long_lines_take_three_queries(
    make_run: MakeRun, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    runs = [make_run(start=True) for _ in range(3)]
    for run, count in zip(runs, (5, 20_000, 40_000), strict=True):
        log(run, "loss", [float(n) for n in range(count)])
    with django_assert_num_queries(3):
        found = lines.lines(runs, "loss")
    assert [found[run.pk][1][-1][0] for run in runs] == [4, 19_999, 39_999]


@pytest.mark.parametrize(
    "values",
    [
        [1.5, 2, -3.25],
        [1e308, 1e308, 2.0],
        [1.0, math.nan, 2.0],
        [math.inf, 1.0],
        ["a", 1, None, True, 2.5],
        [],
    ],
)
@pytest.mark.parametrize("steps", ["all", "none", "some"])
def test_the_numbers_of_a_chunk_are_those_of_its_points(values: list[Any], steps: str) -> None:
    every = {"all": 1, "some": 2, "none": len(values) + 1}[steps]
    points = [
        Point(value, 10 * place if place % every == every - 1 else None, 0.0)
        for place, value in enumerate(values)
    ]
    found = columns(pack(stretch(points)), 100)
    expected = [
        (100 + place if point.step is None else point.step, point.time, number_of(point.value))
        for place, point in enumerate(points)
    ]
    assert list(zip(*found, strict=True)) == expected


def test_a_million_points_are_drawn_from_a_few(
    browser: Browser, alice: User, run: Run, workspace: Workspace
) -> None:
    metric = Metric.objects.create(
        workspace=workspace, experiment=run.experiment, run=run, name="loss",
        kind=MetricKind.SCALAR.value, count=1_000 * POINTS_PER_CHUNK, low=0, high=9, last_number=1,
    )  # fmt: skip
    body = pack(stretch([Point(1.0, n, 0.0) for n in range(POINTS_PER_CHUNK)]))
    MetricChunk.objects.bulk_create(
        MetricChunk(metric=metric, number=n, count=POINTS_PER_CHUNK, body=body)
        for n in range(1_000)
    )
    for number in range(1_000):
        summaries.keep(metric.pk, number, body)
    answer = browser(alice).get(DATA, {"chart": json.dumps(LINE)})
    assert 0 < len(answer.json()["marks"][0]["steps"]) <= MOST_POINTS
    assert len(answer.content) < 30_000
