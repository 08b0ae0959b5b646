"""Many children of one run, in one call."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Router
from pydantic import Field

from runs.access import Right
from runs.actions import runs
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body, Plain
from runs.api.describing import answers
from runs.api.v1.runs import PLACE
from runs.documents import run_document
from studio.contract import limits

router = Router()


class ChildBody(Body):
    """One child, Running at once."""

    run_id: str = ""
    display_name: str = ""
    tags: dict[str, str | None] = {}
    parameters: dict[str, Plain] = {}


class ChildrenBody(Body):
    """The children, in the order in which they are answered."""

    children: list[ChildBody] = Field(min_length=1, max_length=limits.CHILDREN_PER_CALL)


@router.post(
    PLACE + "/{run_id}/children",
    auth=Needs(Right.START),
    openapi_extra=answers({"items": "Run[]"}, 201),
)
def create_children(request: ApiRequest, ws: str, run_id: str, body: ChildrenBody) -> HttpResponse:
    """Start children of a run; all of them or none."""
    parent = request.auth.run(ws, run_id)
    new: list[dict[str, Any]] = [child.model_dump() for child in body.children]
    made = runs.create_children(parent, by=request.auth.actor, new=new)
    return JsonResponse({"items": [run_document(run) for run in made]}, status=201)
