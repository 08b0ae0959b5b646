"""Text from outside: what a database would choke on is refused by the name of its field."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from runs.actions.refused import Refused
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Not all that ``float`` takes: "1_000", " 1" and "nan" are texts.
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def check_text(value: str, field: str, longest: int, *, shortest: int = 0) -> str:
    """Return ``value``; refuses NUL, half surrogate pairs, and lengths out of bounds (characters)."""
    if UNSTORABLE.search(value):
        reason = "The text contains a NUL byte or half a surrogate pair."
        raise Refused(Code.BAD_REQUEST, reason, field=field)
    if len(value) > longest:
        reason = f"The text has {len(value):,} characters; {longest:,} are allowed."
        raise Refused(Code.BAD_REQUEST, reason, field=field)
    if len(value) < shortest:
        reason = (
            "The text is missing." if not value else f"At least {shortest} characters are needed."
        )
        raise Refused(Code.BAD_REQUEST, reason, field=field)
    return value


def check_labels(labels: Mapping[str, str | None], noun: str, longest: int = limits.VALUE) -> None:
    """Refuse a key or value of tags, properties or parameters that cannot be stored, by its key."""
    for key, value in labels.items():
        field = label_field(noun, key)
        check_text(key, field, limits.KEY, shortest=1)
        check_text(value or "", field, longest)


def finite_number(text: str) -> float | None:
    """Return the number that a text says; None where it says none, or one beyond all floats."""
    if not NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def label_field(noun: str, key: str) -> str:
    """Return how an error names the field of a label; its key is as hostile as any text."""
    return f"{noun}.{key.encode('unicode_escape').decode()[:100]}"


def check_pattern(value: str, field: str, pattern: str, rule: str) -> str:
    """Return ``value``; refuses a name that the pattern does not match, saying the ``rule``."""
    if not re.fullmatch(pattern, value):
        raise Refused(Code.BAD_REQUEST, f"This name cannot be used: {rule}.", field=field)
    return value


def past_moment(text: str | None, field: str, *, after: datetime | None = None) -> datetime | None:
    """Return the moment that a text says, None for none; refuses the future and what is no moment."""
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    # Far from now an offset leads out of the calendar.
    if moment is None or timezone.is_naive(moment) or not 1970 <= moment.year <= 9000:
        reason = "This should be a time with its zone, such as 2026-11-01T12:00:00Z."
    elif moment > timezone.now():
        reason = "This time has not come yet."
    elif after is not None and moment < after:
        reason = "The run had not started at this time."
    else:
        return moment
    raise Refused(Code.BAD_REQUEST, reason, field=field)


def keep_what_fits(value: str, longest: int) -> str:
    """Return ``value`` fit for storing: for errors and warnings, which must never be lost to a rule."""
    clean = UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def one_line(text: str) -> str:
    """Return a text fit for a line of its own: as a subject it must not begin another header."""
    return " ".join(text.split())


def check_path(path: str, field: str, longest: int) -> str:
    """Return a file's path inside a run; refuses anything that could lead out of a folder."""
    check_text(path, field, longest, shortest=1)
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        reason = 'A path is relative and has no empty, "." or ".." part.'
    elif "\\" in path or any(ord(c) < 32 or ord(c) == 127 for c in path):
        reason = "A path has no backslash and no control character; parts are divided by /."
    elif len(parts[0]) == 2 and parts[0][1] == ":":
        reason = "A path does not begin with a drive."
    else:
        return path
    raise Refused(Code.BAD_REQUEST, reason, field=field)
