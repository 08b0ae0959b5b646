"""Numbers and flags in an address, read strictly."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from runs.queries.paging import BIGGEST_ID
from studio.contract import limits


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


Number = Annotated[int, BeforeValidator(whole_number), Field(ge=0, le=BIGGEST_ID)]
Flag = Annotated[bool, BeforeValidator(yes_or_no)]
Limit = Annotated[int, BeforeValidator(whole_number), Field(ge=1, le=limits.PAGE_MAX)]
