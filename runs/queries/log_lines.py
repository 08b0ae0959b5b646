"""Lines of a log, for the viewer: whole lines, numbered, from any place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.stores import logs

if TYPE_CHECKING:
    from runs.models import LogFile

PIECE = 192 * 1024


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
    start = max(0, log.size - PIECE)
    data = logs.read(log, start, PIECE)
    begin = _line_start(data) if start else 0
    found = _split(data[begin:], start + begin, 1)
    first = log.lines - len(found.lines) + 1
    return Lines(first, found.start, found.end, found.lines, found.partial)


def after(log: LogFile, offset: int, number: int) -> Lines:
    """Return what follows ``offset``, where line ``number`` begins."""
    return _split(logs.read(log, offset, PIECE), offset, number)


def before(log: LogFile, offset: int, number: int) -> Lines:
    """Return what precedes ``offset``, where line ``number`` begins."""
    start = max(0, offset - PIECE)
    data = logs.read(log, start, offset - start)
    begin = _line_start(data) if start else 0
    found = _split(data[begin:], start + begin, 1)
    return Lines(number - len(found.lines), found.start, found.end, found.lines)


def _line_start(data: bytes) -> int:
    """Return where the first whole line begins; a line that fills the piece is cut."""
    return data.find(b"\n") + 1


def _split(data: bytes, offset: int, number: int) -> Lines:
    *lines, partial = data.split(b"\n")
    if not lines and len(partial) >= PIECE:
        # One endless line: shown in pieces rather than never.
        lines, partial = [partial], b""
    return Lines(number, offset, offset + len(data) - len(partial), lines, partial)
