"""Their messages of runs: what of a run is a field, a tag or a metric there."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

from runs.api.mlflow import statuses
from runs.api.mlflow.experiments import NOTE, location
from runs.api.mlflow.messages import number, pairs
from runs.api.mlflow.times import milliseconds
from runs.models import Metric
from runs.queries.mlflow_search import USER_ID
from studio.contract.words import MetricKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runs.models import Run

NAME, PARENT, USER = "mlflow.runName", "mlflow.parentRunId", "mlflow.user"
LARGEST = sys.float_info.max
_SERIES = (MetricKind.SCALAR.value, MetricKind.LIST.value)
# What a metric's row says of a value that is no finite number.
_WORDS = {"nan": math.nan, "inf": LARGEST, "-inf": -LARGEST}


def run_info(run: Run) -> dict[str, Any]:
    """Return what there is to say about a run itself."""
    return {
        "run_id": run.run_id,
        "run_uuid": run.run_id,
        "run_name": run.display_name,
        "experiment_id": str(run.experiment.number),
        "user_id": run.properties.get(USER_ID) or run.created_by.username,
        "status": statuses.THEIRS[run.status],
        "start_time": milliseconds(run.started_at or run.created_at),
        "end_time": milliseconds(run.ended_at) if run.ended_at else None,
        "artifact_uri": f"{location(run.experiment)}/{run.run_id}/artifacts",
        "lifecycle_stage": "deleted" if is_deleted(run) else "active",
    }


def run_document(run: Run, metrics: Sequence[Metric]) -> dict[str, Any]:
    """Return a run with its parameters, its tags and what its ``metrics`` stand at."""
    data = {
        "metrics": [found for metric in metrics if (found := _metric(metric)) is not None],
        "params": pairs(run.parameters),
        "tags": pairs(tags_of(run)),
    }
    return {"info": run_info(run), "data": data}


def metrics_of(runs: Sequence[Run]) -> dict[int, list[Metric]]:
    """Return the metrics of each of some runs, asked for at once."""
    found: dict[int, list[Metric]] = {run.pk: [] for run in runs}
    rows = Metric.objects.filter(run__in=list(found), kind__in=_SERIES)
    for metric in rows.order_by("run", "name"):
        found[metric.run_id].append(metric)
    return found


def tags_of(run: Run) -> dict[str, str | None]:
    """Return all tags that clients see: also the fields of ours that are tags to them."""
    told: dict[str, str | None] = {**run.tags, NAME: run.display_name}
    if run.description:
        told[NOTE] = run.description
    if run.parent is not None:
        told[PARENT] = run.parent.run_id
    return told


def is_deleted(run: Run) -> bool:
    """Whether a run is deleted to them: it lies in the bin, or its experiment is archived."""
    return run.deleted_at is not None or run.experiment.archived_at is not None


def _metric(metric: Metric) -> dict[str, Any] | None:
    """Return what a metric stands at, None where that is no number."""
    value = metric.last_number if metric.last_number is not None else _WORDS.get(metric.last_text)
    if value is None or metric.last_at is None:
        return None
    return {
        "key": metric.name,
        "value": number(value),
        "timestamp": milliseconds(metric.last_at),
        # A point without a step stands at its place.
        "step": metric.count - 1 if metric.last_step is None else metric.last_step,
    }
