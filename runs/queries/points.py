"""The points of a metric in a window: all of them if they are few, else the peaks of each pixel.

What is far out is read from the summaries, what is near from the points themselves; a stretch that is
wider than a pixel, or that the window cuts, is looked into. So any window of any series costs about as
much as its picture is wide.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import groupby
from math import inf
from typing import TYPE_CHECKING

from django.db.models import Q

from runs.models import MetricChunk, MetricSummary
from runs.queries import stretches
from runs.queries.stretches import Stretches, Within
from runs.stores import pyramid
from runs.stores.metrics import POINTS_PER_CHUNK, columns, text_of, unpack
from runs.stores.pyramid import FAN, points_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runs.models import Metric

USUAL, FEWEST, MOST = 1_000, 10, 10_000
# Looked into at most, on one level: only steps or times that jump to and fro need more.
_MOST_ROWS, _MOST_CHUNKS = 1_000, 160


@dataclass(frozen=True, slots=True)
class Window:
    """The points from ``low`` to ``high`` on the axis ``x``: step, or time in seconds since 1970.

    Those before the place ``after`` are left out; ``most`` is how many are returned at most, about.
    """

    x: str = "step"
    low: float | None = None
    high: float | None = None
    after: int = 0
    most: int = USUAL


@dataclass(frozen=True, slots=True)
class Found:
    """Points by the axis that was asked for; a value is None where it is no finite number.

    ``count`` points are in the window and ``not_finite`` of them have no number. With ``is_all`` these
    are all of them, and ``texts`` says by place in the answer what stands for a number; otherwise
    ``means`` has, beside each point, the mean of its neighbourhood, and ``counts`` of how many numbers.
    """

    count: int = 0
    not_finite: int = 0
    is_all: bool = True
    steps: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    means: list[float | None] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)


def points(metric: Metric, window: Window) -> Found:
    """Return what a chart of this width shows of the window."""
    return _Reading(metric, window).found()


class _Reading:
    """One look at one series, from far to near."""

    def __init__(self, metric: Metric, window: Window) -> None:
        self._metric, self._window = metric, window
        self._least, self._most = f"{window.x}_least", f"{window.x}_most"
        self._within = Within(window.x, window.low, window.high)
        self._low, self._high = self._within.low, self._within.high
        self._kept = Stretches()
        self._texts: dict[int, str] = {}
        # Chunks to be unpacked, each with the stretches of it that are wanted.
        self._chunks: dict[int, set[int]] = {}

    def found(self) -> Found:
        """Read, and draw together what is closer than a pixel."""
        chunks = self._metric.count // POINTS_PER_CHUNK
        rows = list(pyramid.rows_of(chunks, self._window.after // POINTS_PER_CHUNK))
        levels = self._first_rows(rows)
        bodies = {}
        if self._metric.count % POINTS_PER_CHUNK:
            bodies = self._bodies([chunks])
            self._chunks[chunks] = set(range(FAN))
        self._measure(levels, bodies)
        for level in range(max(levels, default=0), 0, -1):
            below = self._look(level, levels.get(level, {}))
            levels[level - 1] = {**levels.get(level - 1, {}), **below}
        if len(self._kept) and self._count() <= self._window.most:
            self._open_all()
        self._unpack({**bodies, **self._bodies([n for n in self._chunks if n not in bodies])})
        return self._drawn()

    def _first_rows(self, rows: Iterable[tuple[int, int, int]]) -> dict[int, dict[int, bytes]]:
        wanted = Q(pk__in=())
        for level, begin, end in rows:
            wanted |= Q(level=level, number__gte=begin, number__lt=end)
        found: dict[int, dict[int, bytes]] = {}
        known = self._metric.summaries.filter(wanted) if wanted else MetricSummary.objects.none()
        for level, number, body in known.values_list("level", "number", "body"):
            found.setdefault(level, {})[number] = bytes(body)
        return found

    def _measure(self, levels: dict[int, dict[int, bytes]], bodies: dict[int, bytes]) -> None:
        """Find out how wide the window is, and a pixel of it."""
        least, most = inf, -inf
        for rows in levels.values():
            told = pyramid.unpack(list(rows.values()))
            least, most = min(least, *told[self._least]), max(most, *told[self._most])
        for number, body in bodies.items():
            steps, times, _ = columns(body, number * POINTS_PER_CHUNK)
            xs: Sequence[float] = steps if self._window.x == "step" else times
            least, most = min(least, *xs), max(most, *xs)
        self._begin, end = max(least, self._low), min(most, self._high)
        self._pixel = max(end - self._begin, 0) / max(self._window.most // 2, 1)

    def _look(self, level: int, rows: dict[int, bytes]) -> dict[int, bytes]:
        """Keep the stretches that are narrow enough, and return the rows below the others."""
        numbers = sorted(rows)
        told = pyramid.unpack([rows[number] for number in numbers])
        places = [number * FAN + n for number in numbers for n in range(FAN)]
        kept, cut, wide = self._sorted_out(level, places, told)
        room = _MOST_ROWS if level > 1 else _MOST_CHUNKS * FAN
        opened = sorted([*cut, *wide][:room])
        self._kept.take(told, kept, level, places)
        for at in sorted([*cut, *wide][room:]):
            self._kept.take_cut(told, at, level, places[at], self._within)
        below = [places[at] for at in opened]
        if level > 1:
            return self._rows(level - 1, below)
        for place in below:
            self._chunks.setdefault(place // FAN, set()).add(place % FAN)
        return {}

    def _sorted_out(
        self, level: int, places: Sequence[int], told: pyramid.Columns
    ) -> tuple[list[int], list[int], list[int]]:
        """Return which stretches are to be kept, which the window cuts, and which are too wide."""
        kept: list[int] = []
        cut: list[int] = []
        wide: list[int] = []
        low, high, after, pixel = self._low, self._high, self._window.after, self._pixel
        size = points_of(level)
        bounds = zip(places, told[self._least], told[self._most], strict=True)
        for at, (place, least, most) in enumerate(bounds):
            if most < low or least > high or (place + 1) * size <= after:
                continue
            if least < low or most > high or place * size < after:
                cut.append(at)
            elif most - least > pixel:
                wide.append(at)
            else:
                kept.append(at)
        return kept, cut, wide

    def _rows(self, level: int, numbers: list[int]) -> dict[int, bytes]:
        known = self._metric.summaries.filter(level=level, number__in=numbers)
        rows = known.values_list("number", "body") if numbers else ()
        return {number: bytes(body) for number, body in rows}

    def _bodies(self, numbers: list[int]) -> dict[int, bytes]:
        known = MetricChunk.objects.filter(metric=self._metric, number__in=numbers)
        rows = known.values_list("number", "body") if numbers else ()
        return {number: bytes(body) for number, body in rows}

    def _count(self) -> int:
        return self._kept.count + sum(
            len(parts) * pyramid.POINTS_PER_SUMMARY for parts in self._chunks.values()
        )

    def _open_all(self) -> None:
        """Read all points after all: they are few, however close they lie."""
        for level, place in self._kept.names:
            size = points_of(level) // pyramid.POINTS_PER_SUMMARY
            for part in range(place * size, (place + 1) * size):
                self._chunks.setdefault(part // FAN, set()).add(part % FAN)
        self._kept = Stretches()

    def _unpack(self, bodies: dict[int, bytes]) -> None:
        for number, parts in sorted(self._chunks.items()):
            start = number * POINTS_PER_CHUNK
            steps, times, numbers = columns(bodies[number], start)
            xs: Sequence[float] = steps if self._window.x == "step" else times
            before = len(self._kept)
            for places in self._inside(xs, start, parts):
                self._kept.add(start, places, steps, times, numbers)
            if self._kept.finite(before) < len(self._kept) - before:
                values = unpack(bodies[number])
                self._texts |= {start + n: text_of(p.value) for n, p in enumerate(values)}

    def _inside(self, xs: Sequence[float], start: int, parts: set[int]) -> Iterable[Sequence[int]]:
        """Yield the places in a chunk that the window holds, a run of wanted stretches at a time."""
        size = pyramid.POINTS_PER_SUMMARY
        wanted = [n for n in range(FAN) if n in parts]
        for _, run in groupby(enumerate(wanted), lambda pair: pair[1] - pair[0]):
            stretch = [part for _, part in run]
            begin = max(stretch[0] * size, self._window.after - start)
            end = min((stretch[-1] + 1) * size, len(xs))
            inside = xs[begin:end]
            if list(inside) == sorted(inside):
                first = begin + bisect_left(inside, self._low)
                yield range(first, begin + bisect_right(inside, self._high))
            else:
                low, high = self._low, self._high
                yield [n for n in range(begin, end) if low <= xs[n] <= high]

    def _drawn(self) -> Found:
        kept = self._kept.sorted_by(self._window.x)
        if not len(kept):
            return Found()
        count, missing, most = kept.count, kept.count - kept.finite(), self._window.most
        if kept.is_points and count <= most:
            values = kept.numbers()
            texts = {n: self._texts[p] for n, p in enumerate(kept.places) if values[n] is None}
            steps, times = kept["first_step"], kept["first_time"]
            return Found(count, missing, True, steps, times, values, texts)
        drawn = stretches.peaks(kept, self._window.x, self._begin, self._pixel, most // 2)
        return Found(count, missing, False, *drawn)
