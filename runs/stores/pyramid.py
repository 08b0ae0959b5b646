"""Summaries of a series: of every 64 points, of every 1,024, of every 16,384, and so on.

A row of level 1 holds the 16 summaries of one full chunk, a row of level 2 those of 16 full chunks, one
for each, and a row of every further level one for each row below. A row is written once, when all that
it tells of is there, so that appending costs next to nothing. What a chart shows of a million points is
then read from some rows of the level that is as fine as its pixels, and never from the points.
"""

from __future__ import annotations

import sys
from array import array
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from runs.stores.metrics import POINTS_PER_CHUNK, columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# So many summaries are in a row, and so many rows have one above them.
FAN = 16
POINTS_PER_SUMMARY = POINTS_PER_CHUNK // FAN
_WIDTH = 8 * FAN


class Summary(NamedTuple):
    """What is known of a stretch: ``finite`` of its ``points`` are numbers, ``total`` their sum.

    ``first``, ``last``, ``low`` and ``high`` are numbers of it with their steps and times; without any,
    ``low`` is above ``high``. The step of a point without one is its place in the series.
    """

    points: int
    finite: int
    total: float
    step_least: int
    step_most: int
    time_least: float
    time_most: float
    first: float
    first_step: int
    first_time: float
    last: float
    last_step: int
    last_time: float
    low: float
    low_step: int
    low_time: float
    high: float
    high_step: int
    high_time: float


# Each column as the other columns have it: lists of the same length, by the names of a summary.
Columns = dict[str, list[Any]]

_WHOLE = frozenset({"points", "finite"})
_CODES = {n: "q" if n in _WHOLE or "step" in n else "d" for n in Summary._fields}


def points_of(level: int) -> int:
    """Return of how many points a summary of that level tells."""
    return int(POINTS_PER_SUMMARY * FAN ** (level - 1))


def of_chunk(chunk: bytes, start: int) -> list[Summary]:
    """Return the summaries of a full chunk, whose first point has the place ``start``."""
    steps, times, numbers = columns(chunk, start)
    edges = pairwise(range(0, POINTS_PER_CHUNK + 1, POINTS_PER_SUMMARY))
    parts = (slice(begin, end) for begin, end in edges)
    return [_of_points(steps[part], times[part], numbers[part]) for part in parts]


def merge(parts: Sequence[Summary]) -> Summary:
    """Return the summary of stretches that follow each other."""
    counted = [part for part in parts if part.finite] or parts[:1]
    low = min(counted, key=lambda part: part.low)
    high = max(counted, key=lambda part: part.high)
    begin, end = counted[0], counted[-1]
    return Summary(
        sum(part.points for part in parts),
        sum(part.finite for part in parts),
        sum(part.total for part in parts),
        min(part.step_least for part in parts),
        max(part.step_most for part in parts),
        min(part.time_least for part in parts),
        max(part.time_most for part in parts),
        *(begin.first, begin.first_step, begin.first_time),
        *(end.last, end.last_step, end.last_time),
        *(low.low, low.low_step, low.low_time),
        *(high.high, high.high_step, high.high_time),
    )


def pack(summaries: Sequence[Summary]) -> bytes:
    """Return the summaries of one row: its columns one after the other."""
    columns = zip(_CODES.values(), zip(*summaries, strict=True), strict=True)
    return b"".join(_little(array(code, column)) for code, column in columns)


def unpack(rows: Sequence[bytes]) -> Columns:
    """Return the summaries of rows, one after the other, as columns."""
    found: Columns = {}
    for place, (name, code) in enumerate(_CODES.items()):
        column: array[Any] = array(code)
        column.frombytes(b"".join(row[place * _WIDTH : (place + 1) * _WIDTH] for row in rows))
        if sys.byteorder == "big":
            column.byteswap()
        found[name] = column.tolist()
    return found


def summaries(columns: Columns) -> list[Summary]:
    """Return columns as summaries again."""
    return [Summary(*row) for row in zip(*columns.values(), strict=True)]


def rows_of(
    chunks: int, first: int = 0, *, coarsest: int | None = None
) -> Iterator[tuple[int, int, int]]:
    """Yield (level, first row, row behind the last) that tell of full chunks, each chunk once.

    Of each stretch that is the coarsest row there is, up to the level ``coarsest``. Rows that tell only
    of what is before the chunk ``first`` are left out.
    """
    top = 1
    while chunks >= FAN**top and top != coarsest:
        top += 1
    told = 0
    for level in range(top, 0, -1):
        each = FAN ** (level - 1)
        end = chunks // each
        begin = max(told // each, first // each)
        if begin < end:
            yield level, begin, end
        told = end * each


def _of_points(
    steps: Sequence[int], times: Sequence[float], numbers: Sequence[float | None]
) -> Summary:
    bounds = (min(steps), max(steps), min(times), max(times))
    given = [at for at, number in enumerate(numbers) if number is not None]
    finite = [number for number in numbers if number is not None]
    if not given:
        nothing = (0.0, steps[0], times[0])
        return Summary(
            *(len(numbers), 0, 0.0, *bounds, *nothing, *nothing),
            *(inf, steps[0], times[0]),
            *(-inf, steps[0], times[0]),
        )
    ends = (0, len(given) - 1, finite.index(min(finite)), finite.index(max(finite)))
    first, last, low, high = ((finite[end], steps[given[end]], times[given[end]]) for end in ends)
    return Summary(len(numbers), len(given), sum(finite), *bounds, *first, *last, *low, *high)


def _little(column: array[float] | array[int]) -> bytes:
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()
