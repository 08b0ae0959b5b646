"""Their pages: a token says how many rows came before."""

from __future__ import annotations

import base64
import json

from runs.api.mlflow.errors import Fault

MOST = 50_000


def check_results(count: int, most: int = MOST) -> int:
    """Return how many are asked for; refuses none and too many."""
    if count < 1:
        reason = "It must be a positive integer"
        raise Fault(f"Invalid value {count} for parameter 'max_results' supplied. {reason}")
    if count > most:
        reason = f"It must be at most {most}"
        raise Fault(f"Invalid value {count} for parameter 'max_results' supplied. {reason}")
    return count


def offset_of(token: str) -> int:
    """Return how many rows are before the page of a token; 0 without one."""
    if not token:
        return 0
    try:
        decoded = base64.b64decode(token, validate=True)
    except ValueError:
        raise Fault("Invalid page token, could not base64-decode") from None
    try:
        offset = json.loads(decoded)["offset"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Fault(f"Invalid page token, decoded value={decoded[:100]!r}") from None
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset < 2**31:
        raise Fault(f"Invalid page token, parsed value={str(offset)[:100]}")
    return offset


def token_of(offset: int) -> str:
    """Return the token of the page behind so many rows."""
    return base64.b64encode(json.dumps({"offset": offset}).encode()).decode()
