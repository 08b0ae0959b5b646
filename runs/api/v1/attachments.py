"""Files beside a run's description: pictures above all."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from ninja import Router

from runs import downloads
from runs.access import Right
from runs.actions import attachments
from runs.actions.refused import Refused
from runs.api import bodies
from runs.api.auth import ApiRequest, Needs
from runs.api.describing import BYTES, answers
from runs.api.v1.runs import PLACE
from runs.content_documents import attachment_document
from studio.contract import limits
from studio.contract.errors import Code

router = Router()
ATTACHMENTS = PLACE + "/{run_id}/attachments"


@router.get(ATTACHMENTS, auth=Needs(Right.VIEW), openapi_extra=answers({"items": "Attachment[]"}))
def list_attachments(request: ApiRequest, ws: str, run_id: str) -> dict[str, Any]:
    """List what is attached to the description, by name."""
    run = request.auth.run(ws, run_id)
    return {"items": [attachment_document(run, each) for each in run.attachments.order_by("name")]}


@router.post(
    ATTACHMENTS,
    auth=Needs(Right.EDIT),
    openapi_extra=answers("Attachment", 200, 201, takes=BYTES),
)
def add_attachment(request: ApiRequest, ws: str, run_id: str, name: str) -> HttpResponse:
    """Attach a file of up to 10 MB; ``markdown`` in the answer shows it in the description.

    The same bytes again are the attachment that is there; other bytes under a name that is taken get
    a name of their own. Pictures are PNG, JPEG, GIF and WebP; anything else is a download.
    """
    run = request.auth.run(ws, run_id)
    stream = bodies.WholeBody(request, limits.ATTACHMENT_BYTES)
    made, is_new = attachments.put(run, by=request.auth.actor, name=name, stream=stream)
    return JsonResponse(attachment_document(run, made), status=201 if is_new else 200)


@router.get(ATTACHMENTS + "/{name}", auth=Needs(Right.VIEW), openapi_extra=answers(BYTES))
def get_attachment(request: ApiRequest, ws: str, run_id: str, name: str) -> HttpResponseBase:
    """Return the bytes of an attachment, as a download."""
    run = request.auth.run(ws, run_id)
    found = run.attachments.filter(name=name).first()
    if found is None:
        raise Refused(Code.NOT_FOUND, f'This run has no attachment "{name[:200]}".')
    return downloads.attached(found, run.workspace_id)
