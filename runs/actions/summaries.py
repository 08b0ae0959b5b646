"""Keeping the summaries of series: of each chunk that is full, and of all rows that it completes."""

from __future__ import annotations

from runs.models import MetricSummary
from runs.stores import pyramid
from runs.stores.metrics import POINTS_PER_CHUNK


def keep(metric: int, number: int, chunk: bytes) -> None:
    """Store the summaries of a chunk that is full now; those before it are kept already.

    ``metric`` is its primary key. Runs in the transaction that stores the chunk.
    """
    found = pyramid.of_chunk(chunk, number * POINTS_PER_CHUNK)
    level = 1
    while True:
        body = pyramid.pack(found)
        MetricSummary.objects.create(metric_id=metric, level=level, number=number, body=body)
        if (number + 1) % pyramid.FAN:
            return
        level, number = level + 1, number // pyramid.FAN
        found = _of_rows(metric, level - 1, number * pyramid.FAN)


def _of_rows(metric: int, level: int, first: int) -> list[pyramid.Summary]:
    """Return a summary for each of the rows that one row above tells of."""
    rows = MetricSummary.objects.filter(
        metric=metric, level=level, number__gte=first, number__lt=first + pyramid.FAN
    )
    bodies = [bytes(body) for body in rows.order_by("number").values_list("body", flat=True)]
    whole = pyramid.summaries(pyramid.unpack(bodies))
    edges = range(0, len(whole), pyramid.FAN)
    return [pyramid.merge(whole[edge : edge + pyramid.FAN]) for edge in edges]
