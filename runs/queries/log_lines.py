"""Lines of a log by their numbers, for whoever reads it: from any place, in pieces.

Every answer is bounded twice, in bytes and in lines, so that no log makes a page heavy. A line that is
longer than a piece is one line still, shown by its beginning, or by its last state if it is the bar of
a progress.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.stores import logs

if TYPE_CHECKING:
    from runs.models import LogFile

PIECE = 192 * 1024
# What a page shows before anybody asks for more.
LAST = 64 * 1024
LINES = 1_000
# Of a line that is marked: so many are shown above it.
_ABOVE = 200


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines, and the number of the first of them; ``is_unfinished``: the last has no end yet.

    The first begins at byte ``start``, and behind byte ``end`` ends the last, of which a part may be
    shown; all the others are whole.
    """

    first: int
    lines: list[bytes]
    start: int
    end: int
    is_unfinished: bool = False

    def numbered(self) -> list[tuple[int, bytes]]:
        """Return each line with its number."""
        return list(enumerate(self.lines, self.first))

    def last_bytes(self) -> list[int]:
        """Return where in the log the last byte of each line is, its end if it has one."""
        *whole, _ = self.lines or [b""]
        ends = itertools.accumulate((len(line) + 1 for line in whole), initial=self.start - 1)
        return [*list(ends)[1:], self.end - 1][: len(self.lines)]

    @property
    def following(self) -> int:
        """The number of the line that is still to be asked for: an unfinished one is, again."""
        return self.first + len(self.lines) - self.is_unfinished


def count(log: LogFile) -> int:
    """Return how many lines a log has, one without an end among them."""
    has_rest = log.size > 0 and logs.read(log, log.size - 1, 1) != b"\n"
    return log.lines + has_rest


def times(log: LogFile, found: Lines) -> list[int | None]:
    """Return when each line arrived whole, in milliseconds of the epoch, UTC; None: nobody noted it."""
    return logs.times(log, found.last_bytes())


def times_of(log: LogFile, numbers: list[int]) -> list[int | None]:
    """Return the same for lines by their growing numbers."""
    return logs.times(log, [logs.offset_of(log, number + 1) - 1 for number in numbers])


def last(log: LogFile) -> Lines:
    """Return the end of a log."""
    return _before(log, log.size, log.lines + 1, LAST, takes_rest=True)


def after(log: LogFile, number: int, most: int = LINES) -> Lines:
    """Return the lines from ``number`` on."""
    number = max(number, 1)
    start = logs.offset_of(log, number)
    *found, rest = logs.read(log, start, PIECE).split(b"\n")
    lines = found[:most]
    if not lines and rest and number <= log.lines:
        return Lines(number, [_long(log, number, start)], start, logs.offset_of(log, number + 1))
    end = start + sum(len(line) + 1 for line in lines)
    is_end = len(found) <= most and number + len(lines) == log.lines + 1
    if is_end and rest and len(lines) < most:
        if end + len(rest) < log.size:
            rest = _long(log, log.lines + 1, end)
        return Lines(number, [*lines, rest], start, log.size, is_unfinished=True)
    return Lines(min(number, log.lines + 1), lines, start, end)


def before(log: LogFile, number: int) -> Lines:
    """Return the lines that stand before line ``number``."""
    number = min(number, log.lines + 1)
    return _before(log, logs.offset_of(log, number), number, PIECE, takes_rest=False)


def around(log: LogFile, number: int) -> Lines:
    """Return a line with some above it and more below."""
    total = count(log)
    return after(log, max(1, min(number, total) - _ABOVE))


def _before(log: LogFile, end: int, number: int, most: int, *, takes_rest: bool) -> Lines:
    """Return what stands before ``end``; line ``number`` is the one that has no end before it."""
    start = max(0, end - most)
    data = logs.read(log, start, end - start)
    if start:
        whole = data.find(b"\n") + 1
        if whole in (0, len(data)):
            return _one_long(log, number, end, is_unfinished=not whole)
        data = data[whole:]
    *lines, rest = data.split(b"\n")
    kept = lines[-LINES:]
    first = number - len(kept)
    start = end - len(rest) - sum(len(line) + 1 for line in kept)
    if rest and takes_rest:
        return Lines(first, [*kept, rest], start, end, is_unfinished=True)
    return Lines(first, kept, start, end - len(rest))


def _one_long(log: LogFile, number: int, end: int, *, is_unfinished: bool) -> Lines:
    """Return the one line before a place that a piece does not reach over."""
    wanted = number if is_unfinished else number - 1
    start = logs.offset_of(log, wanted)
    text = _long(log, wanted, start)
    return Lines(wanted, [text], start, end, is_unfinished=is_unfinished)


def _long(log: LogFile, number: int, start: int) -> bytes:
    """Return of a very long line its last state, or its beginning when it has but one."""
    end = logs.offset_of(log, number + 1) - (number <= log.lines)
    tail = logs.read(log, max(start, end - LAST), min(LAST, end - start))
    return tail if b"\r" in tail.rstrip(b"\r") else logs.read(log, start, min(LAST, end - start))
