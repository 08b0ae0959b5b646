"""The images of a run by name, in the order of logging."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.models import MetricChunk
from runs.stores.metrics import POINTS_PER_CHUNK, unpack
from studio.contract.words import MetricKind

if TYPE_CHECKING:
    from runs.models import Run

# So many images of one name can be gone through, the newest ones, and so many names.
MOST, MOST_NAMES = 500, 200


@dataclass(frozen=True, slots=True)
class Image:
    """A file that was logged as an image; its step is its place if none was given."""

    path: str
    step: int
    time: float


@dataclass(frozen=True, slots=True)
class Named:
    """All images of one name; ``count`` were logged, the newest of them are here."""

    name: str
    count: int
    images: list[Image]


def images(run: Run) -> tuple[list[Named], int]:
    """Return the images by name, and how many names are left out, in two queries."""
    known = list(run.metrics.filter(kind=MetricKind.IMAGE).order_by("name"))
    metrics = known[:MOST_NAMES]
    found: dict[int, list[Image]] = defaultdict(list)
    chunks = MetricChunk.objects.filter(metric__in=metrics).order_by("metric", "number")
    for pk, number, body in chunks.values_list("metric", "number", "body"):
        for place, point in enumerate(unpack(bytes(body)), number * POINTS_PER_CHUNK):
            step = place if point.step is None else point.step
            found[pk].append(Image(str(point.value), step, point.time))
    return [Named(m.name, m.count, found[m.pk][-MOST:]) for m in metrics], len(known) - len(metrics)
