"""Their metrics, one by one and in batches with parameters and tags."""

from __future__ import annotations

import re
from math import isinf
from typing import TYPE_CHECKING, Any

from django.db import transaction
from pydantic import Field

from runs import access
from runs.access import Right
from runs.actions import labels, metrics
from runs.actions.metrics import Row
from runs.actions.refused import Refused
from runs.api.mlflow.documents import LARGEST
from runs.api.mlflow.errors import ErrorCode, Fault
from runs.api.mlflow.labels import put_tags
from runs.api.mlflow.messages import Int64, KeyValue, Message, RunId, Text
from runs.api.mlflow.names import check_key
from runs.api.mlflow.runs import OfRun, find_active
from runs.api.mlflow.times import LATEST
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.api.mlflow.door import Call
    from runs.models import Run

_MOST_METRICS, _MOST_LABELS, _MOST = 1_000, 100, 1_000
_RUN_ID = re.compile(r"[a-zA-Z0-9][\w\-.]{0,255}")


class Point(Message):
    """One value of a metric; ``timestamp`` in milliseconds."""

    key: Text
    value: float
    timestamp: Int64
    step: Int64 = 0


class OnePoint(Point):
    """A point, and of which run."""

    run_id: RunId


class Batch(OfRun):
    """Points, parameters and tags of one run."""

    metrics: list[Point] = Field(default_factory=list)
    params: list[KeyValue] = Field(default_factory=list)
    tags: list[KeyValue] = Field(default_factory=list)


def log_metric(call: Call) -> dict[str, Any]:
    """Store one point."""
    asked = call.read(OnePoint)
    check_key(asked.key, "name", "Metric name")
    _check_time(asked, "timestamp")
    run = find_active(call, asked.run_id)
    metrics.log(run, by=call.actor, rows=[_row(asked)])
    return {}


def log_batch(call: Call) -> dict[str, Any]:
    """Store points, parameters and tags: all of them or none. Sent again, it changes nothing."""
    asked = call.read(Batch)
    parameters = _checked(asked)
    run = find_active(call, asked.run_id)
    rows = [_row(point) for point in asked.metrics]
    with transaction.atomic():
        if parameters:
            _log_parameters(call, run, parameters)
        if rows:
            metrics.log(run, by=call.actor, rows=rows)
        if asked.tags:
            _check_may_tag(call)
            put_tags(call, run, {tag.key: tag.value for tag in asked.tags})
    return {}


def _checked(asked: Batch) -> dict[str, str]:
    """Refuse a batch that cannot be stored; returns its parameters."""
    if not _RUN_ID.fullmatch(asked.run_id):
        raise Fault(f"Invalid run ID: '{asked.run_id[:300]}'")
    counts = {"metrics": len(asked.metrics), "params": len(asked.params), "tags": len(asked.tags)}
    _check_count("metrics", counts["metrics"], _MOST_METRICS)
    _check_count("params", counts["params"], _MOST_LABELS)
    _check_count("tags", counts["tags"], _MOST_LABELS)
    _check_count("metrics, params, and tags", sum(counts.values()), _MOST)
    good: set[str] = set()
    for place, point in enumerate(asked.metrics):
        if point.key not in good:
            check_key(point.key, f"metrics[{place}].name", "Metric name")
            good.add(point.key)
        _check_time(point, f"metrics[{place}].timestamp")
    for place, each in enumerate(asked.params):
        check_key(each.key, f"params[{place}].key")
    for place, each in enumerate(asked.tags):
        check_key(each.key, f"tags[{place}].key")
    parameters = {each.key: each.value[: limits.PARAMETER_VALUE] for each in asked.params}
    if len(parameters) < len(asked.params):
        keys = [each.key for each in asked.params]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        reason = "Please ensure the request contains only one param value per param key."
        raise Fault(f"Duplicate parameter keys have been submitted: {twice}. {reason}")
    return parameters


def _check_count(noun: str, count: int, most: int) -> None:
    if count > most:
        raise Fault(
            f"A batch logging request can contain at most {most} {noun}. Got {count} {noun}. "
            f"Please split up {noun} across multiple requests and try again."
        )


def _check_time(point: Point, parameter: str) -> None:
    if not 0 <= point.timestamp <= LATEST:
        raise Fault(
            f"Invalid value {point.timestamp} for parameter '{parameter}' supplied: "
            f"metric '{point.key}' (value={point.value}). "
            "Timestamp must be a nonnegative long (64-bit integer) "
        )


def _row(point: Point) -> Row:
    value = point.value
    if isinf(value):
        value = LARGEST if value > 0 else -LARGEST
    return Row(point.key, value, step=point.step, time=point.timestamp / 1000)


def _log_parameters(call: Call, run: Run, parameters: dict[str, str]) -> None:
    try:
        labels.log_parameters(run, parameters, by=call.actor)
    except Refused as refused:
        if refused.code is not Code.PARAMETER_IMMUTABLE:
            raise
        known = run.parameters
        differ = [
            {"key": key, "old_value": known[key], "new_value": value}
            for key, value in parameters.items()
            if known.get(key, value) != value
        ]
        raise Fault(
            "Changing param values is not allowed. "
            f"Params were already logged='{differ}' for run ID='{run.run_id}'."
        ) from None


def _check_may_tag(call: Call) -> None:
    if Right.EDIT not in access.rights_in(call.actor, call.workspace):
        reason = f"Tags need the right {Right.EDIT.value}."
        raise Fault(reason, ErrorCode.PERMISSION_DENIED)
