"""Pages by key: a cursor is the id of the last row that was shown, so every page costs the same."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, TypeVar

from django.db.models import Model, QuerySet
from pydantic import BeforeValidator, Field

from runs.actions.refused import Refused
from studio.contract import limits
from studio.contract.errors import Code

M = TypeVar("M", bound=Model)

_BIGGEST_ID = 2**63 - 1


def whole_number(text: object) -> object:
    """Turn digits into an int; pydantic alone would also take "1_0" and "5.0"."""
    if isinstance(text, str):
        if not (text.isascii() and text.isdigit() and len(text) <= 19):
            raise ValueError("This should be a whole number.")
        return int(text)
    return text


def yes_or_no(text: object) -> object:
    """Turn "true" and "false" into a bool; pydantic alone would also take "on" and "y"."""
    if isinstance(text, str):
        if text not in ("true", "false"):
            raise ValueError('This should be "true" or "false".')
        return text == "true"
    return text


Number = Annotated[int, BeforeValidator(whole_number), Field(ge=0, le=_BIGGEST_ID)]
Flag = Annotated[bool, BeforeValidator(yes_or_no)]
Limit = Annotated[int, BeforeValidator(whole_number), Field(ge=1, le=limits.PAGE_MAX)]


def page(
    rows: QuerySet[M], limit: int, cursor: str, *, newest_first: bool
) -> tuple[list[M], str | None]:
    """Return one page of ``rows`` and the cursor of the next one, None on the last."""
    order, beyond = ("-pk", "pk__lt") if newest_first else ("pk", "pk__gt")
    if cursor:
        rows = rows.filter(**{beyond: decode(cursor)})
    found = list(rows.order_by(order)[: limit + 1])
    shown = found[:limit]
    return shown, encode(shown[-1].pk) if len(found) > limit else None


def encode(last_id: int) -> str:
    """Return the cursor that stands behind the row of that id."""
    return base64.urlsafe_b64encode(str(last_id).encode()).decode().rstrip("=")


def decode(cursor: str) -> int:
    """Return the id in a cursor; refuses a text that no page has given out."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        last_id = int(text) if text.isdigit() else -1
    except (binascii.Error, ValueError):
        last_id = -1
    if not 0 <= last_id <= _BIGGEST_ID or encode(last_id) != cursor:
        raise Refused(
            Code.BAD_REQUEST,
            "This is no cursor of this list.",
            field="cursor",
            hint='Take it from "nextCursor" of the page before, or leave it out.',
        )
    return last_id
