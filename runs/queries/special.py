"""Metrics whose value is a file of JSON: read, checked, and made ready to be drawn.

Nothing was checked when they were logged, so anything may stand there: what cannot be drawn is told,
and shown as it is.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from runs.queries import accuracy
from runs.queries.metric_rows import page
from runs.stores import blobs
from studio.contract.words import MetricKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from runs.models import Metric, Run

FILES = (
    MetricKind.CONFUSION_MATRIX,
    MetricKind.ACCURACY_TABLE,
    MetricKind.RESIDUALS,
    MetricKind.PREDICTIONS,
)
# Larger ones are no picture any more; the file itself is there.
_MOST_BYTES = 8 * 1024 * 1024
_SHOWN = 20_000
_MOST_CLASSES, _MOST_BINS, _MOST_THRESHOLDS = 200, 2_000, 5_000


class MalformedError(ValueError):
    """What a file holds cannot be drawn; the message says why."""


def drawing(run: Run, metric: Metric, place: int | None = None) -> dict[str, Any]:
    """Return what is drawn of the value at a place, the last if None.

    ``problem`` says what is wrong with it, and ``raw`` is then the beginning of its text.
    """
    at = metric.count - 1 if place is None else min(place, metric.count - 1)
    (row,) = page(metric, at, 1)["rows"]
    path = str(row[-1])
    told = {"name": metric.name, "kind": metric.kind, "path": path, "place": at}
    told |= {"total": metric.count, "problem": "", "raw": "", "data": None}
    text = ""
    try:
        text = _text(run, path)
        told["data"] = _DRAWN[MetricKind(metric.kind)](_data(text, metric.kind))
    except MalformedError as malformed:
        told |= {"problem": str(malformed), "raw": text[:_SHOWN]}
    return told


def _text(run: Run, path: str) -> str:
    file = run.files.filter(path=path).first()
    if file is None:
        raise MalformedError(f"The file {path} of this run is not there.")
    if file.size > _MOST_BYTES:
        raise MalformedError(f"The file has {file.size:,} bytes; up to {_MOST_BYTES:,} are drawn.")
    try:
        return blobs.path_of(run.workspace_id, file.sha256).read_text("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("The file is no text.") from None


def _data(text: str, kind: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedError("The file is no JSON.") from None
    if not isinstance(document, dict):
        raise MalformedError("There should be an object with schema_type, schema_version and data.")
    said = document.get("schema_type", kind)
    if said != kind:
        raise MalformedError(f'schema_type should be "{kind}", not "{str(said)[:50]}".')
    data = document.get("data")
    if not isinstance(data, dict):
        raise MalformedError("There is no object named data.")
    return data


def _confusion(data: dict[str, Any]) -> dict[str, Any]:
    labels = _labels(data)
    matrix = _list(data, "matrix")
    rows = [_numbers(row, f"matrix[{n}]") for n, row in enumerate(matrix)]
    if len(rows) != len(labels) or any(len(row) != len(labels) for row in rows):
        count = len(labels)
        raise MalformedError(
            f"matrix should have {count} rows of {count} numbers, one for each label."
        )
    if any(number < 0 for row in rows for number in row):
        raise MalformedError("matrix should hold counts, none below 0.")
    return {"labels": labels, "matrix": rows}


def _accuracy(data: dict[str, Any]) -> dict[str, Any]:
    labels = _labels(data)
    tables = {}
    for name in ("probability", "percentile"):
        steps = _numbers(_list(data, f"{name}_thresholds"), f"{name}_thresholds")
        if len(steps) > _MOST_THRESHOLDS:
            raise MalformedError(
                f"{name}_thresholds has {len(steps):,}; up to {_MOST_THRESHOLDS:,} are drawn."
            )
        tables[name] = _tables(data, f"{name}_tables", len(labels), len(steps))
    steps = _numbers(data["probability_thresholds"], "probability_thresholds")
    found = accuracy.curves(labels, tables["probability"], tables["percentile"], steps)
    for curve in found:
        for line in curve["lines"]:
            line["area"] = accuracy.area(line["points"]) if curve["kind"] == "roc" else None
    return {"curves": found}


def _tables(data: dict[str, Any], name: str, classes: int, steps: int) -> list[list[list[float]]]:
    tables = _list(data, name)
    if len(tables) != classes:
        raise MalformedError(f"{name} should have a table for each of {classes} class_labels.")
    found = []
    for n, table in enumerate(tables):
        if not isinstance(table, list) or len(table) != steps:
            raise MalformedError(f"{name}[{n}] should have a row for each of {steps} thresholds.")
        rows = [_numbers(row, f"{name}[{n}][{m}]") for m, row in enumerate(table)]
        if any(len(row) != 4 or min(row) < 0 for row in rows):
            raise MalformedError(f"Each row of {name}[{n}] should be four counts: TP, FP, TN, FN.")
        found.append(rows)
    return found


def _residuals(data: dict[str, Any]) -> dict[str, Any]:
    counts = _numbers(_list(data, "bin_counts"), "bin_counts")
    return {"edges": _edges(data, len(counts)), "counts": counts}


def _predictions(data: dict[str, Any]) -> dict[str, Any]:
    counts = _numbers(_list(data, "bin_counts"), "bin_counts")
    found = {"edges": _edges(data, len(counts)), "counts": counts}
    for name in ("averages", "errors"):
        found[name] = _numbers(_list(data, f"bin_{name}"), f"bin_{name}")
        if len(found[name]) != len(counts):
            raise MalformedError(
                f"bin_{name} should have {len(counts)} numbers, as bin_counts has."
            )
    return found


def _edges(data: dict[str, Any], bins: int) -> list[float]:
    edges = _numbers(_list(data, "bin_edges"), "bin_edges")
    if not bins or len(edges) != bins + 1:
        raise MalformedError("bin_edges should have one number more than bin_counts.")
    if bins > _MOST_BINS:
        raise MalformedError(f"There are {bins:,} bins; up to {_MOST_BINS:,} are drawn.")
    if edges != sorted(edges):
        raise MalformedError("bin_edges should go up.")
    return edges


def _labels(data: dict[str, Any]) -> list[str]:
    labels = _list(data, "class_labels")
    if not labels or len(labels) > _MOST_CLASSES:
        raise MalformedError(f"class_labels should have 1 to {_MOST_CLASSES} labels.")
    return [str(label) for label in labels]


def _list(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    if not isinstance(found, list):
        raise MalformedError(f"data should have a list named {name}.")
    return found


def _numbers(values: Any, name: str) -> list[float]:
    if not isinstance(values, list):
        raise MalformedError(f"{name} should be a list of numbers.")
    for at, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise MalformedError(f"{name}[{at}] is no number.")
    return values


_DRAWN: dict[MetricKind, Callable[[dict[str, Any]], dict[str, Any]]] = {
    MetricKind.CONFUSION_MATRIX: _confusion,
    MetricKind.ACCURACY_TABLE: _accuracy,
    MetricKind.RESIDUALS: _residuals,
    MetricKind.PREDICTIONS: _predictions,
}
