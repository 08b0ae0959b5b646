"""The logs of two runs: their ends, and how they differ but for what is never twice the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs import ansi
from runs.queries import changed_lines, log_lines
from runs.stores import logs
from studio.contract import places

if TYPE_CHECKING:
    from runs.models import Run
    from runs.queries.changed_lines import Difference

MOST_LINES = 2_000
_MOST_BYTES = 512 * 1024
# What a script has printed: of a submitted one, and of a `with` block.
_PRINTED = (places.STD_LOG, places.BLOCK_LOG)
# None of them begins inside a number, so that a line of ten thousand digits is read once.
_UNLIKE = (
    (
        r"(?<!\d)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?",
        "TIME",
    ),
    (r"(?<![\d:])\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d+)?(?![\d:])", "TIME"),
    (r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b0[xX][0-9a-fA-F]+\b", "ID"),
    (r"\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,}\b", "ID"),
    (
        r"(?<![\w.])\d+(?:\.\d+)? ?"
        r"(?:ns|[µu]s|ms|s|secs?|seconds?|mins?|minutes?|m|hours?|h)(?!\w)",
        "SPAN",
    ),
    (r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w)", "NUMBER"),
    (r"(?<![\w.])[-+]?\d+[eE][-+]?\d+(?!\w)", "NUMBER"),
)
_PATTERNS = [(re.compile(pattern, re.ASCII), f"<{word}>") for pattern, word in _UNLIKE]


@dataclass(frozen=True, slots=True)
class End:
    """The last lines of a log as they are read; no ``path`` of a run that has printed nothing."""

    path: str
    lines: list[str]
    total: int

    @property
    def first(self) -> int:
        """The number of the first of these lines."""
        return self.total - len(self.lines) + 1

    @property
    def is_cut(self) -> bool:
        """Whether the log has lines before these."""
        return self.first > 1


def end_of(run: Run) -> End:
    """Return the end of what a run has printed."""
    kept = {log.path: log for log in run.logs.filter(path__in=_PRINTED)}
    log = next((kept[path] for path in _PRINTED if path in kept), None)
    if log is None:
        return End("", [], 0)
    start = max(0, log.size - _MOST_BYTES)
    found = logs.read(log, start, _MOST_BYTES).removesuffix(b"\n").split(b"\n")
    whole = found[1:] if start and len(found) > 1 else found
    lines = [ansi.shown_text(line) for line in whole[-MOST_LINES:]]
    return End(log.path, lines if log.size else [], log_lines.count(log))


def difference(before: End, after: End, *, is_raw: bool) -> Difference:
    """Return how the ends of two logs differ; ``is_raw`` compares them letter by letter."""
    seen = (before.lines, after.lines)
    old, new = seen if is_raw else ([alike(line) for line in lines] for lines in seen)
    return changed_lines.difference(old, new, seen=seen, first=(before.first, after.first))


def alike(line: str) -> str:
    """Return a line with a word in place of each time, duration, hexadecimal id and fraction."""
    for pattern, word in _PATTERNS:
        line = pattern.sub(word, line)
    return line
