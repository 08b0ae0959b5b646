"""The line for which ``log:`` finds a run, as it stands in the log."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs import ansi
from runs.models import LogDocument
from runs.models.search import DIVIDER, SHORTEST, folded, needle
from runs.queries.search import any_in_log
from runs.queries.tree import Condition, Not, inner
from runs.stores import logs
from studio.contract import places

if TYPE_CHECKING:
    from collections.abc import Collection

    from runs.models import LogFile
    from runs.queries.tree import Node

_READ = 64 * 1024
_CUT = "…"
# Of a line so much is told, and of that so much before what was sought.
LONGEST, _BEFORE = 300, 40


@dataclass(frozen=True, slots=True)
class LogHit:
    """A line of a log with what was sought in it, cut around that where it is long."""

    path: str
    line: int
    before: str
    found: str
    after: str

    @property
    def text(self) -> str:
        """The line as far as it is told."""
        return self.before + self.found + self.after


def asked(node: Node) -> list[str]:
    """Return the texts that are to be in a log, in the order of the query."""
    if isinstance(node, Not):
        return []
    if isinstance(node, Condition):
        if node.field != "log" or node.operator == "!=":
            return []
        return [value.text for value in node.names or node.values]
    return list(dict.fromkeys(text for part in inner(node) for text in asked(part)))


def hits(ids: Collection[int], tree: Node) -> dict[int, LogHit]:
    """Return the first line of each of these runs that the query asks for, in one call.

    The log of the script comes first, then the others by their paths.
    """
    texts = asked(tree)
    if not texts or not ids:
        return {}
    documents = LogDocument.objects.filter(any_in_log(map(needle, texts)), run__in=ids)
    rows = sorted(documents.select_related("log"), key=_order)
    found: dict[int, LogHit] = {}
    for document in rows:
        if document.run_id not in found and (hit := _first(document, texts)) is not None:
            found[document.run_id] = hit
    return found


def _order(document: LogDocument) -> tuple[bool, str]:
    path = document.log.path
    return path != places.STD_LOG, path


def _first(document: LogDocument, texts: list[str]) -> LogHit | None:
    for text in texts:
        sought = folded(text)
        at = _place(document, sought)
        if at is not None:
            number, line = document.number(at), document.lines[at]
            return _told(document.log, number, line, sought)
    return None


def _place(document: LogDocument, sought: str) -> int | None:
    """Return the first of a document's lines that has a folded text, None for none."""
    if len(sought) >= SHORTEST:
        at = document.text.find(sought)
        return document.text.count(DIVIDER, 0, at) - 1 if at >= 0 else None
    begins = _beginning(sought)
    lines = enumerate(document.lines)
    return next((at for at, line in lines if begins.search(line)), None)


def _beginning(sought: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(sought)}")


def _told(log: LogFile, number: int, line: str, sought: str) -> LogHit:
    """Return a hit in a line as it was written, or folded where the log no longer says the same."""
    data = logs.read(log, logs.offset_of(log, number), _READ)
    text = ansi.shown_text(data.partition(b"\n")[0])
    span = _span(text, sought)
    if span is None:
        text, span = line, _span(line, sought) or (0, 0)
    start, end = span
    begin = max(0, start - _BEFORE)
    stop = begin + LONGEST
    before, after = _CUT if begin else "", _CUT if stop < len(text) else ""
    end = min(end, stop)
    found = text[start:end]
    return LogHit(log.path, number, before + text[begin:start], found, text[end:stop] + after)


def _span(text: str, sought: str) -> tuple[int, int] | None:
    """Return from which to which character a line has a folded text; one may fold to several."""
    whole = folded(text)
    if len(sought) >= SHORTEST:
        at = whole.find(sought)
    else:
        found = _beginning(sought).search(whole)
        at = found.start() if found else -1
    if at < 0:
        return None
    if len(whole) == len(text):
        return at, at + len(sought)
    ends = list(itertools.accumulate(len(char.casefold()) for char in text))
    start = next(n for n, end in enumerate(ends) if end > at)
    stop = next(n for n, end in enumerate(ends) if end >= at + len(sought))
    return start, stop + 1
