"""Files and logs of a run."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from ninja import Router
from pydantic import Field

from runs.access import Right
from runs.actions import files, logs
from runs.api import bodies
from runs.api.auth import ApiRequest, Needs
from runs.api.describing import BYTES, answers
from runs.api.paging import Flag, Number
from runs.api.v1.log_search import find_log
from runs.api.v1.runs import PLACE
from runs.content_documents import file_document
from runs.downloads import download, log_download
from runs.stores import logs as log_store
from studio.contract import limits

router = Router()
_TEN_YEARS = 10 * 366 * 86_400_000
Piece = Annotated[Number, Field(ge=1, le=limits.LOG_PIECE_BYTES)]
Age = Annotated[Number, Field(le=_TEN_YEARS)]


@router.get(
    PLACE + "/{run_id}/files", auth=Needs(Right.VIEW), openapi_extra=answers({"items": "File[]"})
)
def list_files(request: ApiRequest, ws: str, run_id: str) -> dict[str, Any]:
    """List files and logs by path."""
    run = request.auth.run(ws, run_id)
    items = [file_document(run, file, "file") for file in run.files.all()]
    items += [file_document(run, log, "log") for log in run.logs.all()]
    return {"items": sorted(items, key=lambda item: item["path"])}


@router.put(
    PLACE + "/{run_id}/files/{path:path}",
    auth=Needs(Right.LOG),
    openapi_extra=answers("File", 200, 201, takes=BYTES),
)
def put_file(
    request: ApiRequest, ws: str, run_id: str, path: str, overwrite: Flag = False
) -> HttpResponse:
    """Store a file; the header X-Content-Sha256 has its bytes checked."""
    run = request.auth.run(ws, run_id)
    file, is_new = files.put(
        run,
        by=request.auth.actor,
        path=path,
        stream=bodies.WholeBody(request, limits.FILE_BYTES),
        sha256=request.headers.get("X-Content-Sha256"),
        overwrite=overwrite,
    )
    return JsonResponse(file_document(run, file, "file"), status=201 if is_new else 200)


@router.get(
    PLACE + "/{run_id}/files/{path:path}", auth=Needs(Right.VIEW), openapi_extra=answers(BYTES)
)
def get_file(request: ApiRequest, ws: str, run_id: str, path: str) -> HttpResponseBase:
    """Return the bytes of a file or log, as a download."""
    run = request.auth.run(ws, run_id)
    return download(run, path)


@router.post(
    PLACE + "/{run_id}/logs/{path:path}",
    auth=Needs(Right.OPERATE),
    openapi_extra=answers(
        {"received": "integer", "size": "integer", "full": "boolean"}, takes=BYTES
    ),
)
def append_log(
    request: ApiRequest,
    ws: str,
    run_id: str,
    path: str,
    session: str,
    sequence: Number,
    ageMs: Age = 0,  # noqa: N803 (a name of the API)
) -> dict[str, Any]:
    """Append bytes to a log, the last written ageMs ago; what was stored before is skipped.

    ``full`` says that the run's logs have all that they may have: what comes is not kept any more.
    """
    run = request.auth.bare_run(ws, run_id)
    data = bodies.read_bytes(request, limits.LOG_PIECE_BYTES)
    received, log = logs.append(
        run,
        by=request.auth.actor,
        path=path,
        session=session,
        sequence=sequence,
        data=data,
        age_ms=ageMs,
    )
    return {"received": received, "size": log.size, "full": log.is_full}


@router.get(
    PLACE + "/{run_id}/logs/{path:path}", auth=Needs(Right.VIEW), openapi_extra=answers(BYTES)
)
def read_log(
    request: ApiRequest,
    ws: str,
    run_id: str,
    path: str,
    offset: Number = 0,
    limit: Piece = 262_144,
) -> HttpResponse:
    """Return some bytes of a log; X-Log-Size says how many there are."""
    log = find_log(request.auth.run(ws, run_id), path)
    response = log_download(log, log_store.read(log, offset, limit))
    response["X-Log-Size"], response["X-Log-Offset"] = str(log.size), str(min(offset, log.size))
    return response
