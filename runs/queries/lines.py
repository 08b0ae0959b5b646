"""Series of metrics as lines of a chart: few points each, and every peak among them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from math import ceil
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from runs.models import Metric, MetricChunk
from runs.stores.metrics import POINTS_PER_CHUNK, series
from studio.contract.words import MetricKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runs.models import Run

# So many points has a line at most, and all lines of a chart together.
MOST_POINTS = 1_000
_ALL_POINTS = 20_000
_FEWEST = 200
# Chunks that are unpacked for one chart: half a million points, and the beginnings of many lines. Of
# longer series the least and the most of each chunk are known without unpacking.
_MOST_CHUNKS = 512
_FEWEST_CHUNKS = 24
_DRAWN = (MetricKind.SCALAR.value, MetricKind.LIST.value)


class Line:
    """Points as they come, in any number; of every so many only the least and the most are kept."""

    def __init__(self, count: int, most: int = MOST_POINTS) -> None:
        self._each = 1 if count <= most else ceil(2 * count / (most - 2))
        self._steps: list[int] = []
        self._values: list[float] = []
        self._last: tuple[int, float] | None = None
        self.points: list[tuple[int, float]] = []

    def add(self, steps: Sequence[int], values: Sequence[float]) -> None:
        """Take the next points."""
        if not values:
            return
        if self._last is None:
            # A line begins and ends where its series does.
            self.points.append((steps[0], values[0]))
        self._last = steps[-1], values[-1]
        if self._each == 1:
            self.points += zip(steps, values, strict=True)
            return
        begin = 0
        if self._values:
            begin = self._each - len(self._values)
            self._steps += steps[:begin]
            self._values += values[:begin]
            if len(self._values) < self._each:
                return
            self._keep(self._steps, self._values)
        rest = begin + (len(values) - begin) // self._each * self._each
        for start in range(begin, rest, self._each):
            self._keep(steps[start : start + self._each], values[start : start + self._each])
        self._steps, self._values = list(steps[rest:]), list(values[rest:])

    def close(self) -> list[tuple[int, float]]:
        """Return the points that are kept, by step."""
        if self._values:
            self._keep(self._steps, self._values)
        if self._last is not None:
            self.points.append(self._last)
        steps = [step for step, _ in self.points]
        if any(after < before for before, after in pairwise(steps)):
            self.points.sort(key=itemgetter(0))
        return [p for n, p in enumerate(self.points) if not n or p != self.points[n - 1]]

    def _keep(self, steps: Sequence[int], values: Sequence[float]) -> None:
        for place in sorted({values.index(min(values)), values.index(max(values))}):
            self.points.append((steps[place], values[place]))


def lines(runs: Sequence[Run], name: str) -> dict[int, tuple[Metric, list[tuple[int, float]]]]:
    """Return, by the primary key of a run, its metric of that name and the line to draw.

    A run without such a metric, or with one that holds no numbers over steps, is left out. There are
    three queries at most, however many runs and points there are.
    """
    found = Metric.objects.filter(run__in=[run.pk for run in runs], name=name, kind__in=_DRAWN)
    metrics = {metric.pk: metric for metric in found if metric.low is not None}
    if not metrics:
        return {}
    most = min(MOST_POINTS, max(_FEWEST, _ALL_POINTS // len(metrics)))
    chunks_each = max(_MOST_CHUNKS // len(metrics), _FEWEST_CHUNKS)
    long = {pk for pk, m in metrics.items() if m.count > chunks_each * POINTS_PER_CHUNK}
    drawn = _summarised(long, metrics, most) | _read(metrics.keys() - long, metrics, most)
    return {metrics[pk].run_id: (metrics[pk], line.close()) for pk, line in drawn.items()}


def _read(wanted: set[int], metrics: dict[int, Metric], most: int) -> dict[int, Line]:
    found = {pk: Line(metrics[pk].count, most) for pk in wanted}
    rows = MetricChunk.objects.filter(metric__in=wanted).order_by("metric", "number")
    # One chunk after the other, so that a long series never stands in memory whole.
    for pk, number, body in rows.values_list("metric", "number", "body").iterator(chunk_size=100):
        found[pk].add(*series(bytes(body), number * POINTS_PER_CHUNK))
    return found


def _summarised(wanted: set[int], metrics: dict[int, Metric], most: int) -> dict[int, Line]:
    """Return lines made of the least and the most of each chunk."""
    known: dict[int, list[Any]] = defaultdict(list)
    rows = MetricChunk.objects.filter(metric__in=wanted, low__isnull=False)
    names = ("metric", "number", "first_step", "last_step", "low", "high")
    for pk, *row in rows.order_by("metric", "number").values_list(*names):
        known[pk].append(row)
    found = {}
    for pk, chunks in known.items():
        steps: list[int] = []
        values: list[float] = []
        before = metrics[pk].low or 0.0
        for number, first, last, low, high in chunks:
            start = number * POINTS_PER_CHUNK
            steps += sorted((start if first is None else first, start if last is None else last))
            # Which of the two came first is not known: as the series goes is the likeliest.
            middle = low / 2 + high / 2
            values += (low, high) if middle >= before else (high, low)
            before = middle
        found[pk] = Line(len(values), most)
        found[pk].add(steps, values)
    return found
