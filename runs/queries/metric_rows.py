"""Values of a metric as they were logged, place by place: a page of them, or all as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runs.models import MetricChunk
from runs.queries.export import csv_cell, csv_lines
from runs.stores.metrics import POINTS_PER_CHUNK, Point, number_of, text_of, unpack
from studio.contract.words import MetricKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runs.models import Metric
    from runs.stores.metrics import Value

PAGE = 100
# Rows of a table that a chart draws.
DRAWN = 5_000


def page(metric: Metric, start: int, count: int = PAGE) -> dict[str, Any]:
    """Return values from a place on, each as it was logged; a table has a column for each of its own.

    ``heads`` are those of the columns behind place, step and time.
    """
    points = _points(metric, start, count)
    heads = _heads(metric, points)
    rows = [
        [start + n, point.step, point.time, *_cells(point.value, heads)]
        for n, point in enumerate(points)
    ]
    return {
        "name": metric.name,
        "kind": metric.kind,
        "total": metric.count,
        "start": start,
        "heads": heads,
        "rows": rows,
    }


def table(metric: Metric) -> dict[str, Any]:
    """Return the rows of a table that a chart draws, column by column: the first of many."""
    points = _points(metric, 0, DRAWN)
    heads = _heads(metric, points)
    numbers: dict[str, list[float | None]] = {head: [] for head in heads}
    for point in points:
        row = point.value if isinstance(point.value, dict) else {}
        for head, column in numbers.items():
            column.append(number_of(row.get(head)))
    drawn = [head for head, column in numbers.items() if any(n is not None for n in column)]
    return {
        "total": metric.count,
        "shown": len(points),
        "heads": heads,
        "columns": {head: numbers[head] for head in drawn},
    }


def as_csv(metrics: Sequence[Metric]) -> Iterator[str]:
    """Yield all values of metrics as CSV, a chunk at a time.

    A table by itself has columns of its own; beside others, its rows are texts.
    """
    is_table = [metric.kind for metric in metrics] == [MetricKind.TABLE]
    heads = _heads(metrics[0], _points(metrics[0], 0, DRAWN)) if is_table else []
    yield csv_lines(
        [[csv_cell(head) for head in ("metric", "step", "time", *(heads or ["value"]))]]
    )
    for metric in metrics:
        bodies = metric.chunks.order_by("number").values_list("number", "body")
        for number, body in bodies.iterator(chunk_size=20):
            rows = enumerate(unpack(bytes(body)), number * POINTS_PER_CHUNK)
            yield csv_lines([_row(metric.name, place, point, heads) for place, point in rows])


def _row(name: str, place: int, point: Point, heads: list[str]) -> list[Any]:
    value = point.value
    cells = [value.get(h) for h in heads] if heads and isinstance(value, dict) else [value]
    step = place if point.step is None else point.step
    return [csv_cell(name), step, point.time, *map(csv_cell, cells)]


def _points(metric: Metric, start: int, count: int) -> list[Point]:
    first, last = start // POINTS_PER_CHUNK, (start + count - 1) // POINTS_PER_CHUNK
    bodies = MetricChunk.objects.filter(metric=metric, number__gte=first, number__lte=last)
    found: list[Point] = []
    for body in bodies.order_by("number").values_list("body", flat=True):
        found += unpack(bytes(body))
    begin = start - first * POINTS_PER_CHUNK
    return found[begin : begin + count]


def _heads(metric: Metric, points: Sequence[Point]) -> list[str]:
    if metric.kind != MetricKind.TABLE:
        return ["value"]
    rows = (point.value for point in points if isinstance(point.value, dict))
    return list(dict.fromkeys(head for row in rows for head in row))


def _cells(value: Value, heads: Sequence[str]) -> list[Any]:
    if isinstance(value, dict):
        return [_plain(value[head]) if head in value else None for head in heads]
    return [_plain(value)]


def _plain(value: Value) -> Any:
    """Return a value as JSON has it; a number that JSON does not know, as its text."""
    return text_of(value) if isinstance(value, float) and number_of(value) is None else value
