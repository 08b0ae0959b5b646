"""Series of metrics as lines of a chart: few points each, and every peak among them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from math import ceil
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
# Chunks that are unpacked for one chart: some two million points. Of longer series the least and the
# most of each chunk are known without unpacking.
_MOST_CHUNKS = 2_048
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
        if not self.points and not self._values:
            # A line begins and ends where its series does.
            self.points.append((steps[0], values[0]))
        self._last = steps[-1], values[-1]
        self._steps += steps
        self._values += values
        whole = len(self._values) // self._each * self._each
        for start in range(0, whole, self._each):
            self._keep(start, start + self._each)
        del self._steps[:whole], self._values[:whole]

    def close(self) -> list[tuple[int, float]]:
        """Return the points that are kept, by step."""
        if self._values:
            self._keep(0, len(self._values))
        if self._last is not None:
            self.points.append(self._last)
        steps = [step for step, _ in self.points]
        if any(after < before for before, after in pairwise(steps)):
            self.points.sort(key=lambda point: point[0])
        return [p for n, p in enumerate(self.points) if not n or p != self.points[n - 1]]

    def _keep(self, start: int, end: int) -> None:
        values = self._values[start:end]
        places = sorted({values.index(min(values)), values.index(max(values))})
        self.points += [(self._steps[start + place], values[place]) for place in places]


def lines(runs: Sequence[Run], name: str) -> dict[int, tuple[Metric, list[tuple[int, float]]]]:
    """Return, by the primary key of a run, its metric of that name and the line to draw.

    A run without such a metric, or with one that holds no numbers over steps, is left out. There are
    three queries, however many runs and points there are.
    """
    found = Metric.objects.filter(run__in=[run.pk for run in runs], name=name, kind__in=_DRAWN)
    metrics = {metric.pk: metric for metric in found if metric.low is not None}
    if not metrics:
        return {}
    most = min(MOST_POINTS, max(_FEWEST, _ALL_POINTS // len(metrics)))
    chunks_each = _MOST_CHUNKS // len(metrics)
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
        line = found[pk] = Line(2 * len(chunks), most)
        before = metrics[pk].low or 0.0
        for number, first, last, low, high in chunks:
            start = number * POINTS_PER_CHUNK
            steps = (start if first is None else first, start if last is None else last)
            # Which of the two came first is not known: as the series goes is the likeliest.
            rises = (low + high) / 2 >= before
            line.add(sorted(steps), (low, high) if rises else (high, low))
            before = (low + high) / 2
    return found
