"""Their histories of metrics: of one run page by page, of several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from runs.api.mlflow import paging
from runs.api.mlflow.errors import Fault
from runs.api.mlflow.messages import Int64, Message, RunId, Text, number
from runs.api.mlflow.runs import find
from runs.models import Metric
from runs.queries.point_history import by_step, by_time, sampled

if TYPE_CHECKING:
    from runs.api.mlflow.door import Call
    from runs.queries.point_history import Timed

_BULK, _SAMPLED, _RUNS = 25_000, 2_500, 100
_KINDS = ("scalar", "list")


class OfMetric(Message):
    """One metric of one run."""

    run_id: RunId
    metric_key: Text
    max_results: Int64 | None = None
    page_token: str = ""


class OfRuns(Message):
    """One metric of several runs."""

    run_id: list[str] = Field(default_factory=list)
    metric_key: Text
    max_results: Int64 = _BULK


class Interval(Message):
    """One metric of several runs, thinned out."""

    run_ids: list[str] = Field(default_factory=list)
    metric_key: Text
    max_results: Int64 = _SAMPLED
    start_step: Int64 | None = None
    end_step: Int64 | None = None


def of_run(call: Call) -> dict[str, Any]:
    """Return a page of the points of one metric; without max_results all of them."""
    asked = call.read(OfMetric)
    most = asked.max_results
    limit = None if most is None else paging.check_results(most, 2**31)
    offset = paging.offset_of(asked.page_token)
    points = _points(call, asked.run_id, asked.metric_key)
    shown = points[offset : None if limit is None else offset + limit]
    after = offset + len(shown)
    return {
        "metrics": [_document(asked.metric_key, point) for point in shown],
        "next_page_token": paging.token_of(after) if after < len(points) else None,
    }


def of_runs(call: Call) -> dict[str, Any]:
    """Return the points of one metric of several runs, run by run."""
    asked = call.read(OfRuns)
    _check_runs(asked.run_id, "run_id")
    left = paging.check_results(asked.max_results, _BULK)
    found: list[dict[str, Any]] = []
    for run_id in sorted(set(asked.run_id)):
        points = _points(call, run_id, asked.metric_key)[: left - len(found)]
        found += [_document(asked.metric_key, point, run_id) for point in points]
    return {"metrics": found}


def of_interval(call: Call) -> dict[str, Any]:
    """Return some points of each of several runs, evenly apart."""
    asked = call.read(Interval)
    _check_runs(asked.run_ids, "run_ids")
    most = paging.check_results(asked.max_results, _SAMPLED)
    begin, end = asked.start_step, asked.end_step
    if (begin is None) is not (end is None):
        raise Fault("If either start step or end step are specified, both must be specified.")
    if begin is not None and end is not None and begin > end:
        raise Fault(f"end_step must be greater than start_step. Found start_step={begin}.")
    found: list[dict[str, Any]] = []
    for run_id in asked.run_ids:
        points = _points(call, run_id, asked.metric_key, is_by_step=True)
        if begin is not None and end is not None:
            points = [point for point in points if begin <= point[1] <= end]
        found += [_document(asked.metric_key, point, run_id) for point in sampled(points, most)]
    return {"metrics": found}


def _check_runs(run_ids: list[str], parameter: str) -> None:
    if not 1 <= len(run_ids) <= _RUNS:
        reason = f"GetMetricHistoryBulk request must specify 1 to {_RUNS} {parameter} values."
        raise Fault(f"{reason} Got {len(run_ids)}.")


def _points(call: Call, run_id: str, key: str, *, is_by_step: bool = False) -> list[Timed]:
    """Return the points of a metric; none where there is no such run, or metric."""
    try:
        run = find(call, run_id)
    except Fault:
        return []
    metric = Metric.objects.filter(run=run, name=key, kind__in=_KINDS).first()
    if metric is None:
        return []
    return by_step(metric) if is_by_step else by_time(metric)


def _document(key: str, point: Timed, run_id: str | None = None) -> dict[str, Any]:
    time, step, value = point
    told = {"key": key, "value": number(value), "timestamp": time, "step": step}
    return told if run_id is None else {**told, "run_id": run_id}
