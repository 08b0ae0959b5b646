"""Points of a window: exact where they are few, and no peak is lost where they are many."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs.access import Actor
from runs.actions import metrics
from runs.actions.metrics import Row
from runs.models import Metric, MetricSummary, Run, User
from runs.queries import points as module
from runs.queries.points import Found, Window, points
from runs.stores import pyramid
from runs.stores.metrics import Point, Value, number_of
from studio.contract.words import MetricKind

Log = Callable[[str, Sequence[Point]], Metric]


@pytest.fixture
def log(run: Run, alice: User) -> Log:
    calls = itertools.count()

    def log(name: str, logged: Sequence[Point]) -> Metric:
        call = next(calls)
        rows = [Row(name, p.value, MetricKind.SCALAR, step=p.step, time=p.time) for p in logged]
        for start in range(0, len(rows), 1_000):
            batch = rows[start : start + 1_000]
            sequence, session = start, f"s{call}"
            metrics.append(
                run, by=Actor.of_user(alice), session=session, sequence=sequence, rows=batch
            )
        return Metric.objects.get(run=run, name=name)

    return log


def series(count: int, seed: int = 1, *, broken: float = 0.0) -> list[Point]:
    chance = random.Random(seed)
    value, found = 0.0, []
    for n in range(count):
        value += chance.gauss(0, 1)
        seen = math.nan if chance.random() < broken else value
        found.append(Point(seen, n, 1_000.0 + n / 8))
    return found


def drawn(found: Found) -> list[tuple[int, float, float | None]]:
    return list(zip(found.steps, found.times, found.values, strict=True))


def naive(logged: Sequence[Point], window: Window) -> list[tuple[int, float, float | None]]:
    """Every point of a window, by the axis, in the order of logging."""
    found = []
    for place, point in enumerate(logged):
        step = place if point.step is None else point.step
        x = step if window.x == "step" else point.time
        if place < window.after or (window.low is not None and x < window.low):
            continue
        if window.high is None or x <= window.high:
            found.append((step, point.time, number_of(point.value)))
    return sorted(found, key=lambda row: row[0] if window.x == "step" else row[1])


def check(metric: Metric, logged: Sequence[Point], window: Window, *, exact: bool = True) -> Found:
    """Compare with what reading everything would give."""
    found, every = points(metric, window), naive(logged, window)
    numbers = [value for _, _, value in every if value is not None]
    if exact:
        assert found.count == len(every)
        assert found.not_finite == len(every) - len(numbers)
        assert found.is_all == (len(every) <= window.most)
    if found.is_all and exact:
        assert drawn(found) == every
        return found
    shown = [row for row in drawn(found) if row[2] is not None]
    assert set(shown) <= set(every)
    assert len(found.values) <= window.most + 2
    if numbers and exact:
        given_ = [value for _, _, value in shown if value is not None]
        assert (min(given_), max(given_)) == (min(numbers), max(numbers))
        first = next(row for row in every if row[2] is not None)
        assert first in shown
    axis = found.steps if window.x == "step" else found.times
    assert list(axis) == sorted(axis)
    return found


def test_every_level_tells_what_reading_the_points_would(log: Log) -> None:
    logged = series(40 * 1_024 + 17, broken=0.01)
    metric = log("loss", logged)
    assert sorted(metric.summaries.values_list("level", "number")) == [
        *((1, n) for n in range(40)),
        *((2, n) for n in range(2)),
    ]
    for row in metric.summaries.all():
        size = pyramid.points_of(row.level)
        for n, told in enumerate(pyramid.summaries(pyramid.unpack([bytes(row.body)]))):
            start = (row.number * pyramid.FAN + n) * size
            part = logged[start : start + size]
            given_ = [p for p in part if number_of(p.value) is not None]
            low = min(given_, key=lambda p: number_of(p.value) or 0.0)
            high = max(given_, key=lambda p: number_of(p.value) or 0.0)
            assert (told.points, told.finite) == (len(part), len(given_))
            assert told.total == pytest.approx(sum(number_of(p.value) or 0.0 for p in given_))
            assert (told.step_least, told.step_most) == (start, start + size - 1)
            assert (told.low, told.low_step, told.low_time) == low
            assert (told.high, told.high_step, told.high_time) == high
            assert (told.first, told.first_step) == given_[0][:2]
            assert (told.last, told.last_step) == given_[-1][:2]


@pytest.mark.parametrize("x", ["step", "time"])
def test_no_peak_is_lost_far_out_and_no_value_changed_near(log: Log, x: str) -> None:
    logged = series(40_000, broken=0.002)
    metric = log("loss", logged)
    for low, high in ((0, 40_000), (100, 39_000), (5_000, 5_900), (17, 17), (39_990, 50_000)):
        begin, end = (low, high) if x == "step" else (1_000.0 + low / 8, 1_000.0 + high / 8)
        for most in (100, 1_000):
            check(metric, logged, Window(x, begin, end, most=most))
    check(metric, logged, Window(x, most=400))


def test_each_pixel_has_the_least_and_the_most_that_it_holds(log: Log) -> None:
    logged = series(16_384)
    found = check(log("loss", logged), logged, Window(most=256))
    # 128 pixels of 128 points: each is two summaries of level 1, so nothing is rounded.
    for pixel in range(127):
        inside = {v for _, _, v in naive(logged, Window(low=pixel * 128, high=pixel * 128 + 127))}
        shown = {v for s, _, v in drawn(found) if pixel * 128 <= s < (pixel + 1) * 128}
        assert {min(inside), max(inside)} <= shown  # type: ignore[type-var]
        mean = next(m for s, m in zip(found.steps, found.means, strict=True) if s // 128 == pixel)
        assert mean == pytest.approx(sum(v or 0.0 for v in inside) / 128, rel=0.2, abs=2)


def told(found: Found) -> list[tuple[float, int]]:
    """Return the means of an answer, and of how many numbers each is."""
    means, counts = found.means or found.values, found.counts or [1] * len(found.values)
    pairs = zip(means, counts, strict=True)
    return [(mean, count) for mean, count in pairs if mean is not None]


def smoothed(parts: list[tuple[float, int]], weight: float) -> float:
    """Return where the line ends that the pages draw: each part pulls as its numbers would."""
    mean = share = 0.0
    for value, count in parts:
        kept = weight**count
        mean, share = kept * mean + (1 - kept) * value, kept * share + (1 - kept)
    return mean / share


def spread(numbers: Sequence[float]) -> float:
    return max(numbers) - min(numbers)


@pytest.mark.parametrize("weight", [0.2, 0.6, 0.95])
@pytest.mark.parametrize("begin", [1_000, 17_003, 38_000])
def test_what_lies_before_a_window_smooths_it_as_the_whole_line(
    log: Log, begin: int, weight: float
) -> None:
    logged = series(40_000, broken=0.002)
    metric = log("loss", logged)
    # A point of the whole picture stands for 40.
    kept = weight ** (1 / 40)
    numbers = [n for p in logged[: begin + 201] if (n := number_of(p.value)) is not None]
    before = told(points(metric, Window(high=begin)))
    inside = told(points(metric, Window(low=begin + 1, high=begin + 200)))
    assert sum(count for _, count in [*before, *inside]) == len(numbers)
    exact = smoothed([(number, 1) for number in numbers], kept)
    # What is not known of the numbers before is how they lie in a pixel, of which there are 500.
    pixel = begin // 500
    parts = [numbers[n : n + pixel] for n in range(0, begin, pixel)]
    assert abs(smoothed([*before, *inside], kept) - exact) <= max(map(spread, parts)) / 10


VALUES = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(2**60), 2**60),
    st.booleans(),
    st.sampled_from(["text", None, math.nan]),
)
STEPS = st.one_of(st.none(), st.integers(-50, 50), st.integers(-(2**63), 2**63 - 1))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.builds(Point, VALUES, STEPS, st.floats(0, 1e9)), min_size=1, max_size=12),
    st.integers(1, 2_600),
    st.sampled_from(["step", "time"]),
    st.tuples(st.integers(-60, 60), st.integers(0, 60)) | st.none(),
    st.integers(0, 2_700),
    st.sampled_from([10, 300, 5_000]),
    st.randoms(use_true_random=False),
)
def test_whatever_was_logged_is_told_as_reading_everything_would(
    log: Log,
    some: list[Point],
    count: int,
    x: str,
    between: tuple[int, int] | None,
    after: int,
    most: int,
    chance: random.Random,
) -> None:
    Metric.objects.all().delete()
    logged = [chance.choice(some) for _ in range(count)]
    low, high = (between[0], sum(between)) if between else (None, None)
    check(log("loss", logged), logged, Window(x, low, high, after, most))


def test_repeated_steps_and_a_resumed_run_are_all_there(log: Log) -> None:
    logged = [*series(6_000), *[Point(-float(n), n // 3, 5_000.0 + n) for n in range(9_000)]]
    metric = log("loss", logged)
    for low, high in ((0, 6_000), (990, 1_010), (2_999, 3_001), (None, 3), (5_999, None)):
        check(metric, logged, Window("step", low, high, most=200))
    found = points(metric, Window("step", 10, 10))
    assert found.values == [logged[10].value, -30.0, -31.0, -32.0]


def test_steps_in_no_order_give_true_points_without_reading_everything(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_CHUNKS", 8)
    logged = [Point(float(n), n * 7_919 % 40_009, float(n)) for n in range(40 * 1_024)]
    metric = log("loss", logged)
    for window in (Window(), Window("step", 100, 9_000), Window("step", 5, 5)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = points(metric, window)
        every = {(s, t, v) for s, t, v in naive(logged, window)}
        assert {row for row in drawn(found) if row[2] is not None} <= every
        assert len(queries) <= 6


def test_numbers_that_are_none_are_gaps_and_told(log: Log) -> None:
    values: list[Value] = [1.0, math.nan, math.inf, -math.inf, "x", 2]
    logged = [Point(value, n, 1.0) for n, value in enumerate(values)]
    found = points(log("loss", logged), Window())
    assert found.values == [1, None, None, None, None, 2]
    assert found.texts == {1: "NaN", 2: "Infinity", 3: "-Infinity", 4: "x"}
    assert (found.count, found.not_finite, found.is_all) == (6, 4, True)


def test_a_stretch_without_numbers_is_a_gap_from_afar(log: Log) -> None:
    logged = [Point(math.nan if 4_096 <= n < 8_192 else 1.0, n, 1.0) for n in range(16_384)]
    found = points(log("loss", logged), Window(most=200))
    gaps = [s for s, v in zip(found.steps, found.values, strict=True) if v is None]
    assert min(gaps) >= 4_096 - 64
    assert max(gaps) < 8_192
    assert len(gaps) > 20
    assert found.not_finite == 4_096


def test_what_came_since_is_asked_for_by_its_place(log: Log) -> None:
    logged = series(3_000)
    metric = log("loss", logged)
    found = check(metric, logged, Window(after=2_990))
    assert found.steps == list(range(2_990, 3_000))
    assert points(metric, Window(after=3_000)) == Found()


def test_a_series_of_texts_alone_has_no_number(log: Log) -> None:
    logged = [Point("warm-up", None, float(n)) for n in range(2_000)]
    found = points(log("phase", logged), Window())
    assert (found.count, found.not_finite) == (2_000, 2_000)
    assert set(found.values) == {None}


def test_only_series_have_summaries_and_each_is_written_once(run: Run, alice: User) -> None:
    rows = [Row("table", {"x": n}, MetricKind.TABLE) for n in range(1_000)]
    for part in range(3):
        sequence = part * 1_000
        metrics.append(run, by=Actor.of_user(alice), session="s", sequence=sequence, rows=rows)
    assert not MetricSummary.objects.exists()


def test_a_long_series_takes_a_handful_of_queries_at_any_zoom(log: Log) -> None:
    metric = log("loss", [Point(math.sin(n), n, float(n)) for n in range(60 * 1_024)])
    for width in (1, 1_000, 30_000, 50_000, 61_440):
        with CaptureQueriesContext(connection) as queries:
            found = points(metric, Window("step", 11_000, 11_000 + width - 1))
        assert len(queries) <= 6
        assert len(found.values) <= 1_002
