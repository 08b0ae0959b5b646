"""Looking for something in a file of lines, piece by piece: memory stays bounded, however long it is.

A line is found by what a reader would see in it: colours are not part of it, and where a carriage
return begins it again, each of its states is. It is counted once, however often it has what is sought.
"""

from __future__ import annotations

import itertools
import os
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from runs import ansi

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 1024 * 1024
# A line longer than this is looked at in pieces of this size.
LONGEST_LINE = 8 * PIECE
_SPANS = 50
Span = tuple[int, int]


class Pattern(Protocol):
    """What is sought."""

    def rows(self, data: bytes) -> Iterator[int]:
        """Yield which lines of ``data`` have it, counted from 0, each once and in order."""
        ...

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where a line has it: from which character to which."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file, in bytes, that begins with line ``first`` and ends before line ``behind``."""

    start: int
    end: int
    first: int
    behind: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that has it: its number, what of it is shown, and where in that it has it."""

    line: int
    text: str
    spans: list[Span]


@dataclass(slots=True)
class Found:
    """What a look came to: the lines from ``reached`` on (before it, backwards) were not looked at."""

    reached: int
    hits: list[Hit] = field(default_factory=list)
    count: int = 0


class Plain:
    """A text as it is, or in any case of its Latin letters."""

    def __init__(self, text: str, *, is_exact: bool) -> None:
        self._is_exact = is_exact
        self._text = text if is_exact else text.lower()
        self._needle = self._text.encode()

    def rows(self, data: bytes) -> Iterator[int]:
        """Yield the lines that contain the text."""
        data = data if self._is_exact else data.lower()
        row, place = 0, 0
        while (found := data.find(self._needle, place)) >= 0:
            row += data.count(b"\n", place, found)
            yield row
            row += 1
            place = data.find(b"\n", found) + 1
            if not place:
                return

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where the text stands."""
        # Lower letters of other alphabets may be more or fewer than the upper ones.
        lower = text if self._is_exact else text.encode().lower().decode()
        place = lower.find(self._text)
        while place >= 0:
            yield place, place + len(self._text)
            place = lower.find(self._text, place + len(self._text))


