"""What a run holds, as the API tells it: files, attachments, metrics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django.conf import settings

from runs.actions import attachments
from runs.documents import time
from studio.contract import places

if TYPE_CHECKING:
    from runs.models import Attachment, LogFile, Metric, Run, RunFile
    from runs.stores.metrics import Point


def file_document(run: Run, file: RunFile | LogFile, kind: str) -> dict[str, Any]:
    """Return a file or log of a run."""
    place = places.api(run.workspace.name, "runs", run.run_id, "files")
    return {
        "path": file.path,
        "size": file.size,
        "sha256": getattr(file, "sha256", None),
        "kind": kind,
        "updatedUtc": time(getattr(file, "updated_at", None) or getattr(file, "created_at", None)),
        "url": f"{settings.PUBLIC_URL}{place}/{places.path(file.path)}",
    }


def attachment_document(run: Run, attachment: Attachment) -> dict[str, Any]:
    """Return what is attached to a description, with the Markdown that shows it there."""
    place = places.api(run.workspace.name, "runs", run.run_id, "attachments", attachment.name)
    return {
        "name": attachment.name,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "markdown": attachments.markdown(attachment),
        "createdUtc": time(attachment.created_at),
        "url": settings.PUBLIC_URL + place,
    }


def metric_document(metric: Metric, points: list[Point]) -> dict[str, Any]:
    """Return a metric with its points; a number that JSON does not know is null and a text."""
    return {
        "name": metric.name,
        "kind": metric.kind,
        "description": metric.description,
        "count": metric.count,
        "points": [_point(point) for point in points],
    }


def _point(point: Point) -> dict[str, Any]:
    told: dict[str, Any] = {"value": point.value, "step": point.step, "time": point.time}
    if isinstance(point.value, dict):
        cells = point.value.items()
        return told | {
            "value": {c: {"valueText": t} if (t := _no_number(v)) else v for c, v in cells}
        }
    text = _no_number(point.value)
    return told | {"value": None, "valueText": text} if text else told


def _no_number(value: object) -> str:
    """Return the name of a float that JSON does not know, "" for anything else."""
    if not isinstance(value, float) or math.isfinite(value):
        return ""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
