"""Runs as a file."""

from __future__ import annotations

from urllib.parse import unquote

from django.http import StreamingHttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from runs import access
from runs.access import Right
from runs.api.auth import ApiRequest, Needs
from runs.api.describing import answers
from runs.api.paging import Flag
from runs.downloads import exported
from runs.queries import columns, export, order
from runs.queries.runs import RunQuery, matching

router = Router()


class Asked(BaseModel):
    """Which runs are meant, as the list of runs takes it."""

    experiment: str = ""
    status: str = ""
    parent: str = ""
    root: str = ""
    target: str = ""
    submitter: str = ""
    include_children: Flag = Field(False, alias="includeChildren")
    tags: str = ""
    properties: str = ""
    type: str = ""
    filter: str = ""


# Beside the runs, not below them: there every name is a run id.
@router.get(
    "/workspaces/{ws}/export",
    auth=Needs(Right.VIEW),
    openapi_extra=answers(("text/csv", "application/json", "application/x-ndjson")),
)
def export_runs(
    request: ApiRequest,
    ws: str,
    asked: Asked = Query(...),  # type: ignore[type-arg]  # noqa: B008
    format: str = "csv",
    columns: str = "",
    sort: str = "",
) -> StreamingHttpResponse:
    """Download all runs that a query means, as ``csv``, ``json`` or ``ndjson``.

    ``columns`` and ``sort`` are as in the address of the page: ids divided by commas, such as
    ``id,name,status,tag:quality,metric:loss``, with %2C for a comma in a key; ``sort=-metric:loss``.
    In CSV a text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    workspace, actor = request.auth.workspace(ws), request.auth.actor
    shown = _columns(columns)
    by = order.keys([unquote(name) for name in sort.split(",") if name])
    given = asked.model_dump()
    # A run's own token sees that run and those below it.
    given["include_children"] |= actor.run is not None
    query = RunQuery(**given)
    runs = matching(access.runs_of(actor, workspace), query, workspace=workspace, by=actor)
    return exported(runs, shown, by, workspace, format)


def _columns(text: str) -> list[columns.Column]:
    names = [unquote(name) for name in text.split(",") if name]
    return columns.columns(names or export.DEFAULT)
