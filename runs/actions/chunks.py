"""Putting points behind those that a metric has: into its last chunk, and into new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runs.actions import summaries
from runs.actions.writing import update_many
from runs.models import MetricChunk
from runs.stores.metrics import POINTS_PER_CHUNK, Stretch, joined, pack
from studio.contract.words import MetricKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SERIES = (MetricKind.SCALAR, MetricKind.LIST)


class Grown(NamedTuple):
    """The points that come to a metric, which has ``held`` of them already."""

    metric: int
    kind: str
    held: int
    points: Stretch


def append(grown: Sequence[Grown]) -> None:
    """Store the points, and the summaries of the chunks that they fill."""
    opened = _opened([one.metric for one in grown if one.held % POINTS_PER_CHUNK])
    changed: list[tuple[int, bytes, int]] = []
    added: list[MetricChunk] = []
    full: list[tuple[int, int, bytes]] = []
    for one in grown:
        last = opened.get(one.metric)
        for number, count, part in _parts(one):
            body = pack(part) if last is None else joined(last[1], pack(part))
            if last is None:
                added.append(
                    MetricChunk(metric_id=one.metric, number=number, count=count, body=body)
                )
            else:
                changed.append((count, body, last[0]))
            if count == POINTS_PER_CHUNK and one.kind in _SERIES:
                full.append((one.metric, number, body))
            last = None
    update_many(MetricChunk, ("count", "body"), changed)
    MetricChunk.objects.bulk_create(added)
    for metric, number, body in full:
        summaries.keep(metric, number, body)


def _opened(metrics: Sequence[int]) -> dict[int, tuple[int, bytes]]:
    """Return the primary key and the points of each metric's last chunk, which is not full."""
    found = MetricChunk.objects.filter(metric__in=metrics, count__lt=POINTS_PER_CHUNK)
    rows = found.values_list("metric", "pk", "body") if metrics else ()
    return {metric: (pk, bytes(body)) for metric, pk, body in rows}


def _parts(grown: Grown) -> Iterator[tuple[int, int, Stretch]]:
    """Yield of each chunk its number, how many points it has then, and those that come to it."""
    begin, more = 0, len(grown.points.values)
    while begin < more:
        number, before = divmod(grown.held + begin, POINTS_PER_CHUNK)
        end = min(begin + POINTS_PER_CHUNK - before, more)
        yield number, before + end - begin, grown.points.part(begin, end)
        begin = end
