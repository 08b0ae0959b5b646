"""Times and durations as people write them in a query: 2026-11-01, -7d, 90s."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import Match

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LENGTH = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhdw])")
_WRITTEN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:(?P<clock>[Tt ][0-9]{2}:[0-9]{2})(?P<seconds>:[0-9]{2}(?P<fraction>\.[0-9]{1,6})?)?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)
_INSTANT = timedelta(microseconds=1)


def duration(text: str) -> timedelta | None:
    """Return how long ``90s``, ``30m``, ``2h``, ``1d`` or ``4w`` is; None for anything else."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return None
    try:
        return timedelta(**{_UNITS[found[2]]: float(found[1])})
    except OverflowError:
        return None


def before_now(text: str, now: datetime) -> datetime | None:
    """Return the time that ``-7d`` means at ``now``; None for anything else or before the year 1."""
    length = duration(text[1:]) if text.startswith("-") else None
    try:
        return now - length if length is not None else None
    except OverflowError:
        return None


def stretch(text: str) -> tuple[datetime, datetime] | None:
    """Return begin and end (not included) of a day, minute or second in ISO 8601; UTC unless said.

    None for a text that is no time, or one beyond the years 1 to 9999.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    try:
        begin = datetime.fromisoformat(text.upper())
        begin = begin.replace(tzinfo=UTC) if begin.tzinfo is None else begin.astimezone(UTC)
        return begin, begin + _precision(found)
    except (ValueError, OverflowError):
        return None


def _precision(found: Match[str]) -> timedelta:
    if found["fraction"]:
        return _INSTANT
    if found["seconds"]:
        return timedelta(seconds=1)
    return timedelta(minutes=1) if found["clock"] else timedelta(days=1)
