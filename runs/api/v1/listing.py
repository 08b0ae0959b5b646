"""One page of runs: whole documents, or only the fields that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runs.actions.refused import Refused
from runs.api.v1.shapes import RUN
from runs.documents import run_document
from runs.queries import columns, log_hits, order
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.api.v1.asking import Meant
    from runs.models import Run
    from runs.queries.columns import Column
    from runs.queries.log_hits import LogHit

# What the columns of the page are called in a document.
_FIELDS = {
    "name": ("displayName", "name"),
    "status": ("status",),
    "experiment": ("experimentName",),
    "compute": ("target",),
    "submitter": ("createdBy",),
    "created": ("createdUtc",),
    "started": ("startTimeUtc",),
    "ended": ("endTimeUtc",),
    "duration": ("durationSeconds",),
    "tags": ("tags",),
    "id": ("runId",),
    "number": ("runNumber",),
    "description": ("description",),
    "parent": ("parentRunId",),
    "type": ("runType",),
    "exit_code": ("exitCode",),
}
_MOST = 60
# The line of a log that a run was found by: of no other answer than this.
LOG_LINE = "logLine"


def page(meant: Meant, fields: list[str], limit: int, cursor: str) -> dict[str, Any]:
    """Return a page of runs as the API answers it.

    Raises:
        Refused: a field that runs do not have; a cursor that no page of this order has given out.
    """
    names, shown = _chosen(fields)
    found = order.page(
        meant.runs,
        meant.keys,
        limit,
        workspace=meant.workspace,
        after=cursor,
        field="cursor",
        whole=True,
    )
    for run in found.runs:
        run.workspace = meant.workspace
    items = [run_document(run) for run in found.runs]
    if fields:
        items = _narrow(items, found.runs, names, shown)
    if log_hits.asked(meant.tree) or LOG_LINE in fields:
        hits = log_hits.hits([run.pk for run in found.runs], meant.tree)
        for item, run in zip(items, found.runs, strict=True):
            item[LOG_LINE] = _line(hits.get(run.pk))
    return {"items": items, "nextCursor": found.after or None}


def _line(hit: LogHit | None) -> dict[str, Any] | None:
    return None if hit is None else {"path": hit.path, "line": hit.line, "text": hit.text}


def _chosen(fields: list[str]) -> tuple[list[str], list[Column]]:
    """Return names of the document, and columns of tags, properties, parameters and metrics."""
    if len(fields) > _MOST:
        raise Refused(Code.BAD_REQUEST, f"Ask for up to {_MOST} fields.", field="fields")
    names: list[str] = []
    shown: list[Column] = []
    for field in dict.fromkeys(fields):
        column = columns.column(field)
        if column is not None and column.id in _FIELDS:
            names += _FIELDS[column.id]
        elif column is not None and column.key:
            shown.append(column)
        elif field in RUN:
            names.append(field)
        elif field == LOG_LINE:
            continue
        else:
            hint = (
                f"Fields are those of a run, such as {', '.join(list(RUN)[:3])}; the columns "
                f"{', '.join(_FIELDS)}; and tag:KEY, property:KEY, param:KEY, metric:NAME."
            )
            reason = f'Runs have no field "{field[:100]}".'
            raise Refused(Code.BAD_REQUEST, reason, field="fields", hint=hint)
    return names, shown


def _narrow(
    items: list[dict[str, Any]], runs: list[Run], names: list[str], shown: list[Column]
) -> list[dict[str, Any]]:
    found = [{name: item[name] for name in names} for item in items]
    if shown:
        ids = [column.id for column in shown]
        for item, values in zip(found, columns.values(runs, shown), strict=True):
            item["columns"] = dict(zip(ids, values, strict=True))
    return found
