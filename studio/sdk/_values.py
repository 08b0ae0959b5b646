"""What may be logged, as JSON: numbers of Python and numpy, text, None. numpy itself is not needed."""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from studio.contract import limits
from studio.contract.words import PARAMETER, MetricKind
from studio.sdk._exceptions import UserErrorException

_SERIES = (list, tuple, set, frozenset, range, dict)
_NOT_ONE = (list, set, frozenset, range)


def scalar(name: str, value: object, *, description: str, step: int | None) -> dict[str, Any]:
    """Return the row of one call of ``log``.

    Raises:
        UserErrorException: a name or value that cannot be stored; the message says which.
    """
    row = _row(name, MetricKind.SCALAR, description)
    if type(value) is float and math.isfinite(value):
        # By far the most common one, and a training waits for it.
        row["value"] = value
    else:
        plain = _plain(value)
        if isinstance(plain, _NOT_ONE) or hasattr(plain, "__next__"):
            raise UserErrorException(
                f'Metric "{name}": log takes one value. log_list takes a series.'
            )
        row |= _cell(plain)
    if step is not None:
        row["step"] = step if type(step) is int and abs(step) < 2**63 else _step(name, step)
    return row


def series(name: str, values: object, *, description: str) -> list[dict[str, Any]]:
    """Return the rows of one call of ``log_list``: one for each element; raises as ``scalar``."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise UserErrorException(
            f'Metric "{name}": log_list takes a series, not {type(values).__name__}. '
            "log takes one value."
        )
    found = [_element(name, value) for value in values]
    if not found:
        warnings.warn(f'Metric "{name}": the series is empty; nothing was logged.', stacklevel=4)
    head = _row(name, MetricKind.LIST, description)
    return [head | cell for cell in found]


def table_row(name: str, columns: Mapping[str, object], *, description: str) -> dict[str, Any]:
    """Return the row of one call of ``log_row``; raises as ``scalar``."""
    if not columns:
        raise UserErrorException(
            f'Metric "{name}": a row needs a column, as in log_row(name, x=1).'
        )
    cells = {column: _in_table(name, value) for column, value in columns.items()}
    return _row(name, MetricKind.TABLE, description) | {"value": cells}


def table(name: str, columns: object, *, description: str) -> list[dict[str, Any]]:
    """Return the rows of one call of ``log_table``: a dict of columns; raises as ``scalar``."""
    if not isinstance(columns, Mapping):
        raise UserErrorException(f'Metric "{name}": a table is a dict of column to values.')
    lists = {str(column): _column(values) for column, values in columns.items()}
    lengths = {column: len(values) for column, values in lists.items()}
    if len(set(lengths.values())) > 1:
        (short, few), *_, (long, many) = sorted(lengths.items(), key=lambda item: item[1])
        raise UserErrorException(
            f'Metric "{name}": column "{short}" has {few} values and column "{long}" has {many}.'
        )
    count = next(iter(lengths.values()), 0)
    if not count:
        warnings.warn(f'Metric "{name}": the table is empty; nothing was logged.', stacklevel=4)
    return [
        table_row(name, {c: values[place] for c, values in lists.items()}, description=description)
        for place in range(count)
    ]


def artifact(name: str, kind: MetricKind, path: str, *, description: str) -> dict[str, Any]:
    """Return the row of a metric that is a file of the run; raises as ``scalar``."""
    return _row(name, kind, description) | {"value": path}


def parameters(values: object, known: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of one call of ``log_parameters``: of those that are not ``known`` yet.

    Raises:
        UserErrorException: one that cannot be stored, or is known with another value.
    """
    if not isinstance(values, Mapping):
        raise UserErrorException('Parameters are a dict such as {"lr": 0.01, "optimizer": "adam"}.')
    texts = {_parameter_key(key): _clean(str(value)) for key, value in values.items()}
    for key, text in texts.items():
        if known.get(key, text) != text:
            raise UserErrorException(
                f'Parameter "{key}" is "{known[key][:200]}" and cannot become "{text[:200]}": '
                "what a run was configured with never changes."
            )
        if len(text) > limits.PARAMETER_VALUE:
            raise UserErrorException(
                f'Parameter "{key}" has {len(text):,} characters; {limits.PARAMETER_VALUE:,} are '
                "allowed. Upload a long configuration as a file of the run."
            )
    if len({*known, *texts}) > limits.PARAMETERS_PER_RUN:
        raise UserErrorException(f"A run has {limits.PARAMETERS_PER_RUN:,} parameters at most.")
    head = {"kind": PARAMETER, "time": time.time()}
    return [{"name": k, **head, "value": v} for k, v in texts.items() if k not in known]


def json_text(name: str, value: object) -> bytes:
    """Return a chart's data as JSON: from a dict, or from a text that is JSON already."""
    try:
        data = json.loads(value) if isinstance(value, str | bytes) else value
        return json.dumps(data).encode()
    except (ValueError, TypeError) as error:
        raise UserErrorException(f'Metric "{name}": Invalid JSON: {error}') from None


def _row(name: str, kind: MetricKind, description: str | None) -> dict[str, Any]:
    if not isinstance(name, str) or not name or len(name) > limits.METRIC_NAME:
        raise UserErrorException(
            f"A metric's name is a text of 1 to {limits.METRIC_NAME} characters."
        )
    row = {"name": name, "kind": kind.value, "time": time.time()}
    return row | {"description": description[: limits.VALUE]} if description else row


def _cell(value: object) -> dict[str, Any]:
    if isinstance(value, float) and not math.isfinite(value):
        text = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return {"valueText": text}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return {"value": float(value)}
    if value is None or isinstance(value, bool | int | float):
        return {"value": value}
    return {"value": _text(value if isinstance(value, str) else repr(value))}


def _element(name: str, value: object) -> dict[str, Any]:
    plain = _plain(value)
    if isinstance(plain, _SERIES):
        raise UserErrorException(f'Metric "{name}": a series holds single values, not {plain!r}.')
    return _cell(plain)


def _in_table(name: str, value: object) -> Any:
    cell = _element(name, value)
    return cell if "valueText" in cell else cell["value"]


def _column(values: object) -> list[object]:
    if isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping):
        return list(values)
    return [values]


def _plain(value: object) -> object:
    """Return a number of numpy as one of Python."""
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return value.item()  # type: ignore[attr-defined]
    return value


def _text(value: str) -> str:
    return _clean(value)[: limits.METRIC_TEXT]


def _clean(value: str) -> str:
    """Return a text without what no database stores."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _parameter_key(key: object) -> str:
    text = _clean(str(key))
    if not 0 < len(text) <= limits.KEY:
        raise UserErrorException(f"A parameter's key is a text of 1 to {limits.KEY} characters.")
    return text


def _step(name: str, step: object) -> int:
    step = _plain(step)
    if isinstance(step, bool) or not isinstance(step, int) or not -(2**63) <= step < 2**63:
        raise UserErrorException(
            f'Metric "{name}": a step is a whole number of 64 bits, not {step!r}.'
        )
    return step
