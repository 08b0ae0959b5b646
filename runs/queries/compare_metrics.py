"""What runs have logged, side by side: last, least and most, what has a curve, and images."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from runs.models import Metric, MetricChunk
from runs.queries.compare_rows import Row, row
from runs.stores.metrics import unpack
from studio.contract.words import SYSTEM_METRICS, MetricKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runs.models import Run

_DRAWN = (MetricKind.SCALAR.value, MetricKind.LIST.value)
_FIELDS = ("pk", "run", "name", "kind", "count", "last_number", "last_text", "low", "high")
_PARTS = (("last", "", ""), ("low", ".min", "min "), ("high", ".max", "max "))
# An image of each run, for so many names.
_MOST_IMAGES = 24


class Series(NamedTuple):
    """What a list knows of one metric of one run."""

    pk: int
    run: int
    name: str
    kind: str
    values: int
    last_number: float | None
    last_text: str
    low: float | None
    high: float | None

    @property
    def last(self) -> float | str | None:
        """The last value: a number, or what it was instead."""
        return self.last_text or None if self.last_number is None else self.last_number


@dataclass(frozen=True, slots=True)
class Image:
    """The last image of a name that a run has logged, and how many there were."""

    path: str
    step: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Rows of the script's metrics and of the machine's; names with a curve; metrics of images."""

    rows: list[Row]
    system_rows: list[Row]
    curves: list[str]
    pictures: dict[str, dict[int, Series]]

    @property
    def common(self) -> list[str]:
        """The script's metrics of which each run has a last value that is a number."""
        return [
            each.metric
            for each in self.rows
            if each.label == each.metric and all(isinstance(v, float) for v in each.values)
        ]


def measured(runs: Sequence[Run]) -> Measured:
    """Return what these runs have logged, asked for at once."""
    by_name: dict[str, dict[int, Series]] = defaultdict(dict)
    found = Metric.objects.filter(run__in=[run.pk for run in runs]).order_by("name")
    for each in map(Series._make, found.values_list(*_FIELDS)):
        by_name[each.name][each.run] = each
    rows: list[Row] = []
    system: list[Row] = []
    pictures = {}
    for name, series in by_name.items():
        if all(each.kind == MetricKind.IMAGE.value for each in series.values()):
            pictures[name] = series
        else:
            (system if name.startswith(SYSTEM_METRICS) else rows).extend(_rows(name, series, runs))
    return Measured(rows, system, _curves(by_name, runs), pictures)


def images(
    runs: Sequence[Run], pictures: dict[str, dict[int, Series]]
) -> dict[str, list[Image | None]]:
    """Return the last image of each run by name, None where a run has none."""
    names = list(pictures)[:_MOST_IMAGES]
    wanted = {each.pk for name in names for each in pictures[name].values()}
    if not wanted:
        return {}
    chunks = MetricChunk.objects.filter(metric__in=wanted).order_by("metric", "number")
    # Of several chunks of one metric the last stays.
    last = dict(chunks.values_list("metric", "body").iterator(chunk_size=100))
    points = {pk: unpack(bytes(body))[-1] for pk, body in last.items()}
    found: dict[str, list[Image | None]] = {}
    for name in names:
        found[name] = []
        for run in runs:
            series = pictures[name].get(run.pk)
            point = points.get(series.pk) if series else None
            if series is None or point is None:
                found[name].append(None)
            else:
                found[name].append(Image(str(point.value), point.step, series.values))
    return found


def _rows(name: str, series: dict[int, Series], runs: Sequence[Run]) -> list[Row]:
    of_runs = [series.get(run.pk) for run in runs]
    # Of one value, least and most say nothing more.
    has_span = any(s.values > 1 and s.low is not None and s.kind in _DRAWN for s in series.values())
    return [
        row(
            f"metric:{name}{ending}",
            f"{words}{name}",
            (getattr(each, part) if each else None for each in of_runs),
            "metric",
            metric=name,
        )
        for part, ending, words in _PARTS
        if has_span or part == "last"
    ]


def _curves(by_name: dict[str, dict[int, Series]], runs: Sequence[Run]) -> list[str]:
    """Return the metrics that several of the runs have over steps; the machine's come last."""
    several = min(2, len(runs))
    names = [
        name
        for name, series in by_name.items()
        if sum(s.kind in _DRAWN and s.low is not None for s in series.values()) >= several
        and any(s.values > 1 for s in series.values())
    ]
    return sorted(names, key=lambda name: name.startswith(SYSTEM_METRICS))
