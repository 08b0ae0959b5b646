"""Runs: make, list, look at, edit."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Query, Router

from runs.access import Right
from runs.actions import runs
from runs.actions.runs import NewRun
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body, Plain
from runs.api.describing import answers
from runs.api.paging import Limit, Number
from runs.api.v1.asking import Asked, divided
from runs.api.v1.listing import page
from runs.documents import event_document, run_document
from studio.contract import limits, words

router = Router()
PLACE = "/workspaces/{ws}/runs"


class NewRunBody(Body):
    """A run that does not exist yet."""

    experiment_name: str
    run_id: str = ""
    display_name: str = ""
    name: str = ""
    description: str = ""
    parent_run_id: str | None = None
    tags: dict[str, str | None] = {}
    properties: dict[str, str] = {}
    parameters: dict[str, Plain] = {}
    target: str = words.TARGET_SDK
    start: bool = False
    start_time_utc: str = ""
    script_name: str = ""
    definition: dict[str, Any] | None = None
    snapshot_id: str | None = None
    grace_seconds: float | None = None
    max_run_duration_seconds: float | None = None


class EditBody(Body):
    """What people write on a run; what is left out stays."""

    display_name: str | None = None
    description: str | None = None
    hidden: bool | None = None
    version: int | None = None


@router.get(
    PLACE,
    auth=Needs(Right.VIEW),
    openapi_extra=answers({"items": "ListedRun[]", "nextCursor": "string?"}),
)
def list_runs(
    request: ApiRequest,
    ws: str,
    asked: Asked = Query(...),  # type: ignore[type-arg]  # noqa: B008
    fields: str = "",
    limit: Limit = limits.PAGE,
    cursor: str = "",
) -> dict[str, Any]:
    """List runs, newest first unless ``sort`` says otherwise.

    ``status`` takes several, divided by commas; ``tags`` and ``properties`` take JSON: a key as a
    text, or an object of keys and values. ``filter`` is a query, as in the search box:
    ``status:failed,canceled tag:quality="fantastic run" -tag:skip metric:accuracy>0.9``. Children
    and archived runs are left out unless it speaks of them: ``is:child``, ``parent:<run id>``,
    ``is:archived``. ``sort`` takes up to two columns of the page, ``-metric:accuracy,created``, with
    - before one for descending and %2C for a comma in a key; what a run lacks comes last. ``view``,
    the slug of a custom view, begins with its filter and its sort; what is asked besides narrows it.
    ``fields=runId,status,tag:quality,metric:loss.min`` answers with those alone: fields of a run, or
    columns of the page by their ids, of which those of labels and metrics stand below ``columns``.
    Where the query asks for a text in logs, as in ``log:"out of memory"``, ``logLine`` is the first line
    of each run that has it, cut around it.
    """
    return page(asked.meant(request, ws), divided(fields), limit, cursor)


@router.post(PLACE, auth=Needs(Right.START), openapi_extra=answers("Run", 201))
def create_run(request: ApiRequest, ws: str, body: NewRunBody) -> HttpResponse:
    """Make a run."""
    workspace = request.auth.workspace(ws)
    new = NewRun(
        experiment_name=body.experiment_name,
        run_id=body.run_id,
        display_name=body.display_name,
        name=body.name,
        description=body.description,
        parent_run_id=body.parent_run_id or "",
        tags=body.tags,
        properties=body.properties,
        parameters=body.parameters,
        target=body.target,
        start=body.start,
        started=body.start_time_utc,
        script_name=body.script_name,
        definition=body.definition,
        snapshot_id=body.snapshot_id or "",
        grace_seconds=body.grace_seconds,
        max_run_seconds=body.max_run_duration_seconds,
    )
    run = runs.create(workspace, by=request.auth.actor, new=new)
    return JsonResponse(run_document(run), status=201)


@router.get(PLACE + "/{run_id}", auth=Needs(Right.VIEW), openapi_extra=answers("Run"))
def get_run(request: ApiRequest, ws: str, run_id: str) -> dict[str, Any]:
    """Return one run."""
    return run_document(request.auth.run(ws, run_id))


@router.patch(PLACE + "/{run_id}", auth=Needs(Right.EDIT), openapi_extra=answers("Run"))
def edit_run(request: ApiRequest, ws: str, run_id: str, body: EditBody) -> dict[str, Any]:
    """Change display name, description or whether the run is archived."""
    run = request.auth.run(ws, run_id)
    runs.edit(
        run,
        by=request.auth.actor,
        display_name=body.display_name,
        description=body.description,
        hidden=body.hidden,
        version=body.version,
    )
    return run_document(run)


@router.get(
    PLACE + "/{run_id}/events", auth=Needs(Right.VIEW), openapi_extra=answers({"items": "Event[]"})
)
def list_events(
    request: ApiRequest, ws: str, run_id: str, after: Number = 0, limit: Limit = limits.PAGE_MAX
) -> dict[str, Any]:
    """List what happened to a run, oldest first, after the event of that id."""
    events = request.auth.run(ws, run_id).events.filter(pk__gt=after).order_by("pk")[:limit]
    return {"items": [event_document(event) for event in events]}
