"""All points of a metric in the order of their times, as MLflow's clients read them."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from runs.models import MetricChunk
from runs.stores.metrics import columns

if TYPE_CHECKING:
    from runs.models import Metric

# Milliseconds, step and value; not a number is a float too.
Timed = tuple[int, int, float]


def by_time(metric: Metric) -> list[Timed]:
    """Return the points, sorted by time, then step, then value."""
    found: list[Timed] = []
    bodies = MetricChunk.objects.filter(metric=metric).order_by("number")
    for body in bodies.values_list("body", flat=True).iterator(chunk_size=50):
        steps, times, values = columns(bytes(body), len(found))
        moments = (round(time * 1_000) for time in times)
        floats = (nan if value is None else value for value in values)
        found += zip(moments, steps, floats, strict=True)
    # What was logged in order, as nearly everything is, is sorted at one pass.
    found.sort()
    return found


def by_step(metric: Metric) -> list[Timed]:
    """Return the points, sorted by step, then time, then value."""
    return sorted(by_time(metric), key=lambda point: (point[1], point[0], point[2]))


def sampled(points: list[Timed], most: int) -> list[Timed]:
    """Return up to ``most`` points, evenly apart, the first and the last among them."""
    if len(points) <= most:
        return points
    if most == 1:
        return points[:1]
    gap = (len(points) - 1) / (most - 1)
    return [points[round(place * gap)] for place in range(most)]
