"""Experiments: by name for the active ones, by id for all."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Router

from runs import access
from runs.access import Right
from runs.actions import experiments
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body, Nothing
from runs.api.describing import answers
from runs.api.paging import Limit
from runs.api.v1.labels import KeysBody, TagsBody
from runs.documents import experiment_document
from runs.queries.paging import page
from studio.contract import limits

router = Router()
NAMED = "/workspaces/{ws}/experiments"
# A name may look like an id, so ids have a place of their own.
BY_ID = "/workspaces/{ws}/experimentids/{eid}"


class View(StrEnum):
    """Which experiments a list has."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    ALL = "all"


class EditBody(Body):
    """What may be changed; what is left out stays."""

    description: str | None = None
    archived: bool | None = None


@router.get(
    NAMED,
    auth=Needs(Right.VIEW),
    openapi_extra=answers({"items": "Experiment[]", "nextCursor": "string?"}),
)
def list_experiments(
    request: ApiRequest,
    ws: str,
    view: View = View.ACTIVE,
    name: str = "",
    limit: Limit = limits.PAGE,
    cursor: str = "",
) -> dict[str, Any]:
    """List the experiments of a workspace, newest first; ``name`` picks those of that name."""
    workspace = request.auth.workspace(ws)
    rows = access.experiments_of(request.auth.actor, workspace).listed()
    if view is not View.ALL:
        rows = rows.active() if view is View.ACTIVE else rows.archived()
    if name:
        rows = rows.filter(name=name)
    shown, following = page(rows, limit, cursor, newest_first=True)
    items = [experiment_document(experiment, workspace) for experiment in shown]
    return {"items": items, "nextCursor": following}


@router.get(NAMED + "/{name}", auth=Needs(Right.VIEW), openapi_extra=answers("Experiment"))
def get_experiment(request: ApiRequest, ws: str, name: str) -> dict[str, Any]:
    """Return the active experiment of that name."""
    workspace = request.auth.workspace(ws)
    return experiment_document(request.auth.experiment(ws, name), workspace)


@router.put(
    NAMED + "/{name}", auth=Needs(Right.START), openapi_extra=answers("Experiment", 200, 201)
)
def put_experiment(request: ApiRequest, ws: str, name: str, body: Nothing) -> HttpResponse:
    """Return the active experiment of that name, made if there was none."""
    workspace = request.auth.workspace(ws)
    experiment, is_new = experiments.get_or_create(workspace, name, by=request.auth.actor)
    document = experiment_document(experiment, workspace)
    return JsonResponse(document, status=201 if is_new else 200)


@router.get(BY_ID, auth=Needs(Right.VIEW), openapi_extra=answers("Experiment"))
def get_experiment_by_id(request: ApiRequest, ws: str, eid: str) -> dict[str, Any]:
    """Return the experiment of that id, archived or not."""
    experiment = request.auth.experiment_by_id(ws, eid)
    return experiment_document(experiment, experiment.workspace)


@router.patch(BY_ID, auth=Needs(Right.ARRANGE), openapi_extra=answers("Experiment"))
def edit_experiment(request: ApiRequest, ws: str, eid: str, body: EditBody) -> dict[str, Any]:
    """Change the description, archive or bring back."""
    experiment = request.auth.experiment_by_id(ws, eid)
    if body.description is not None:
        experiments.describe(experiment, body.description, by=request.auth.actor)
    if body.archived is not None:
        move = experiments.archive if body.archived else experiments.reactivate
        move(experiment, by=request.auth.actor)
    return experiment_document(experiment, experiment.workspace)


@router.delete(BY_ID, auth=Needs(Right.ARRANGE), openapi_extra=answers("Experiment"))
def delete_experiment(request: ApiRequest, ws: str, eid: str) -> dict[str, Any]:
    """Delete an experiment that has no runs; returns what it was."""
    experiment = request.auth.experiment_by_id(ws, eid)
    told = experiment_document(experiment, experiment.workspace)
    experiments.delete(experiment, by=request.auth.actor)
    return told


@router.put(BY_ID + "/tags", auth=Needs(Right.ARRANGE), openapi_extra=answers({"tags": "object"}))
def set_tags(request: ApiRequest, ws: str, eid: str, body: TagsBody) -> dict[str, Any]:
    """Add tags or change their values; other tags stay."""
    experiment = request.auth.experiment_by_id(ws, eid)
    return {"tags": experiments.set_tags(experiment, body.root, by=request.auth.actor)}


@router.delete(
    BY_ID + "/tags", auth=Needs(Right.ARRANGE), openapi_extra=answers({"tags": "object"})
)
def remove_tags(request: ApiRequest, ws: str, eid: str, body: KeysBody) -> dict[str, Any]:
    """Remove tags by key; a key that is not there is no error."""
    experiment = request.auth.experiment_by_id(ws, eid)
    return {"tags": experiments.remove_tags(experiment, body.keys, by=request.auth.actor)}
