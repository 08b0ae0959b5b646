"""Tags, properties and parameters of a run."""

from __future__ import annotations

from typing import Any

from ninja import Router
from pydantic import RootModel

from runs.access import Right
from runs.actions import labels
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body, Plain
from runs.api.describing import answers
from runs.api.v1.runs import PLACE

router = Router()


class TagsBody(RootModel[dict[str, str | None]]):
    """Tags by key; null is a tag without a value."""


class PropertiesBody(RootModel[dict[str, str]]):
    """Properties by key."""


class ParametersBody(RootModel[dict[str, Plain]]):
    """Parameters by key; a number, true, false or null is kept as Python writes it."""


class KeysBody(Body):
    """Keys of tags."""

    keys: list[str]


@router.put(
    PLACE + "/{run_id}/tags", auth=Needs(Right.EDIT), openapi_extra=answers({"tags": "object"})
)
def set_tags(request: ApiRequest, ws: str, run_id: str, body: TagsBody) -> dict[str, Any]:
    """Add tags or change their values; other tags stay."""
    run = request.auth.run(ws, run_id)
    return {"tags": labels.set_tags(run, body.root, by=request.auth.actor)}


@router.delete(
    PLACE + "/{run_id}/tags", auth=Needs(Right.EDIT), openapi_extra=answers({"tags": "object"})
)
def remove_tags(request: ApiRequest, ws: str, run_id: str, body: KeysBody) -> dict[str, Any]:
    """Remove tags by key; a key that is not there is no error."""
    run = request.auth.run(ws, run_id)
    return {"tags": labels.remove_tags(run, body.keys, by=request.auth.actor)}


@router.post(
    PLACE + "/{run_id}/properties",
    auth=Needs(Right.EDIT),
    openapi_extra=answers({"properties": "object"}),
)
def add_properties(
    request: ApiRequest, ws: str, run_id: str, body: PropertiesBody
) -> dict[str, Any]:
    """Add properties. They never change afterwards."""
    run = request.auth.run(ws, run_id)
    return {"properties": labels.add_properties(run, body.root, by=request.auth.actor)}


@router.post(
    PLACE + "/{run_id}/parameters",
    auth=Needs(Right.LOG),
    openapi_extra=answers({"parameters": "object"}),
)
def log_parameters(
    request: ApiRequest, ws: str, run_id: str, body: ParametersBody
) -> dict[str, Any]:
    """Add what the run was configured with. It never changes afterwards."""
    run = request.auth.run(ws, run_id)
    return {"parameters": labels.log_parameters(run, body.root, by=request.auth.actor)}
