"""The bin: runs that were deleted and can still be brought back."""

from __future__ import annotations

from typing import Any

from ninja import Router

from runs.access import Right
from runs.actions.deletion import KEPT_FOR
from runs.api.auth import ApiRequest, Needs
from runs.api.describing import answers
from runs.api.paging import Limit
from runs.documents import run_document, time
from runs.models import Run
from runs.queries.paging import page
from runs.queries.runs import RunQuery, matching
from studio.contract import limits

router = Router()


@router.get(
    "/workspaces/{ws}/bin",
    auth=Needs(Right.BULK),
    openapi_extra=answers({"items": "DeletedRun[]", "nextCursor": "string?"}),
)
def list_deleted(
    request: ApiRequest, ws: str, filter: str = "", limit: Limit = limits.PAGE, cursor: str = ""
) -> dict[str, Any]:
    """List the runs in the bin, newest first, children among them; ``filter`` is a query.

    The bulk action ``restore`` with ``inBin`` brings runs back, ``purge`` ends them for good.
    """
    workspace = request.auth.workspace(ws)
    binned = Run.objects.inside(workspace).binned()
    asked, by = RunQuery(filter=filter), request.auth.actor
    rows = matching(binned, asked, workspace=workspace, by=by, everywhere=True)
    shown, following = page(rows.with_names(), limit, cursor)
    for run in shown:
        run.workspace = workspace
    return {"items": [_document(run) for run in shown], "nextCursor": following}


def _document(run: Run) -> dict[str, Any]:
    ends = None if run.deleted_at is None else run.deleted_at + KEPT_FOR
    return {"run": run_document(run), "deletedUtc": time(run.deleted_at), "goneUtc": time(ends)}
