"""Stretches of a series side by side, each a summary or a single point, and their peaks by pixel."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from math import inf, isfinite
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from runs.stores.pyramid import Summary, points_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from runs.stores.pyramid import Columns

# Where a summary tells of a point: its value, step and time.
_TOLD = ("first", "last", "low", "high")

# Where it is on the axis, its place, step, time and value, the mean around it and of how many numbers.
Peak = tuple[float, int, Any, Any, float | None, float | None, int]
Picture = tuple[
    list[int], list[float], list[float | None], dict[int, str], list[float | None], list[int]
]


class Stretches:
    """Columns as those of summaries; a point is the summary of itself.

    ``names`` are the level and number of each that is no point, ``places`` where each begins.
    """

    def __init__(self) -> None:
        self._columns: Columns = {name: [] for name in Summary._fields}
        self.names: list[tuple[int, int]] = []
        self.places: list[int] = []

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, name: str) -> list[Any]:
        return self._columns[name]

    @property
    def is_points(self) -> bool:
        """Whether all of them are single points."""
        return not self.names

    @property
    def count(self) -> int:
        """How many points they are."""
        return int(sum(self["points"]))

    def finite(self, first: int = 0) -> int:
        """Return how many of the points, from a stretch on, are finite numbers."""
        return int(sum(self["finite"][first:]))

    def numbers(self) -> list[float | None]:
        """Return the values of points, None for one that is no finite number."""
        pairs = zip(self["total"], self["finite"], strict=True)
        return [value if finite else None for value, finite in pairs]

    def take(self, told: Columns, which: Sequence[int], level: int, numbers: Sequence[int]) -> None:
        """Take some of the summaries of one level."""
        for name, column in self._columns.items():
            source = told[name]
            column += [source[at] for at in which]
        size = points_of(level)
        self.places += [numbers[at] * size for at in which]
        self.names += [(level, numbers[at]) for at in which]

    def take_cut(self, told: Columns, at: int, level: int, number: int, within: Within) -> None:
        """Take what is known of a summary inside the window: those of its points that are there."""
        row = {name: column[at] for name, column in told.items()}
        inside = [name for name in _TOLD if row["finite"] and within.holds(row, name)]
        if not inside:
            return
        low = min(inside, key=lambda name: row[name])
        high = max(inside, key=lambda name: row[name])
        edges = [row[f"{name}_{within.x}"] for name in inside]
        points = {"first": inside[0], "last": inside[-1], "low": low, "high": high}
        for name, source in points.items():
            for ending in ("", "_step", "_time"):
                self._columns[name + ending].append(row[source + ending])
        bounds = {f"{within.x}_least": min(edges), f"{within.x}_most": max(edges)}
        for name in Summary._fields:
            if name.removesuffix("_step").removesuffix("_time") not in points:
                self._columns[name].append(bounds.get(name, row[name]))
        self.places.append(number * points_of(level))
        self.names.append((level, number))

    def add(
        self,
        start: int,
        which: Sequence[int],
        steps: Sequence[int],
        times: Sequence[float],
        numbers: Sequence[float | None],
    ) -> None:
        """Take points of a chunk, each by itself; ``start`` is the place of its first."""
        step, time, number = (_picked(column, which) for column in (steps, times, numbers))
        value, low, high, finite = number, number, number, [1] * len(number)
        if None in number:
            finite = [int(n is not None) for n in number]
            value = [0.0 if n is None else n for n in number]
            low = [inf if n is None else n for n in number]
            high = [-inf if n is None else n for n in number]
        columns = {"points": [1] * len(number), "finite": finite, "low": low, "high": high}
        for name, column in self._columns.items():
            known = step if "step" in name else time if "time" in name else value
            column += columns.get(name, known)
        self.places += [start + at for at in which]

    def sorted_by(self, x: str) -> Stretches:
        """Return them by where they begin on an axis; of several there, in the order of logging."""
        xs, places = self[f"{x}_least"], self.places
        if xs == sorted(xs) and places == sorted(places):
            return self
        order = sorted(range(len(places)), key=places.__getitem__)
        order.sort(key=xs.__getitem__)
        found = Stretches()
        found._columns = {name: [c[at] for at in order] for name, c in self._columns.items()}
        found.places = [self.places[at] for at in order]
        found.names = self.names
        return found


class Within:
    """A window on an axis, ``x``: step or time."""

    def __init__(self, x: str, low: float | None, high: float | None) -> None:
        self.x = x
        self.low = -inf if low is None else low
        self.high = inf if high is None else high

    def holds(self, row: dict[str, float], name: str) -> bool:
        """Whether the point that a summary calls so is inside."""
        return self.low <= row[f"{name}_{self.x}"] <= self.high


def peaks(kept: Stretches, x: str, begin: float, pixel: float, count: int) -> Picture:
    """Return, of each of ``count`` pixels, the least and the most; and where all begin and end."""
    xs = kept[f"{x}_least"]
    edges = [bisect_left(xs, begin + n * pixel) for n in range(1, count)] if pixel else []
    found = _of_pixels(kept, x, pairwise([0, *edges, len(xs)]))
    numbered = [at for at, finite in enumerate(kept["finite"]) if finite]
    if numbered:
        # A line begins and ends where its series does.
        found.insert(0, _picker(kept, x, "first")(numbered[0], found[0][5], 0))
        found.append(_picker(kept, x, "last")(numbered[-1], found[-1][5], 0))
    found.sort(key=itemgetter(0))
    _, _, steps, times, values, means, counts = map(list, zip(*_once(found), strict=True))
    return steps, times, values, {}, means, counts


def _once(found: Sequence[Peak]) -> list[Peak]:
    """Leave out a point that comes twice; the first of them stands for the numbers of both."""
    once: list[Peak] = []
    for peak in found:
        if once and peak[2:5] == once[-1][2:5]:
            once[-1] = (*once[-1][:6], once[-1][6] + peak[6])
        else:
            once.append(peak)
    return once


def _of_pixels(kept: Stretches, x: str, pixels: Iterable[tuple[int, int]]) -> list[Peak]:
    """Return the least and the most of each pixel that has any stretch, in their order."""
    begins = kept[f"{x}_least"]
    counts, totals, lows, highs = (kept[name] for name in ("finite", "total", "low", "high"))
    least, most, first = (_picker(kept, x, name) for name in ("low", "high", "first"))
    found: list[Peak] = []
    for start, stop in pixels:
        if start == stop:
            continue
        finite = sum(counts[start:stop])
        if not finite:
            # Nothing that could be drawn: a gap in the line.
            _, _, step, time, *_ = first(start, None, 0)
            found.append((begins[start], start, step, time, None, None, 0))
            continue
        low, high = min(lows[start:stop]), max(highs[start:stop])
        mean = sum(totals[start:stop]) / finite
        mean = mean if isfinite(mean) else low / 2 + high / 2
        half = finite // 2
        one = least(lows.index(low, start, stop), mean, finite - half)
        two = most(highs.index(high, start, stop), mean, half)
        found += (one, two) if one[:2] <= two[:2] else (two, one)
    return found


def _picked(column: Sequence[Any], which: Sequence[int]) -> list[Any]:
    if isinstance(which, range):
        return list(column[which.start : which.stop])
    return [column[at] for at in which]


def _picker(kept: Stretches, x: str, name: str) -> Callable[[int, float | None, int], Peak]:
    """Return what picks one kind of point: ``first``, ``last``, ``low`` or ``high`` of a stretch."""
    columns = (f"{name}_{x}", f"{name}_step", f"{name}_time", name)
    xs, steps, times, values = (kept[column] for column in columns)
    return lambda at, mean, n: (xs[at], at, steps[at], times[at], values[at], mean, n)
