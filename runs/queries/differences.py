"""What differs between two texts, line by line, and two changes of one text as one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Texts that differ in more lines are told as two whole texts: comparing takes time by the square.
_MOST_STEPS = 400
_AROUND = 3

Match = tuple[int, int]


class Kind(StrEnum):
    """What happened to a line; a gap stands for lines that are the same and not shown."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a comparison, with its number before and after; of a gap, ``hidden`` lines."""

    kind: Kind
    text: str = ""
    before: int | None = None
    after: int | None = None
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Merged:
    """Two changes as one text; ``clashes`` is at how many places both stand, the other's first."""

    text: str
    clashes: int


def compare(before: str, after: str) -> list[Row]:
    """Return the lines of two texts beside each other, without most of what is the same."""
    old, new = before.split("\n"), after.split("\n")
    rows = list(_rows(old, new))
    is_near = [False] * len(rows)
    for place, row in enumerate(rows):
        if row.kind is not Kind.SAME:
            for near in range(max(place - _AROUND, 0), min(place + _AROUND + 1, len(rows))):
                is_near[near] = True
    return list(_folded(rows, is_near))


def merge(base: str, mine: str, theirs: str) -> Merged:
    """Return one text with what ``mine`` and ``theirs`` changed in ``base``."""
    lines = [text.split("\n") for text in (base, mine, theirs)]
    to_mine, to_theirs = dict(_matches(lines[0], lines[1])), dict(_matches(lines[0], lines[2]))
    shared = [
        (n, to_mine[n], to_theirs[n])
        for n in range(len(lines[0]))
        if n in to_mine and n in to_theirs
    ]
    ends = (len(lines[0]), len(lines[1]), len(lines[2]))
    merged: list[str] = []
    clashes = 0
    for last, place in pairwise([(-1, -1, -1), *shared, ends]):
        was, ours, others = (
            text[start + 1 : end] for text, start, end in zip(lines, last, place, strict=True)
        )
        if ours in (was, others):
            merged += others
        elif others == was:
            merged += ours
        else:
            merged += [*others, *ours]
            clashes += 1
        merged += lines[0][place[0] : place[0] + 1]
    return Merged("\n".join(merged), clashes)


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    matches = [*_matches(old, new), (len(old), len(new))]
    for last, place in pairwise([(-1, -1), *matches]):
        for n in range(last[0] + 1, place[0]):
            yield Row(Kind.GONE, old[n], before=n + 1)
        for n in range(last[1] + 1, place[1]):
            yield Row(Kind.NEW, new[n], after=n + 1)
        if place[0] < len(old):
            yield Row(Kind.SAME, old[place[0]], place[0] + 1, place[1] + 1)


def _folded(rows: Sequence[Row], is_near: Sequence[bool]) -> Iterator[Row]:
    hidden = 0
    for row, is_shown in zip(rows, is_near, strict=True):
        if not is_shown:
            hidden += 1
            continue
        if hidden:
            yield Row(Kind.GAP, hidden=hidden)
            hidden = 0
        yield row
    if hidden:
        yield Row(Kind.GAP, hidden=hidden)


def _matches(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Return which lines are the same, in order."""
    least = min(len(old), len(new))
    start = next((n for n in range(least) if old[n] != new[n]), least)
    tail = next((n for n in range(least - start) if old[-1 - n] != new[-1 - n]), least - start)
    inside = shortest(old[start : len(old) - tail], new[start : len(new) - tail])
    return [
        *((n, n) for n in range(start)),
        *((a + start, b + start) for a, b in inside),
        *((len(old) - n, len(new) - n) for n in range(tail, 0, -1)),
    ]


def shortest(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Return the matches of the shortest way from old to new (Myers 1986), none if it is long."""
    furthest, trail = {1: 0}, []
    for steps in range(_MOST_STEPS + 1):
        trail.append(furthest.copy())
        for way in range(-steps, steps + 1, 2):
            is_down = way == -steps or (way != steps and furthest[way - 1] < furthest[way + 1])
            a = furthest[way + 1] if is_down else furthest[way - 1] + 1
            b = a - way
            while a < len(old) and b < len(new) and old[a] == new[b]:
                a, b = a + 1, b + 1
            furthest[way] = a
            if a >= len(old) and b >= len(new):
                return _walked_back(trail, len(old), len(new))
    return []


def _walked_back(trail: Sequence[dict[int, int]], a: int, b: int) -> list[Match]:
    found: list[Match] = []
    for steps in range(len(trail) - 1, -1, -1):
        furthest, way = trail[steps], a - b
        is_down = way == -steps or (way != steps and furthest[way - 1] < furthest[way + 1])
        before = way + 1 if is_down else way - 1
        start = furthest[before], furthest[before] - before
        while a > max(start[0], 0) and b > max(start[1], 0):
            a, b = a - 1, b - 1
            found.append((a, b))
        a, b = start
    return found[::-1]
