"""Where a page begins: what the last run before it has in the columns sorted by, and its id."""

from __future__ import annotations

import base64
import binascii
import json
import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_datetime

from runs.actions.refused import Refused
from runs.queries.paging import BIGGEST_ID
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.queries.columns import Column

Place = tuple[Any, ...]
# In these columns every run has something.
ALWAYS = frozenset(
    {
        *("name", "status", "experiment", "compute", "submitter", "created", "id", "number"),
        *("description", "type"),
    }
)


def may_miss(of: Column) -> bool:
    """Whether a run may have nothing in this column."""
    return of.id not in ALWAYS


def encode(place: Place) -> str:
    """Return a place as an address has it."""
    text = json.dumps([_plain(part) for part in place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return {"time": value.isoformat()} if isinstance(value, datetime) else value


def decode(cursor: str, of: list[Column], field: str) -> Place:
    """Return the place in a cursor, for these columns.

    Raises:
        Refused: no page of such a list has given it out.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        parts = json.loads(raw)
        place = tuple(_value(part) for part in parts)
    except (binascii.Error, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        place = ()
    *values, pk = place or (None,)
    is_known = len(values) == len(of) and type(pk) is int and 0 <= pk <= BIGGEST_ID
    if not is_known or not all(_fits(each, v) for each, v in zip(of, values, strict=True)):
        raise Refused(
            Code.BAD_REQUEST,
            "No page of this list begins there.",
            field=field,
            hint="Leave it out to begin with the first page.",
        )
    return place


def _fits(of: Column, value: Any) -> bool:
    """Whether a value can stand in a column."""
    if value is None:
        return may_miss(of)
    if of.kind == "param" and isinstance(value, str):
        return True
    if of.kind in ("metric", "param", "duration"):
        return type(value) in (int, float) and math.isfinite(value)
    if of.kind == "number" or of.id == "created":
        return type(value) is int
    return isinstance(value, datetime if of.kind == "time" else str)


def _value(part: Any) -> Any:
    """Return a value of a cursor; raises ``ValueError`` for one that no page gives out."""
    if isinstance(part, dict):
        moment = parse_datetime(part["time"])
        if moment is None or moment.tzinfo is None:
            raise ValueError(part)
        return moment
    if isinstance(part, list) or (isinstance(part, str) and "\0" in part):
        raise ValueError(part)
    if isinstance(part, int) and abs(part) > BIGGEST_ID:
        raise ValueError(part)
    return part
