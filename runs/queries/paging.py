"""Pages by key: a cursor is the id of a row that was shown, so every page costs the same."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

from django.db.models import Model, QuerySet

from runs.actions.refused import Refused
from studio.contract.errors import Code

M = TypeVar("M", bound=Model)

BIGGEST_ID = 2**63 - 1


def page(
    rows: QuerySet[M], limit: int, cursor: str, *, newest_first: bool = True, field: str = "cursor"
) -> tuple[list[M], str | None]:
    """Return one page of ``rows`` and the cursor of the next one, None on the last."""
    order, beyond = ("-pk", "pk__lt") if newest_first else ("pk", "pk__gt")
    if cursor:
        rows = rows.filter(**{beyond: decode(cursor, field)})
    found = list(rows.order_by(order)[: limit + 1])
    shown = found[:limit]
    return shown, encode(shown[-1].pk) if len(found) > limit else None


def newer_page(
    rows: QuerySet[M], limit: int, cursor: str, *, field: str = "before"
) -> list[M] | None:
    """Return the page of ``rows`` that is just newer than a cursor, newest first.

    None when fewer are newer than fill a page: the first page shows them all.
    """
    found = list(rows.filter(pk__gt=decode(cursor, field)).order_by("pk")[: limit + 1])
    return found[:limit][::-1] if len(found) > limit else None


def encode(last_id: int) -> str:
    """Return the cursor that stands at the row of that id."""
    return base64.urlsafe_b64encode(str(last_id).encode()).decode().rstrip("=")


def decode(cursor: str, field: str = "cursor") -> int:
    """Return the id in a cursor; refuses a text that no page has given out."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        last_id = int(text) if text.isdigit() else -1
    except (binascii.Error, ValueError):
        last_id = -1
    if not 0 <= last_id <= BIGGEST_ID or encode(last_id) != cursor:
        raise Refused(
            Code.BAD_REQUEST,
            "No page of this list begins there.",
            field=field,
            hint="Leave it out to begin with the first page.",
        )
    return last_id
