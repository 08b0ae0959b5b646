"""Searching a whole log on the server: which lines have it, how many, the next and the one before.

Every look is bounded in time and in what it returns, and says how far it came; whoever asked goes on
from there. So the largest log is searched to its end without a request that lasts.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.actions.refused import Refused
from runs.stores import log_scan, logs, regex_worker
from runs.stores.log_scan import Errors, Found, Hit, Part, Pattern, Plain, Regex
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from runs.models import LogFile

LONGEST = 500
MOST = 1_000
SECONDS = 1.5
# Each takes a processor for itself while it looks.
_EXPRESSIONS = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is sought: a text, a regular expression, or whatever looks like an error."""

    text: str = ""
    is_regex: bool = False
    is_exact: bool = False
    is_errors: bool = False

    def check(self) -> None:
        """Refuse what cannot be found in a line."""
        if self.is_errors and (self.text or self.is_regex):
            reason = "Errors are found without a text."
            raise Refused(Code.BAD_REQUEST, reason, field="errors", hint="Give one of the two.")
        if not self.is_errors and not self.text:
            raise Refused(Code.BAD_REQUEST, "The text is missing.", field="text")
        if len(self.text) > LONGEST:
            reason = f"The text has {len(self.text):,} characters; {LONGEST:,} are allowed."
            raise Refused(Code.BAD_REQUEST, reason, field="text")
        if any(end in self.text for end in "\r\n\0"):
            reason = "A search looks at one line at a time: the text cannot hold an end of line."
            raise Refused(Code.BAD_REQUEST, reason, field="text")


@dataclass(frozen=True, slots=True)
class Result:
    """Lines of a log that have it.

    ``count`` is how many of the lines that were looked at and have an end; ``next`` is the line from
    which to go on; ``is_complete`` that there was no more to look at just now. A last line that
    has no end yet is among the hits, and ``is_in_rest``, and is looked at again.
    """

    hits: list[Hit]
    count: int
    next: int
    is_complete: bool
    is_in_rest: bool = False


def search(
    log: LogFile, wish: Wish, *, first: int = 1, last: int | None = None, limit: int = MOST
) -> Result:
    """Look from line ``first`` to ``last``, for ``limit`` lines; with no limit (0) count them all.

    Raises:
        Refused: a text that cannot be sought; an expression that is none or takes too long.
    """
    wish.check()
    first, end = max(first, 1), log.lines if last is None else min(last, log.lines)
    found = Found(first)
    if first <= end:
        part = Part(logs.offset_of(log, first), logs.offset_of(log, end + 1), first, end + 1)
        found = _look(log_scan.forwards, log, part, wish, limit)
    full = bool(limit) and found.count >= limit
    done = found.reached > end and not full
    rest = _rest(log, wish) if done and _wants_rest(log, first, last) else None
    hits = found.hits + (rest.hits if rest and limit else [])
    return Result(
        hits, found.count, min(found.reached, log.lines + 1), done, bool(rest and rest.hits)
    )


def search_back(
    log: LogFile, wish: Wish, *, first: int = 1, last: int | None = None, limit: int = 1
) -> Result:
    """Look from line ``last`` back to ``first``; the hits are the nearest first.

    Raises:
        Refused: as in ``search``.
    """
    wish.check()
    first, end = max(first, 1), log.lines if last is None else min(last, log.lines)
    rest = _rest(log, wish) if _wants_rest(log, first, last) else None
    hits = list(rest.hits) if rest else []
    found = Found(end + 1)
    if first <= end and len(hits) < limit:
        part = Part(logs.offset_of(log, first), logs.offset_of(log, end + 1), first, end + 1)
        found = _look(log_scan.backwards, log, part, wish, limit - len(hits))
    done = found.reached <= first
    return Result([*hits, *found.hits], found.count, found.reached, done, bool(hits))


def _wants_rest(log: LogFile, first: int, last: int | None) -> bool:
    reaches = last is None or last > log.lines
    return reaches and first <= log.lines + 1 and logs.offset_of(log, log.lines + 1) < log.size


def _rest(log: LogFile, wish: Wish) -> Found:
    """Look at what follows the last end of a line."""
    number = log.lines + 1
    part = Part(logs.offset_of(log, number), log.size, number, number + 1)
    return _look(log_scan.forwards, log, part, wish, 1)


def _look(way: Callable[..., Found], log: LogFile, part: Part, wish: Wish, limit: int) -> Found:
    path = logs.path_of(log)
    if not path.exists():
        return Found(part.behind if way is log_scan.forwards else part.first)
    if wish.is_regex:
        return _look_apart(way, log, part, wish, limit)
    with path.open("rb", buffering=0) as file:
        until = time.monotonic() + SECONDS
        return way(file.fileno(), part, _pattern(wish), limit=limit, until=until)


def _pattern(wish: Wish) -> Pattern:
    if wish.is_errors:
        return Errors()
    if wish.is_exact or wish.text.isascii():
        return Plain(wish.text, is_exact=wish.is_exact)
    # A text as an expression takes linear time, and knows the case of every alphabet.
    return Regex.of_text(wish.text)


def _look_apart(
    way: Callable[..., Found], log: LogFile, part: Part, wish: Wish, limit: int
) -> Found:
    if not _EXPRESSIONS.acquire(timeout=_WAIT_SECONDS):
        reason = "Too many expressions are being looked for just now."
        raise Refused(Code.RATE_LIMITED, reason, hint="Try again in a few seconds.")
    try:
        return regex_worker.look(
            way,
            logs.path_of(log),
            part,
            text=wish.text,
            is_exact=wish.is_exact,
            limit=limit,
            seconds=SECONDS,
        )
    except regex_worker.BadPatternError as error:
        reason = f"This is no regular expression: {error}."
        hint = "A text is sought as it is when it is not meant as an expression."
        raise Refused(Code.BAD_REQUEST, reason, field="text", hint=hint) from None
    except regex_worker.TooSlowError:
        reason = "This expression takes too long on a line of this log, and was stopped."
        hint = "Repeat less in it: a repetition inside a repetition, as in (a+)+, takes for ever."
        raise Refused(Code.BAD_REQUEST, reason, field="text", hint=hint) from None
    finally:
        _EXPRESSIONS.release()
