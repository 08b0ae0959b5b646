"""Points that are stored once, however often they are sent: MLflow's clients send again after a failure."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from runs.models import MetricChunk
from runs.stores.metrics import Stretch, marks_in, marks_of

if TYPE_CHECKING:
    from datetime import datetime

Key = tuple[int, float, float]


class Standing(NamedTuple):
    """What a metric stands at; the names are those of its columns."""

    last_number: float | None
    last_text: str
    last_step: int | None
    last_at: datetime | None

    def key(self) -> Key:
        """Return where this stands among points: by step, then time, then value; NaN counts as 0."""
        at = self.last_at.timestamp() if self.last_at else 0.0
        return self.last_step or 0, at, self.last_number or 0.0


def fresh(points: Stretch, metric: int | None, last: Standing | None) -> Stretch:
    """Return the points that are not stored, each once. All have a step and a float."""
    marks = marks_of(points)
    places = dict(zip(reversed(marks), range(len(marks) - 1, -1, -1), strict=True))
    if metric is not None and last is not None:
        # Behind the greatest of all there is none yet, so nearly always nothing has to be read.
        standing = last.key()
        doubtful = {mark for mark, place in places.items() if _key(points, place) <= standing}
        known = _stored(metric, doubtful) if doubtful else set()
        places = {mark: place for mark, place in places.items() if mark not in known}
    if len(places) == len(marks):
        return points
    kept = sorted(places.values())
    return Stretch(
        [points.values[place] for place in kept],
        [points.steps[place] for place in kept],
        [points.times[place] for place in kept],
    )


def greatest(points: Stretch) -> int:
    """Return the place of the point that a metric stands at."""
    return max(range(len(points.values)), key=lambda place: _key(points, place))


def _key(points: Stretch, place: int) -> Key:
    value = points.values[place]
    number = value if isinstance(value, float) and not isnan(value) else 0.0
    return points.steps[place] or 0, points.times[place], number


def _stored(metric: int, wanted: set[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    # The newest first: what is sent again was mostly sent just now.
    chunks = MetricChunk.objects.filter(metric=metric).order_by("-number")
    for body in chunks.values_list("body", flat=True).iterator(chunk_size=20):
        found |= marks_in(bytes(body), wanted - found)
        if len(found) == len(wanted):
            break
    return found
