"""Their moments: milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from runs.api.mlflow.errors import Fault

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The last moment of the year 9999.
LATEST = 253_402_300_799_999


def milliseconds(moment: datetime) -> int:
    """Return a moment as they write it."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment(value: int, parameter: str) -> datetime:
    """Return the moment that they mean; refuses one before 1970 and one beyond the calendar."""
    if not 0 <= value <= LATEST:
        reason = "This should be in milliseconds since 1970, up to the year 9999."
        raise Fault(f"Invalid value {value} for parameter '{parameter}' supplied: {reason}")
    return _EPOCH + timedelta(milliseconds=value)
