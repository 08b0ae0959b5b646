"""Points of metrics, appended in batches, each point once."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from django.db import transaction

from runs import telemetry
from runs.actions import changes, chunks, labels, once, receipts
from runs.actions.metric_rows import check_rows
from runs.actions.once import Standing
from runs.actions.refused import Refused
from runs.actions.writing import update_many
from runs.models import Metric, Run
from runs.stores.metrics import Stretch, Value, number_of
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import PARAMETER, MetricKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runs.access import Actor

_LATEST = ("count", "last_number", "last_text", "last_step", "last_at", "low", "high")


class Row(NamedTuple):
    """One call of log: ``time`` in seconds since 1970, now if None. Of a parameter only name and value."""

    name: str
    value: Value
    kind: MetricKind | Literal["parameter"] = MetricKind.SCALAR
    step: int | None = None
    time: float | None = None
    description: str = ""


def append(run: Run, *, by: Actor, session: str, sequence: int, rows: Sequence[Row]) -> int:
    """Store rows behind those of before; returns how many this session has had stored.

    ``sequence`` is how many rows this session sent before. What is stored already is skipped.

    Raises:
        Refused: a gap before ``rows``; a value out of bounds; a metric that has another kind; a
            parameter that has another value.
    """
    check_rows(rows)
    receipts.check_writable(run)
    with transaction.atomic():
        # Two senders may log the same metric.
        changes.lock(run)
        receipt, skip = receipts.open_for(run, receipts.METRICS, session, sequence)
        fresh = rows[skip:]
        if not fresh:
            return receipt.received
        series: dict[str, list[Row]] = defaultdict(list)
        parameters: dict[str, str] = {}
        for row in fresh:
            if row.kind == PARAMETER:
                _configure(parameters, row)
            else:
                series[row.name].append(row)
        if parameters:
            labels.log_parameters(run, parameters, by=by)
        if series:
            _store(run, series)
            telemetry.count_points(sum(map(len, series.values())))
        changes.record(run)
        return receipts.move(receipt, len(fresh))


def log(run: Run, *, by: Actor, rows: Sequence[Row]) -> None:
    """Store the rows that are not stored yet: MLflow's way to make sending again harmless.

    Every row has a step, a time and a float. What a metric stands at is said by the greatest step, of
    these by the latest time, of these by the greatest value, whenever it was logged.

    Raises:
        Refused: a value out of bounds; a metric that has another kind.
    """
    check_rows(rows)
    series: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        series[row.name].append(row)
    with transaction.atomic():
        changes.lock(run)
        stored = _store(run, series, by_step=True)
        if stored:
            telemetry.count_points(stored)
            changes.record(run)


def _configure(parameters: dict[str, str], row: Row) -> None:
    text = str(row.value)
    if parameters.setdefault(row.name, text) != text:
        raise labels.logged_before(row.name, parameters[row.name], text)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of a metric, as far as more points change it; ``pk`` is None before the first."""

    pk: int | None
    kind: str
    count: int = 0
    low: float | None = None
    high: float | None = None
    last: Standing | None = None


def _store(run: Run, series: dict[str, list[Row]], *, by_step: bool = False) -> int:
    """Put points behind those of before; returns how many. ``by_step``: as ``log`` says."""
    found = Metric.objects.filter(run=run, name__in=list(series))
    columns = found.values_list("name", "pk", "kind", "count", "low", "high", *Standing._fields)
    known = {
        name: _Known(pk, kind, n, low, high, Standing(*last))
        for name, pk, kind, n, low, high, *last in columns
    }
    fresh: list[Metric] = []
    latest: list[tuple[object, ...]] = []
    grown: list[chunks.Grown] = []
    for name, rows in series.items():
        before = known.get(name) or _Known(None, str(rows[0].kind))
        _check_kind(name, before.kind, rows)
        points = _points(rows)
        if by_step:
            points = once.fresh(points, before.pk, before.last)
            if not points.values:
                continue
        now = _latest(before, points, by_step=by_step)
        if before.pk is None:
            fresh.append(_new(run, rows[0], now))
        else:
            latest.append((*now, before.pk))
        grown.append(chunks.Grown(before.pk or 0, before.kind, before.count, points))
    made = iter(Metric.objects.bulk_create(fresh))
    update_many(Metric, _LATEST, latest)
    chunks.append([one if one.metric else one._replace(metric=next(made).pk) for one in grown])
    return sum(len(one.points.values) for one in grown)


def _points(rows: Sequence[Row]) -> Stretch:
    now = time.time()
    return Stretch(
        [row.value for row in rows],
        [row.step for row in rows],
        [now if row.time is None else row.time for row in rows],
    )


def _new(run: Run, row: Row, latest: Sequence[Any]) -> Metric:
    return Metric(
        workspace_id=run.workspace_id,
        experiment_id=run.experiment_id,
        run=run,
        name=row.name,
        kind=str(row.kind),
        description=row.description,
        **dict(zip(_LATEST, latest, strict=True)),
    )


def _check_kind(name: str, kind: str, rows: Sequence[Row]) -> None:
    for other in {row.kind for row in rows} - {kind}:
        raise Refused(
            Code.WRONG_KIND,
            f'Metric "{name}" of this run is of kind {kind}, not {other!s}.',
            field="rows",
            hint="Give it another name.",
        )


def _latest(before: _Known, points: Stretch, *, by_step: bool) -> tuple[Any, ...]:
    """Return what is kept of a metric with these points behind those of before."""
    numbers = points.numbers()
    lows = [*([min(numbers)] if numbers else []), *([] if before.low is None else [before.low])]
    highs = [*([max(numbers)] if numbers else []), *([] if before.high is None else [before.high])]
    last = _standing(points, once.greatest(points) if by_step else len(points.values) - 1)
    if by_step and before.last is not None and before.last.key() > last.key():
        last = before.last
    count = before.count + len(points.values)
    return (count, *last, min(lows, default=None), max(highs, default=None))


def _standing(points: Stretch, place: int) -> Standing:
    value, moment = points.values[place], datetime.fromtimestamp(points.times[place], UTC)
    words = _in_words(value)[: limits.METRIC_TEXT]
    return Standing(number_of(value), words, points.steps[place], moment)


def _in_words(value: Value) -> str:
    """Return what a list of metrics shows of a value that is no number."""
    if number_of(value) is not None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{column} {cell}" for column, cell in value.items())
    return str(value)
