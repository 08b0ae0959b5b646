"""Points of metrics, appended in batches, each point once."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from django.db import transaction

from runs import telemetry
from runs.actions import changes, labels, receipts, summaries
from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.models import Metric, MetricChunk
from runs.stores.metrics import POINTS_PER_CHUNK, Point, Value, number_of, pack, unpack
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import PARAMETER, MetricKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runs.access import Actor
    from runs.models import Run

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_LAST_TIME = 253_402_300_799.0
_SERIES = (MetricKind.SCALAR, MetricKind.LIST)
_FILES = frozenset(MetricKind) - {MetricKind.SCALAR, MetricKind.LIST, MetricKind.TABLE}


@dataclass(frozen=True, slots=True)
class Row:
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
    _check(rows)
    receipts.check_writable(run)
    with transaction.atomic():
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


def _configure(parameters: dict[str, str], row: Row) -> None:
    text = str(row.value)
    if parameters.setdefault(row.name, text) != text:
        raise labels.logged_before(row.name, parameters[row.name], text)


def _check(rows: Sequence[Row]) -> None:
    if len(rows) > limits.METRIC_ROWS_PER_BATCH:
        reason = f"A batch has {limits.METRIC_ROWS_PER_BATCH:,} rows at most."
        raise Refused(Code.TOO_LARGE, reason, field="rows", hint="Send it in parts.")
    for place, row in enumerate(rows):
        check_text(row.name, f"rows.{place}.name", limits.METRIC_NAME, shortest=1)
        check_text(row.description, f"rows.{place}.description", limits.VALUE)
        _check_value(row, f"rows.{place}.value")
        if row.step is not None and not _SMALLEST <= row.step <= _LARGEST:
            raise Refused(
                Code.BAD_REQUEST, "A step is a 64-bit integer.", field=f"rows.{place}.step"
            )
        if row.time is not None and not 0 <= row.time <= _LAST_TIME:
            raise Refused(
                Code.BAD_REQUEST,
                "A time is in seconds since 1970, up to the year 9999.",
                field=f"rows.{place}.time",
            )


def _check_value(row: Row, field: str) -> None:
    """Refuse a value that does not fit the kind of its metric, or is too long."""
    is_row = isinstance(row.value, dict)
    if row.kind == PARAMETER:
        # How long it may be, the action of parameters says.
        if is_row:
            raise Refused(Code.BAD_REQUEST, "The value of a parameter is a text.", field=field)
        return
    if is_row != (row.kind is MetricKind.TABLE):
        reason = "A row of a table is an object of columns; no other value is one."
        raise Refused(Code.BAD_REQUEST, reason, field=field)
    if row.kind in _FILES and not isinstance(row.value, str):
        reason = f"The value of a metric of kind {row.kind} is the path of a file of the run."
        raise Refused(Code.BAD_REQUEST, reason, field=field)
    cells = row.value if isinstance(row.value, dict) else {"": row.value}
    if len(cells) > limits.METRIC_COLUMNS or (is_row and not cells):
        reason = f"A row has 1 to {limits.METRIC_COLUMNS} columns."
        raise Refused(Code.BAD_REQUEST, reason, field=field)
    longest = limits.FILE_PATH if row.kind in _FILES else limits.METRIC_TEXT
    for column, cell in cells.items():
        place = f"{field}.{column[:100]}" if is_row else field
        check_text(column, place, limits.METRIC_NAME)
        if isinstance(cell, str):
            check_text(cell, place, longest)


def _store(run: Run, series: dict[str, list[Row]]) -> None:
    known = {m.name: m for m in Metric.objects.filter(run=run, name__in=list(series))}
    fresh = [_new(run, rows[0]) for name, rows in series.items() if name not in known]
    for metric in Metric.objects.bulk_create(fresh):
        known[metric.name] = metric
    # At most one chunk of a metric is not full: its last.
    half_full = MetricChunk.objects.filter(metric__in=known.values(), count__lt=POINTS_PER_CHUNK)
    last = {chunk.metric_id: chunk for chunk in half_full}
    grown: list[MetricChunk] = []
    added: list[MetricChunk] = []
    full: list[tuple[Metric, int, Sequence[Point]]] = []
    now = time.time()
    for name, rows in series.items():
        metric = known[name]
        _check_kind(metric, rows)
        points = [Point(row.value, row.step, now if row.time is None else row.time) for row in rows]
        full += _chunk(metric, points, last.get(metric.pk), grown, added)
        _summarise(metric, points)
    MetricChunk.objects.bulk_update(
        grown, ["count", "first_step", "last_step", "low", "high", "body"], batch_size=200
    )
    MetricChunk.objects.bulk_create(added)
    for metric, number, inside in full:
        summaries.keep(metric.pk, number, inside)
    columns = ["count", "last_number", "last_text", "last_step", "last_at", "low", "high"]
    Metric.objects.bulk_update(known.values(), columns, batch_size=200)


def _new(run: Run, row: Row) -> Metric:
    return Metric(
        workspace_id=run.workspace_id,
        experiment_id=run.experiment_id,
        run=run,
        name=row.name,
        kind=str(row.kind),
        description=row.description,
    )


def _check_kind(metric: Metric, rows: Sequence[Row]) -> None:
    for row in rows:
        if str(row.kind) != metric.kind:
            raise Refused(
                Code.WRONG_KIND,
                f'Metric "{metric.name}" of this run is of kind {metric.kind}, not {row.kind!s}.',
                field="rows",
                hint="Give it another name.",
            )


def _chunk(
    metric: Metric,
    points: list[Point],
    open_chunk: MetricChunk | None,
    grown: list[MetricChunk],
    added: list[MetricChunk],
) -> list[tuple[Metric, int, Sequence[Point]]]:
    """Put points behind those of a metric; returns the chunks that are full now."""
    number = metric.count // POINTS_PER_CHUNK
    held: list[Point] = []
    if open_chunk is not None:
        held, number = unpack(bytes(open_chunk.body)), open_chunk.number
    whole = held + points
    full: list[tuple[Metric, int, Sequence[Point]]] = []
    for start in range(0, len(whole), POINTS_PER_CHUNK):
        is_open = bool(held) and start == 0
        chunk = open_chunk if is_open and open_chunk else MetricChunk(metric=metric, number=number)
        inside = whole[start : start + POINTS_PER_CHUNK]
        _fill(chunk, inside)
        (grown if is_open else added).append(chunk)
        if len(inside) == POINTS_PER_CHUNK and MetricKind(metric.kind) in _SERIES:
            full.append((metric, number, inside))
        number += 1
    return full


def _fill(chunk: MetricChunk, points: Sequence[Point]) -> None:
    numbers = [n for point in points if (n := number_of(point.value)) is not None]
    chunk.count = len(points)
    chunk.first_step, chunk.last_step = points[0].step, points[-1].step
    chunk.low, chunk.high = min(numbers, default=None), max(numbers, default=None)
    chunk.body = pack(points)


def _summarise(metric: Metric, points: Sequence[Point]) -> None:
    last = points[-1]
    numbers = [n for point in points if (n := number_of(point.value)) is not None]
    metric.count += len(points)
    metric.last_number = number_of(last.value)
    metric.last_text = _in_words(last.value)[: limits.METRIC_TEXT]
    metric.last_step = last.step
    metric.last_at = datetime.fromtimestamp(last.time, UTC)
    if numbers:
        bounds = [*numbers, *(b for b in (metric.low, metric.high) if b is not None)]
        metric.low, metric.high = min(bounds), max(bounds)


def _in_words(value: Value) -> str:
    """Return what a list of metrics shows of a value that is no number."""
    if number_of(value) is not None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{column} {cell}" for column, cell in value.items())
    return str(value)
