"""What of a log the list of runs can be searched by: all of a short one, of a long one its substance.

That is its beginning and its end, and of the lines between them the first of each kind, those that
look like errors above all. Lines that differ in nothing but their numbers are of one kind, so that a
week of training comes to some pages. A log is read once, as it grows; only its end is read again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runs import ansi
from runs.models.search import folded
from runs.stores import logs
from runs.stores.log_scan import Errors

if TYPE_CHECKING:
    from runs.models import LogDocument, LogFile

# Bytes at the beginning and at the end, and of lines between them: of each kind, and with an error.
ENDS = 16 * 1024
KINDS = ERRORS = 16 * 1024
# Characters of a line.
LINE = 1_000
# Read between two looks at the clock, and at once: other writers have their turn in between.
PIECE = 1024 * 1024
AT_ONCE = 16 * PIECE
_NUMBERS = re.compile(r"\d+")
_DIGITS = re.compile(rb"[0-9]+")


@dataclass(slots=True)
class Digest:
    """Lines of a log, folded, with their numbers: ``kept`` of them for good, then those of its end.

    ``scanned`` bytes were read for good, up to line ``line``; ``kinds`` and ``errors`` are how many
    characters of such lines are kept. ``is_complete`` says that all committed bytes are known.
    """

    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    kept: int = 0
    scanned: int = 0
    line: int = 1
    kinds: int = 0
    errors: int = 0
    is_complete: bool = False

    @classmethod
    def of(cls, document: LogDocument) -> Digest:
        """Return what a document knows, without the end of the log."""
        state, lines = document.state, document.lines[: document.state["kept"]]
        return cls(lines, [document.number(at) for at in range(len(lines))], **state)

    def state(self) -> dict[str, int]:
        """Return what a document keeps besides the lines."""
        names = ("kept", "scanned", "line", "kinds", "errors")
        return {name: getattr(self, name) for name in names}

    def places(self) -> list[list[int]]:
        """Return the numbers of the lines: first ones, and how many follow each other from there."""
        found: list[list[int]] = []
        for number in self.numbers:
            if found and number == sum(found[-1]):
                found[-1][1] += 1
            else:
                found.append([number, 1])
        return found


def grown(log: LogFile, known: LogDocument | None) -> Digest:
    """Return what is to be found of a log as it is now; of a long one the next part of it."""
    digest = Digest.of(known) if known is not None else Digest()
    end = _end(log)
    reading = _Reading(digest)
    upto = min(end, digest.scanned + AT_ONCE)
    while digest.scanned < upto and (data := _lines(log, digest.scanned, end)):
        reading.take(data)
    digest.kept = len(digest.lines)
    digest.is_complete = digest.scanned >= end
    last = logs.read(log, end, log.size - end)
    _add(digest, dict(enumerate(last.split(b"\n"), log.lines - last.count(b"\n") + 1)))
    return digest


def is_text(log: LogFile) -> bool:
    """Whether a log is one to be read."""
    return b"\0" not in logs.read(log, 0, 1024)


def _end(log: LogFile) -> int:
    """Return where the lines begin that are its end."""
    start = max(log.size - ENDS, 0)
    return start + logs.read(log, start, ENDS).find(b"\n") + 1 if start else 0


def _lines(log: LogFile, start: int, end: int) -> bytes:
    """Return whole lines from a place on, or a part of one that is very long; the beginning by itself."""
    data = logs.read(log, start, min(PIECE, end - start))
    head = ENDS - start
    cut = data.find(b"\n", head - 1) if 0 < head < len(data) else -1
    if cut < 0:
        cut = data.rfind(b"\n")
    return data[: cut + 1] or data


class _Reading:
    """Takes the lines of a log that stand before its end, and chooses."""

    def __init__(self, digest: Digest) -> None:
        self._digest = digest
        self._known = {_kind(line) for line in digest.lines}
        # The same before a line was decoded, which most are never: of this call only.
        self._seen: set[bytes] = set()

    def take(self, data: bytes) -> None:
        """Look at the next lines, the first of which is line ``line``."""
        digest, size = self._digest, len(data)
        is_head = digest.scanned < ENDS
        data = ansi.without_sequences(data) if b"\x1b" in data else data
        rows = data.split(b"\n")
        chosen = dict(enumerate(rows)) if is_head else self._chosen(data, rows)
        _add(digest, {digest.line + row: chosen[row] for row in sorted(chosen)})
        if is_head:
            self._known.update(map(_kind, digest.lines))
        digest.scanned += size
        digest.line += len(rows) - 1

    def _chosen(self, data: bytes, rows: list[bytes]) -> dict[int, bytes]:
        digest, chosen = self._digest, {}
        if digest.errors < ERRORS:
            for row in Errors().rows(data.removesuffix(b"\n")):
                if size := self._fresh(rows[row]):
                    digest.errors += size
                    chosen[row] = rows[row]
        if digest.kinds < KINDS:
            for row, masked in enumerate(_DIGITS.sub(b"0", data).split(b"\n")):
                if masked in self._seen or row in chosen:
                    continue
                self._seen.add(masked)
                if size := self._fresh(rows[row]):
                    digest.kinds += size
                    chosen[row] = rows[row]
                    if digest.kinds >= KINDS:
                        break
        return chosen

    def _fresh(self, row: bytes) -> int:
        """Return how long a line of a new kind is, 0 for one of a kind that is known."""
        line = _folded(row)
        kind = _kind(line)
        if not line or kind in self._known:
            return 0
        self._known.add(kind)
        return len(line) + 1


def _add(digest: Digest, rows: dict[int, bytes]) -> None:
    for number, row in rows.items():
        if line := _folded(row):
            digest.lines.append(line)
            digest.numbers.append(number)


def _folded(row: bytes) -> str:
    return folded(ansi.shown_text(row)[:LINE]).rstrip() if row else ""


def _kind(line: str) -> str:
    return _NUMBERS.sub("0", line)
