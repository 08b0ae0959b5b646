"""What may be logged, as JSON: numbers of Python and numpy, text, None."""

from __future__ import annotations

import math
import time
from typing import Any

from studio.contract import limits
from studio.sdk._exceptions import UserErrorException


def row(name: str, value: object, *, description: str, step: int | None) -> dict[str, Any]:
    """Return the row of one call of log.

    Raises:
        UserErrorException: a name or value that cannot be stored; the message says which.
    """
    if not isinstance(name, str) or not name or len(name) > limits.METRIC_NAME:
        raise UserErrorException(
            f"A metric's name is a text of 1 to {limits.METRIC_NAME} characters."
        )
    told: dict[str, Any] = {"name": name, "time": time.time(), **_value(name, value)}
    if description:
        told["description"] = description[: limits.VALUE]
    if step is not None:
        told["step"] = _step(name, step)
    return told


def _value(name: str, value: object) -> dict[str, Any]:
    value = _plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        text = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return {"valueText": text}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return {"value": float(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return {"value": value if not isinstance(value, str) else _text(value)}
    if isinstance(value, list | tuple | set | range) or hasattr(value, "__next__"):
        raise UserErrorException(
            f'Metric "{name}": log takes one value. Call it once for each value of a series.'
        )
    return {"value": _text(repr(value))}


def _plain(value: object) -> object:
    """Return a number of numpy as one of Python; numpy itself is not needed."""
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return value.item()  # type: ignore[attr-defined]
    return value


def _text(value: str) -> str:
    clean = value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return clean[: limits.METRIC_TEXT]


def _step(name: str, step: object) -> int:
    step = _plain(step)
    if isinstance(step, bool) or not isinstance(step, int) or not -(2**63) <= step < 2**63:
        raise UserErrorException(
            f'Metric "{name}": a step is a whole number of 64 bits, not {step!r}.'
        )
    return step
