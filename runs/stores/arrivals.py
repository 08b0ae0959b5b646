"""When the bytes of a log arrived: pairs of a place in it and a time, in a file beside it.

What stands from the place of a pair on, up to that of the next, arrived at its time. Two pairs are at
least a fifth of a second apart, and a hundred-thousandth of how long the log has been growing: so a
log that grows for a year has some MB of them, and its lines are dated the better the younger it is.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PAIR = struct.Struct("<QQ")
_APART_MS = 200
_PART_OF_AGE = 100_000
Pair = tuple[int, int]


def path_beside(log: Path) -> Path:
    """Return the file of the times of a log; nothing else tells what it tells."""
    return log.with_name(f"{log.name}.times")


class Arrivals:
    """The times of the first ``size`` bytes of a log, in milliseconds of the epoch, UTC."""

    def __init__(self, log: Path, *, size: int) -> None:
        self._path = path_beside(log)
        self._size = size

    def note(self, moment: int) -> None:
        """Note that what comes to stand behind the committed bytes arrived at a moment."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            length = os.fstat(handle).st_size
            count = length // _PAIR.size
            latest = _pair(handle, count - 1) if count else None
            while latest and latest[0] >= self._size:
                # Of bytes that were never committed.
                count -= 1
                latest = _pair(handle, count - 1) if count else None
            if length > count * _PAIR.size:
                os.ftruncate(handle, count * _PAIR.size)
            if latest and abs(moment - latest[1]) < self._apart(handle, moment):
                return
            os.pwrite(handle, _PAIR.pack(self._size, moment), count * _PAIR.size)
        finally:
            os.close(handle)

    def of(self, places: Sequence[int]) -> list[int | None]:
        """Return when the bytes at some growing places arrived; None for what nobody noted."""
        try:
            handle = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return [None] * len(places)
        try:
            count = os.fstat(handle).st_size // _PAIR.size
            return _times(handle, count, places) if places else []
        finally:
            os.close(handle)

    def _apart(self, handle: int, moment: int) -> int:
        return max(_APART_MS, (moment - _pair(handle, 0)[1]) // _PART_OF_AGE)


def _times(handle: int, count: int, places: Sequence[int]) -> list[int | None]:
    """Return the times of growing places. The last may be far away: it is looked up alone."""

    def pairs_upto(place: int) -> int:
        return bisect_right(range(count), place, key=lambda number: _pair(handle, number)[0])

    *near, last = places
    found = pairs_upto(last)
    times = [_pair(handle, found - 1)[1] if found else None]
    if near:
        low, high = max(0, pairs_upto(near[0]) - 1), pairs_upto(near[-1])
        data = os.pread(handle, (high - low) * _PAIR.size, low * _PAIR.size)
        pairs = list(_PAIR.iter_unpack(data[: len(data) // _PAIR.size * _PAIR.size]))
        places_of_pairs = [place for place, _ in pairs]
        rows = (bisect_right(places_of_pairs, place) for place in near)
        times = [*(pairs[row - 1][1] if row else None for row in rows), *times]
    return times


def _pair(handle: int, number: int) -> Pair:
    data = os.pread(handle, _PAIR.size, number * _PAIR.size)
    # Short only where somebody else has cut it off meanwhile: behind all that is asked for.
    place, moment = _PAIR.unpack(data.ljust(_PAIR.size, b"\xff"))
    return place, moment
