"""Lines of a log, for the viewer: whole lines, numbered, from any place in the file.

Every answer is bounded twice, in bytes and in lines, so that no log makes a page heavy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.stores import logs

if TYPE_CHECKING:
    from runs.models import LogFile

PIECE = 192 * 1024
# What a page shows before anybody asks for more.
LAST = 64 * 1024
LINES = 1_000


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines: their first number, where they begin and end in the file, and an unfinished last one."""

    first: int
    start: int
    end: int
    lines: list[bytes]
    partial: bytes = b""

    def numbered(self) -> list[tuple[int, bytes]]:
        """Return each line with its number."""
        return list(enumerate(self.lines, self.first))


def last(log: LogFile) -> Lines:
    """Return the end of a log."""
    start = max(0, log.size - LAST)
    found = _lines_of(logs.read(log, start, LAST), start)
    return _last_of(found, number=log.lines + 1)


def after(log: LogFile, offset: int, number: int) -> Lines:
    """Return what follows ``offset``, where line ``number`` begins."""
    found = _split(logs.read(log, offset, PIECE), offset, number)
    kept = found.lines[:LINES]
    if len(kept) == len(found.lines):
        return found
    return Lines(number, offset, offset + _length(kept), kept)


def before(log: LogFile, offset: int, number: int) -> Lines:
    """Return what precedes ``offset``, where line ``number`` begins."""
    start = max(0, offset - PIECE)
    found = _lines_of(logs.read(log, start, offset - start), start)
    return _last_of(Lines(1, found.start, found.end, found.lines), number=number)


def _lines_of(data: bytes, start: int) -> Lines:
    """Split what was read at ``start``; a line that began before it is left out."""
    begin = data.find(b"\n") + 1 if start else 0
    return _split(data[begin:], start + begin, 1)


def _last_of(found: Lines, *, number: int) -> Lines:
    """Return the last of some lines; ``number`` is that of the line behind them."""
    kept = found.lines[-LINES:]
    start = found.start + _length(found.lines[: len(found.lines) - len(kept)])
    return Lines(number - len(kept), start, found.end, kept, found.partial)


def _length(lines: list[bytes]) -> int:
    return sum(len(line) + 1 for line in lines)


def _split(data: bytes, offset: int, number: int) -> Lines:
    *lines, partial = data.split(b"\n")
    if not lines and len(partial) >= PIECE:
        # One endless line: shown in pieces rather than never.
        lines, partial = [partial], b""
    return Lines(number, offset, offset + len(data) - len(partial), lines, partial)
