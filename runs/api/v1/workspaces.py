"""Workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Router

from runs.access import Right
from runs.api.auth import ApiRequest, Needs
from runs.api.describing import answers
from runs.documents import workspace_document
from runs.models import Membership

if TYPE_CHECKING:
    from runs.access import Actor

router = Router()


@router.get(
    "/workspaces",
    auth=Needs(Right.VIEW),
    openapi_extra=answers({"items": "Workspace[]", "nextCursor": "string?"}),
)
def list_workspaces(request: ApiRequest) -> dict[str, Any]:
    """List the workspaces that the caller belongs to."""
    return {
        "items": [workspace_document(m) for m in _memberships(request.auth.actor)],
        "nextCursor": None,
    }


@router.get("/workspaces/{ws}", auth=Needs(Right.VIEW), openapi_extra=answers("Workspace"))
def get_workspace(request: ApiRequest, ws: str) -> dict[str, Any]:
    """Return one workspace."""
    workspace = request.auth.workspace(ws)
    mine = Membership.objects.select_related("workspace").filter(user=request.auth.actor.user)
    return workspace_document(mine.get(workspace=workspace))


def _memberships(actor: Actor) -> list[Membership]:
    mine = Membership.objects.filter(user=actor.user).select_related("workspace")
    scope = actor.scope()
    return list(
        (mine if scope is None else mine.filter(workspace=scope)).order_by("workspace__name")
    )
