"""The lines of charts: reduced to what a screen can show, with every peak."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest

from runs.models import Metric, MetricChunk, Run, User, Workspace
from runs.queries import lines
from runs.queries.lines import MOST_POINTS, Line
from runs.stores.metrics import POINTS_PER_CHUNK, Point, pack, series
from studio.contract.words import MetricKind
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_charts import DATA, LINE, log


def test_a_reduced_line_keeps_its_ends_and_every_peak() -> None:
    chance = random.Random(7)
    values = [chance.gauss(0, 1) for _ in range(123_457)]
    values[77_777], values[3] = 1e9, -1e9
    line = Line(len(values))
    for start in range(0, len(values), POINTS_PER_CHUNK):
        part = values[start : start + POINTS_PER_CHUNK]
        line.add(range(start, start + len(part)), part)
    points = line.close()
    assert 500 < len(points) <= MOST_POINTS
    assert (77_777, 1e9) in points
    assert (3, -1e9) in points
    assert (points[0], points[-1]) == ((0, values[0]), (123_456, values[-1]))
    assert points == sorted(points)
    assert all(values[step] == value for step, value in points)


def test_a_line_of_a_thousand_points_is_whole() -> None:
    line = Line(1_000)
    line.add(range(1_000), [float(n % 7) for n in range(1_000)])
    assert line.close() == [(n, float(n % 7)) for n in range(1_000)]


def test_a_line_goes_from_left_to_right_in_whatever_order_it_was_logged() -> None:
    line = Line(4)
    line.add([5, 1, 3, 1], [0.0, 1.0, 2.0, 3.0])
    assert line.close() == [(1, 1.0), (1, 3.0), (3, 2.0), (5, 0.0)]


def test_chunks_that_are_too_many_to_be_read_still_show_their_peaks(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(start=True)
    values = [float(n % 100) for n in range(5_000)]
    values[2_500] = 1e6
    log(run, "loss", values)
    whole = lines.lines([run], "loss")[run.pk][1]
    monkeypatch.setattr(lines, "_FEWEST_CHUNKS", 2)
    monkeypatch.setattr(lines, "_MOST_CHUNKS", 2)
    rough = lines.lines([run], "loss")[run.pk][1]
    assert len(rough) == 10
    assert max(value for _, value in rough) == max(value for _, value in whole) == 1e6
    assert min(value for _, value in rough) == 0.0
    assert [step for step, _ in rough] == sorted(step for step, _ in rough)
    assert rough[-1][0] == 4_999


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
    found_steps, found_values = series(pack(points), 100)
    expected = [
        (point.step if point.step is not None else 100 + place, float(point.value))
        for place, point in enumerate(points)
        if isinstance(point.value, int | float) and math.isfinite(point.value)
    ]
    assert list(zip(found_steps, found_values, strict=True)) == expected


def test_a_million_points_are_drawn_from_a_few(
    browser: Browser, alice: User, run: Run, workspace: Workspace
) -> None:
    metric = Metric.objects.create(
        workspace=workspace, experiment=run.experiment, run=run, name="loss",
        kind=MetricKind.SCALAR.value, count=1_000 * POINTS_PER_CHUNK, low=0, high=9, last_number=1,
    )  # fmt: skip
    body = pack([Point(1.0, n, 0.0) for n in range(POINTS_PER_CHUNK)])
    MetricChunk.objects.bulk_create(
        MetricChunk(metric=metric, number=n, count=POINTS_PER_CHUNK, low=1, high=1, body=body)
        for n in range(1_000)
    )
    answer = browser(alice).get(DATA, {"chart": json.dumps(LINE)})
    assert len(answer.json()["marks"][0]["steps"]) <= MOST_POINTS
    assert len(answer.content) < 30_000
