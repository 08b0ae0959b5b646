"""Metrics: append and read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Router
from ninja.params import QueryEx
from pydantic import Field

from runs.access import Right
from runs.actions import metrics, receipts
from runs.actions.metrics import Row
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import METRICS_BODY_BYTES, Body, Plain, read_model
from runs.api.describing import answers
from runs.api.paging import Flag
from runs.api.v1.runs import PLACE
from runs.content_documents import metric_document
from runs.models import MetricChunk
from runs.queries import windows
from runs.stores.metrics import Point, unpack
from studio.contract import limits, words
from studio.contract.words import MetricKind

if TYPE_CHECKING:
    from runs.stores.metrics import Value

router = Router()


NotFinite = Literal["NaN", "Infinity", "-Infinity"]


class NoNumber(Body):
    """A number that JSON does not know."""

    value_text: NotFinite


class RowBody(Body):
    """One call of log; a row of kind ``parameter`` is a parameter of the run."""

    name: str
    kind: MetricKind | Literal["parameter"] = MetricKind.SCALAR
    value: Plain | dict[str, Plain | NoNumber] = None
    value_text: NotFinite | None = None
    step: int | None = None
    time: float | None = None
    description: str = ""


class RowsBody(Body):
    """Rows that follow the ``sequence`` rows which this session sent before."""

    session: str
    sequence: int
    rows: list[RowBody] = Field(max_length=limits.METRIC_ROWS_PER_BATCH)


@router.post(
    PLACE + "/{run_id}/metrics",
    auth=Needs(Right.LOG),
    openapi_extra=answers({"received": "integer"}, takes=RowsBody),
)
def append_metrics(request: ApiRequest, ws: str, run_id: str) -> dict[str, Any]:
    """Append rows; what was stored before is skipped."""
    run = request.auth.bare_run(ws, run_id)
    body = read_model(request, RowsBody, METRICS_BODY_BYTES)
    rows = [_row(row) for row in body.rows]
    by, session, sequence = request.auth.actor, body.session, body.sequence
    return {"received": metrics.append(run, by=by, session=session, sequence=sequence, rows=rows)}


@router.get(
    PLACE + "/{run_id}/metrics",
    auth=Needs(Right.VIEW),
    openapi_extra=answers({"items": "Metric[]"}),
)
def read_metrics(
    request: ApiRequest, ws: str, run_id: str, name: str = "", system: Flag = True
) -> dict[str, Any]:
    """Return metrics with all their points, in the order of logging.

    ``system=false`` leaves out what the runner has measured of the machine.
    """
    run = request.auth.bare_run(ws, run_id)
    found = run.metrics.order_by("pk")
    if name:
        found = found.filter(name=name)
    if not system:
        found = found.exclude(name__startswith=words.SYSTEM_METRICS)
    series = {metric.pk: metric for metric in found}
    points: dict[int, list[Point]] = defaultdict(list)
    for chunk in MetricChunk.objects.filter(metric__in=series).order_by("metric", "number"):
        points[chunk.metric_id] += unpack(bytes(chunk.body))
    return {"items": [metric_document(m, points[pk]) for pk, m in series.items()]}


@router.get(
    PLACE + "/{run_id}/metrics/{path:name}/points",
    auth=Needs(Right.VIEW),
    openapi_extra=answers("Points"),
)
def read_points(
    request: ApiRequest,
    ws: str,
    run_id: str,
    name: str,
    x: str = "step",
    from_: Annotated[str, QueryEx(alias="from")] = "",
    to: str = "",
    after: str = "",
    most: str = "",
) -> dict[str, Any]:
    """Return the points of one metric from ``from`` to ``to``: all, or the peaks if they are many.

    ``x`` is step, time (seconds since 1970) or relative (seconds since the run began); ``after`` leaves
    out as many points that were logged first; ``most`` is how many come at most, about: 1,000 if it
    is not given, 10 to 10,000. With ``isAll`` these are all points of the window, exactly as logged;
    else they are the least and the most of each part of it, ``means`` has the means of these parts and
    ``counts`` of how many numbers each value stands for.
    """
    run = request.auth.bare_run(ws, run_id)
    asked = dict(zip(windows.NAMES, (x, from_, to, after, most), strict=True))
    return windows.document(run, windows.metric_of(run, name), windows.read(asked, run))


@router.get(
    PLACE + "/{run_id}/receipts",
    auth=Needs(Right.VIEW),
    openapi_extra=answers({"metrics": "integer", "logs": "object"}),
)
def read_receipts(request: ApiRequest, ws: str, run_id: str, session: str) -> dict[str, Any]:
    """Return how many rows, and bytes of each log, a session has had stored."""
    rows, logs = receipts.of_session(request.auth.bare_run(ws, run_id), session)
    return {"metrics": rows, "logs": logs}


def _row(row: RowBody) -> Row:
    value: Value
    if row.value_text is not None:
        value = float(row.value_text)
    elif isinstance(row.value, dict):
        value = {column: _plain(cell) for column, cell in row.value.items()}
    else:
        value = row.value
    return Row(row.name, value, row.kind, row.step, row.time, row.description)


def _plain(cell: Plain | NoNumber) -> Plain:
    return float(cell.value_text) if isinstance(cell, NoNumber) else cell
