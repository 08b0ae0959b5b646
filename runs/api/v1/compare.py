"""Runs side by side."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from ninja import Router

from runs.access import Right
from runs.actions.refused import Refused
from runs.api.auth import ApiRequest, Needs
from runs.api.describing import answers
from runs.api.paging import Flag
from runs.documents import time
from runs.models import Run
from runs.queries import compare
from runs.queries.compare import Comparison, Section
from runs.queries.compare_files import File
from runs.queries.compare_rows import Row
from studio.contract import places
from studio.contract.errors import Code

router = Router()


@router.get(
    "/workspaces/{ws}/compare",
    auth=Needs(Right.VIEW),
    openapi_extra=answers(
        {
            "runs": "ComparedRun[]",
            "missing": "string[]",
            "base": "string?",
            "sections": "CompareSection[]",
        }
    ),
)
def compare_runs(
    request: ApiRequest,
    ws: str,
    runs: str = "",
    base: str = "",
    differ: Flag = False,
    find: str = "",
) -> dict[str, Any]:
    """Return up to 100 runs side by side, as the page does.

    ``runs`` are ids divided by commas, ``base`` is the one that the numbers of the others are told
    against: the first when left out. ``differ=true`` leaves out rows that are equal, ``find`` those
    without these letters. Ids that lead to no run of the workspace come back as ``missing``.
    """
    workspace = request.auth.workspace(ws)
    ids, _ = compare.ids_of(runs)
    if not 0 < len(ids) <= compare.MOST_RUNS:
        raise Refused(
            Code.BAD_REQUEST,
            f"1 to {compare.MOST_RUNS} runs are compared, not {len(ids)}.",
            field="runs",
            hint="Name them by id, divided by commas: runs=ID,ID.",
        )
    found = compare.chosen(request.auth.actor, workspace, ids)
    place = _base(base, found.runs)
    told = compare.compare(
        found.runs,
        base=place,
        only_differing=differ,
        find=find,
        most=compare.MOST_ROWS_TOLD,
    )
    return {
        "runs": [_run(run) for run in found.runs],
        "missing": found.missing,
        "base": found.runs[place].run_id if found.runs else None,
        "sections": [_section(each, told) for each in told.sections],
    }


def _base(wanted: str, runs: list[Run]) -> int:
    ids = [run.run_id for run in runs]
    if wanted and wanted not in ids:
        reason = "The baseline is none of these runs."
        raise Refused(Code.BAD_REQUEST, reason, field="base", hint="It is one of those in runs.")
    return ids.index(wanted) if wanted else 0


def _run(run: Run) -> dict[str, Any]:
    return {
        "runId": run.run_id,
        "displayName": run.display_name,
        "experimentName": run.experiment.name,
        "status": run.status,
        "url": settings.PUBLIC_URL + places.run_page(run.workspace.name, run.run_id),
    }


def _section(section: Section, found: Comparison) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title,
        "differing": section.differing,
        "equal": section.equal,
        "leftOut": section.left_out,
        "rows": [_row(row, found) for row in section.rows],
    }


def _row(row: Row, found: Comparison) -> dict[str, Any]:
    deltas = [compare.delta(row, place, found.base) for place in range(len(row.values))]
    return {
        "key": row.key,
        "label": row.label,
        "kind": row.kind,
        "differs": row.differs,
        "values": [_value(row, value) for value in row.values],
        "deltas": [
            None if each is None else {"difference": each.difference, "percent": each.percent}
            for each in deltas
        ],
    }


def _value(row: Row, value: Any) -> Any:
    """Return a value as JSON has it: a file is its sha256, a tag without a value is true."""
    if isinstance(value, File):
        return value.sha256
    return time(value) if row.kind == "time" else value