class Regex:
    """A regular expression of Python; whoever uses it sees to it that it ends."""

    def __init__(self, text: str, *, is_exact: bool) -> None:
        self._pattern = re.compile(text, 0 if is_exact else re.IGNORECASE)

    @classmethod
    def of_text(cls, text: str) -> Regex:
        """Return what finds a text in any case of its letters."""
        return cls(re.escape(text), is_exact=False)

    def rows(self, data: bytes) -> Iterator[int]:
        """Yield the lines in one of whose states it matches."""
        search = self._pattern.search
        for row, line in enumerate(data.decode("utf-8", "replace").split("\n")):
            if search(line) if "\r" not in line else any(map(search, line.split("\r"))):
                yield row

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where it matches, but for matches of nothing."""
        return (m.span() for m in self._pattern.finditer(text) if m.end() > m.start())


class Errors:
    """What Python, C and many a logger write when something goes wrong."""

    # Looked for first, and much faster than the expression: it has no match without one of them.
    _PARTS = (
        *(b"rror", b"ERROR", b"FATAL", b"fatal:", b"CRITICAL", b"PANIC", b"panic:", b"xception"),
        *(b"Traceback", b"Interrupt", b"tion fault", b"ut of memory", b"OOM", b"core d", b"Killed"),
    )
    # It takes linear time: nothing in it is repeated.
    _WORDS = (
        r"Traceback \(most recent call last\)|(?:Error|Exception|Interrupt)\b(?::|\r?$)"
        r"|\b(?:ERROR|FATAL|CRITICAL|PANIC)\b|\b(?:error|fatal|panic|Error):"
        r"|Segmentation fault|[Oo]ut of memory|\bOOM\b|core dumped|^Killed$"
    )
    _in_bytes = re.compile(_WORDS.encode())
    _in_text = re.compile(_WORDS)

    def rows(self, data: bytes) -> Iterator[int]:
        """Yield the lines that look like errors."""
        row = counted = 0
        for begin in sorted(set(self._candidates(data))):
            end = data.find(b"\n", begin)
            if self._in_bytes.search(data[begin : end if end >= 0 else None]):
                row += data.count(b"\n", counted, begin)
                counted = begin
                yield row

    def spans(self, text: str) -> Iterator[Span]:
        """Yield the words that tell."""
        return (match.span() for match in self._in_text.finditer(text))

    def _candidates(self, data: bytes) -> Iterator[int]:
        """Yield where the lines begin that an error may be in."""
        for part in self._PARTS:
            place = data.find(part)
            while place >= 0:
                yield data.rfind(b"\n", 0, place) + 1
                end = data.find(b"\n", place)
                place = data.find(part, end) if end >= 0 else -1


def forwards(file: int, part: Part, pattern: Pattern, *, limit: int, until: float) -> Found:
    """Look from the first line on, until ``limit`` lines are found or it is later than ``until``.

    With no limit (0) lines are counted and not kept. ``until`` is of ``time.monotonic``; at least one
    piece is looked at.
    """
    found = Found(part.first)
    place, latest = part.start, 0
    while place < part.end and (data := _piece(file, place, part.end)):
        lines: list[bytes] = []
        for row in pattern.rows(_seen(data)):
            number = found.reached + row
            # The rest of a line that is too long for one piece.
            if number == latest:
                continue
            latest = number
            found.count += 1
            if not limit:
                continue
            lines = lines or data.split(b"\n")
            found.hits.append(_hit(number, lines[row], pattern))
            if found.count == limit:
                found.reached = number + 1
                return found
        place += len(data)
        found.reached += data.count(b"\n")
        if place < part.end and time.monotonic() > until:
            return found
    found.reached = part.behind
    return found


def backwards(file: int, part: Part, pattern: Pattern, *, limit: int, until: float) -> Found:
    """Look from the last line back, for one line at least; the hits are the nearest first."""
    found = Found(part.behind)
    place, behind, latest = part.end, part.behind, 0
    while place > part.start:
        place, data, is_whole = _piece_before(file, part.start, place)
        first = behind - _lines_in(data)
        rows = list(pattern.rows(_seen(data)))
        lines = data.split(b"\n") if rows else []
        for row in reversed(rows):
            if first + row == latest:
                continue
            latest = first + row
            found.hits.append(_hit(latest, lines[row], pattern))
            found.count += 1
            if found.count == limit:
                found.reached = latest
                return found
        # What stands before belongs to the same line when that one is too long for one piece.
        found.reached, behind = first, first + (not is_whole)
        if place > part.start and time.monotonic() > until:
            return found
    found.reached = part.first
    return found


def _piece(file: int, place: int, end: int) -> bytes:
    """Return whole lines from ``place`` on, or what there is of a line that is too long."""
    size = PIECE
    while True:
        data = os.pread(file, min(size, end - place), place)
        if len(data) < size or place + len(data) >= end:
            return data
        cut = data.rfind(b"\n") + 1
        if cut or size >= LONGEST_LINE:
            return data[:cut] if cut else data
        size *= 2


def _piece_before(file: int, start: int, end: int) -> tuple[int, bytes, bool]:
    """Return where some lines that end at ``end`` begin, them, and whether the first is whole."""
    size = PIECE
    while True:
        place = max(start, end - size)
        data = os.pread(file, end - place, place)
        if place == start:
            return place, data, True
        cut = data.find(b"\n", 0, len(data) - 1) + 1
        if cut or size >= LONGEST_LINE:
            return place + cut, data[cut:], bool(cut)
        size *= 2


def _lines_in(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n"))


def _seen(data: bytes) -> bytes:
    """Return the same lines without colours, and without the end of the last."""
    data = data.removesuffix(b"\n")
    return ansi.without_sequences(data) if b"\x1b" in data else data


def _hit(line: int, data: bytes, pattern: Pattern) -> Hit:
    text = ansi.shown_text(data)
    return Hit(line, text, list(itertools.islice(pattern.spans(text), _SPANS)))
