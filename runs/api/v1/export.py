"""Runs as a file."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from ninja import Query, Router

from runs.access import Right
from runs.actions import audit
from runs.api.auth import ApiRequest, Needs
from runs.api.describing import answers
from runs.api.v1.asking import Asked, Meant, divided
from runs.downloads import exported
from runs.queries import columns, export
from runs.queries.columns import Column

router = Router()
_KINDS = ("text/csv", "application/json", "application/x-ndjson", "application/vnd.apache.parquet")


# Beside the runs, not below them: there every name is a run id.
@router.get(
    "/workspaces/{ws}/export",
    auth=Needs(Right.VIEW),
    openapi_extra=answers(_KINDS),
)
def export_runs(
    request: ApiRequest,
    ws: str,
    asked: Asked = Query(...),  # type: ignore[type-arg]  # noqa: B008
    format: str = "csv",
    columns: str = "",
) -> StreamingHttpResponse:
    """Download all runs that a query means, as ``csv``, ``json``, ``ndjson`` or ``parquet``.

    ``columns`` and ``sort`` are as in the address of the page: ids divided by commas, such as
    ``id,name,status,tag:quality,metric:loss``, with %2C for a comma in a key; ``sort=-metric:loss``.
    ``view``, the slug of a custom view, gives its runs with its columns in its order; what is asked
    besides narrows it. In CSV a text that a spreadsheet would take for a formula begins with an
    apostrophe. ``parquet`` needs the extra [parquet] of the studio, else the answer is 501; a metric
    is a number there, a text that was logged as one is null.
    """
    meant = asked.meant(request, ws)
    shown = _columns(columns, meant)
    answer = exported(meant.runs, shown, meant.keys, meant.workspace, format)
    if request.method != "HEAD":
        after = {"format": format, "filter": meant.state.filter}
        audit.record(request.auth.actor, "runs.export", workspace=meant.workspace, after=after)
    return answer


def _columns(text: str, meant: Meant) -> list[Column]:
    """Return the columns that are asked for, else those of the view."""
    names = divided(text)
    if names:
        return columns.columns(names)
    kept = [each.id for each in meant.state.columns if columns.column(each.id) is not None]
    return columns.columns(["id", *kept] if kept else export.DEFAULT)
