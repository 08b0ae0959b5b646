"""Series of metrics as lines of a chart: few points each, and every peak among them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q

from runs.models import Metric, MetricChunk, MetricSummary
from runs.queries.stretches import Stretches, peaks
from runs.stores import pyramid
from runs.stores.metrics import POINTS_PER_CHUNK, columns
from studio.contract.words import MetricKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runs.models import Run

# So many points has a line at most, and all lines of a chart together.
MOST_POINTS = 1_000
_ALL_POINTS = 20_000
_FEWEST = 200
_DRAWN = (MetricKind.SCALAR.value, MetricKind.LIST.value)

Line = list[tuple[int, float]]


def lines(runs: Sequence[Run], name: str) -> dict[int, tuple[Metric, Line]]:
    """Return, by the primary key of a run, its metric of that name and the line to draw.

    A run without such a metric, or with one that holds no numbers over steps, is left out. There are
    three queries at most, however many runs and points there are.
    """
    found = Metric.objects.filter(run__in=[run.pk for run in runs], name=name, kind__in=_DRAWN)
    metrics = [metric for metric in found if metric.low is not None]
    if not metrics:
        return {}
    most = min(MOST_POINTS, max(_FEWEST, _ALL_POINTS // len(metrics)))
    levels = {metric.pk: _level(metric.count, most) for metric in metrics}
    kept: dict[int, Stretches] = defaultdict(Stretches)
    _summaries(metrics, levels, kept)
    _points(metrics, levels, kept)
    return {m.run_id: (m, _line(kept[m.pk].sorted_by("step"), most)) for m in metrics}


def _level(count: int, most: int) -> int:
    """Return the coarsest level of summaries that are enough to draw a line; 0 for the points."""
    level = 0
    while pyramid.points_of(level + 1) * most <= 4 * count:
        level += 1
    return level


def _summaries(
    metrics: Sequence[Metric], levels: dict[int, int], kept: dict[int, Stretches]
) -> None:
    """Take of each long series the rows of its level, and of finer ones for what they leave out."""
    wanted: dict[tuple[int, int], list[int]] = defaultdict(list)
    for metric in metrics:
        chunks = metric.count // POINTS_PER_CHUNK if levels[metric.pk] else 0
        for level, begin, _ in pyramid.rows_of(chunks, coarsest=levels[metric.pk]):
            wanted[level, begin].append(metric.pk)
    if not wanted:
        return
    asked = Q(pk__in=())
    for (level, begin), those in wanted.items():
        asked |= Q(metric__in=those, level=level, number__gte=begin)
    rows: dict[tuple[int, int], dict[int, bytes]] = defaultdict(dict)
    found = MetricSummary.objects.filter(asked).order_by("number")
    for pk, level, number, body in found.values_list("metric", "level", "number", "body"):
        rows[pk, level][number] = bytes(body)
    for (pk, level), bodies in rows.items():
        places = [number * pyramid.FAN + n for number in bodies for n in range(pyramid.FAN)]
        told = pyramid.unpack(list(bodies.values()))
        kept[pk].take(told, range(len(places)), level, places)


def _points(metrics: Sequence[Metric], levels: dict[int, int], kept: dict[int, Stretches]) -> None:
    """Take all points of short series, and of long ones those behind their last full chunk."""
    short = [metric.pk for metric in metrics if not levels[metric.pk]]
    every = Q(metric__in=[metric.pk for metric in metrics], count__lt=POINTS_PER_CHUNK)
    rows = MetricChunk.objects.filter(every | Q(metric__in=short)).order_by("number")
    # One chunk after the other, so that the points of all lines never stand in memory packed and bare.
    for pk, number, body in rows.values_list("metric", "number", "body").iterator(chunk_size=100):
        found = columns(bytes(body), number * POINTS_PER_CHUNK)
        kept[pk].add(number * POINTS_PER_CHUNK, range(len(found[0])), *found)


def _line(kept: Stretches, most: int) -> Line:
    """Return the numbers to draw, by step: all, or the peaks of each pixel."""
    if kept.is_points and kept.count <= most:
        points = zip(kept["first_step"], kept.numbers(), strict=True)
    else:
        begin, end = min(kept["step_least"]), max(kept["step_most"])
        # Where a line begins and ends there are two more.
        pixels = most // 2 - 1
        steps, _, values, *_ = peaks(kept, "step", begin, (end - begin) / pixels, pixels)
        points = zip(steps, values, strict=True)
    return [(step, value) for step, value in points if value is not None]
