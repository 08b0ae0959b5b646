"""Workspaces and their experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from ninja import Router

from runs import access
from runs.access import Right
from runs.actions import experiments
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Nothing
from runs.api.describing import answers
from runs.api.paging import Limit
from runs.api.v1.documents import experiment_document, workspace_document
from runs.models import Membership
from runs.queries.paging import page
from studio.contract import limits

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


@router.get(
    "/workspaces/{ws}/experiments",
    auth=Needs(Right.VIEW),
    openapi_extra=answers({"items": "Experiment[]", "nextCursor": "string?"}),
)
def list_experiments(
    request: ApiRequest, ws: str, limit: Limit = limits.PAGE, cursor: str = ""
) -> dict[str, Any]:
    """List the active experiments of a workspace, newest first."""
    workspace = request.auth.workspace(ws)
    rows = access.experiments_of(request.auth.actor, workspace)
    shown, following = page(rows, limit, cursor, newest_first=True)
    items = [experiment_document(experiment, workspace) for experiment in shown]
    return {"items": items, "nextCursor": following}


@router.get(
    "/workspaces/{ws}/experiments/{name}",
    auth=Needs(Right.VIEW),
    openapi_extra=answers("Experiment"),
)
def get_experiment(request: ApiRequest, ws: str, name: str) -> dict[str, Any]:
    """Return the active experiment of that name."""
    workspace = request.auth.workspace(ws)
    return experiment_document(request.auth.experiment(ws, name), workspace)


@router.put(
    "/workspaces/{ws}/experiments/{name}",
    auth=Needs(Right.START),
    openapi_extra=answers("Experiment", 200, 201),
)
def put_experiment(request: ApiRequest, ws: str, name: str, body: Nothing) -> HttpResponse:
    """Return the experiment of that name, made if there was none."""
    workspace = request.auth.workspace(ws)
    experiment, is_new = experiments.get_or_create(workspace, name, by=request.auth.actor)
    document = experiment_document(experiment, workspace)
    return JsonResponse(document, status=201 if is_new else 200)


def _memberships(actor: Actor) -> list[Membership]:
    mine = Membership.objects.filter(user=actor.user).select_related("workspace")
    scope = actor.scope()
    return list(
        (mine if scope is None else mine.filter(workspace=scope)).order_by("workspace__name")
    )
