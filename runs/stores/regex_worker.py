"""A regular expression of somebody's, looked for in a process of its own.

Python's expressions go back and forth over a line, and a few characters can make that last for years.
"""

from __future__ import annotations

import re
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runs.stores import apart, log_scan
from runs.stores.log_scan import Found, Hit, Part, Regex

if TYPE_CHECKING:
    from collections.abc import Callable


class BadPatternError(Exception):
    """The text is no regular expression."""


class TooSlowError(Exception):
    """The expression had no answer in time."""


def look(
    way: Callable[..., Found],
    path: Path,
    part: Part,
    *,
    text: str,
    is_exact: bool,
    limit: int,
    seconds: float,
) -> Found:
    """Return what ``forwards`` or ``backwards`` of ``log_scan`` finds with a regular expression.

    Raises:
        BadPatternError: the text is none.
        TooSlowError: a line took it longer than all lines may.
    """
    asked = {
        "way": way.__name__,
        "path": str(path),
        "part": asdict(part),
        "text": text,
        "exact": is_exact,
        "limit": limit,
        "seconds": seconds,
    }
    try:
        answer = apart.ask(__name__, asked, seconds=seconds)
    except apart.TooMuchError:
        raise TooSlowError from None
    if "error" in answer:
        raise BadPatternError(answer["error"])
    hits = [Hit(h["line"], h["text"], [(a, b) for a, b in h["spans"]]) for h in answer["hits"]]
    return Found(answer["reached"], hits, answer["count"])


def main() -> None:
    """Answer one question from stdin on stdout."""
    apart.serve(_answer)


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    until = time.monotonic() + asked["seconds"]
    try:
        pattern = Regex(asked["text"], is_exact=asked["exact"])
    except (re.error, OverflowError, RecursionError) as error:
        return {"error": str(error)}
    way = {"forwards": log_scan.forwards, "backwards": log_scan.backwards}[asked["way"]]
    with Path(asked["path"]).open("rb") as file:
        part = Part(**asked["part"])
        return asdict(way(file.fileno(), part, pattern, limit=asked["limit"], until=until))
