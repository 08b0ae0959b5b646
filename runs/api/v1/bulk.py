"""Work on many runs: looked at first, begun, followed, stopped, undone. And the bin."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Router

from runs.access import Right
from runs.actions import bulk, bulk_work
from runs.actions.bulk_rules import ASKED
from runs.actions.refused import Refused
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body, Nothing
from runs.api.describing import answers
from runs.api.paging import Limit
from runs.api.v1.asking import QueryBody
from runs.documents import task_document, task_run_document
from runs.models import Task, TaskRun
from runs.models.task import Kind, Result
from runs.queries.paging import decode, encode, page
from runs.queries.runs import RunQuery
from runs.queries.selection import Selection, chosen, missing, preview
from studio.contract import limits
from studio.contract.errors import Code

router = Router()
PLACE = "/workspaces/{ws}/bulk"
ONE = PLACE + "/{task}"


class SelectionBody(Body):
    """Runs by their ids, or by a query; with all runs below them, if wanted; or those in the bin."""

    run_ids: list[str] | None = None
    query: QueryBody | None = None
    with_children: bool = False
    in_bin: bool = False

    def told(self) -> Selection:
        """Return it as queries take it."""
        if (self.run_ids is None) == (self.query is None):
            reason = "A selection is either runIds or a query."
            raise Refused(Code.BAD_REQUEST, reason, field="selection", hint=_SELECT)
        ids = None if self.run_ids is None else tuple(dict.fromkeys(self.run_ids))
        query = self.query.told() if self.query else RunQuery()
        return Selection(ids, query, self.with_children, self.in_bin)


class PreviewBody(Body):
    """What is selected."""

    selection: SelectionBody


class BulkBody(Body):
    """What to do to which runs; ``confirm`` is how many are meant."""

    action: str
    selection: SelectionBody
    tags: dict[str, str | None] = {}
    keys: list[str] = []
    reason: str = ""
    confirm: int | None = None


@router.post(
    PLACE + "/preview",
    auth=Needs(Right.BULK),
    openapi_extra=answers(
        {
            "selected": "integer",
            "isCapped": "boolean",
            "touches": "object",
            "reasons": "object[]",
            "missing": "string[]",
        }
    ),
)
def look_first(request: ApiRequest, ws: str, body: PreviewBody) -> dict[str, Any]:
    """Say how many runs are selected, and how many of them each action can touch. Changes nothing."""
    workspace = request.auth.workspace(ws)
    seen = preview(body.selection.told(), workspace=workspace, by=request.auth.actor)
    return {
        "selected": seen.selected,
        "isCapped": seen.is_capped,
        "touches": seen.touches,
        "reasons": [
            {"action": action, "runId": run_id, "reason": reason}
            for action, run_id, reason in seen.reasons
        ],
        "missing": seen.missing,
    }


@router.post(PLACE, auth=Needs(Right.BULK), openapi_extra=answers("Task", 201))
def begin(request: ApiRequest, ws: str, body: BulkBody) -> HttpResponse:
    """Tag, untag, cancel, archive, restore, delete or purge the selected runs.

    Up to 100 runs are done when this answers. More, ``cancel`` and ``purge`` go on after the answer:
    ask for the task until its state is ``done``. More, ``cancel``, ``delete`` and ``purge`` need
    ``confirm``, the number of selected runs. Runs that begin to match later are not touched.
    """
    workspace = request.auth.workspace(ws)
    actor, selection = request.auth.actor, body.selection.told()
    absent = missing(selection, workspace=workspace, by=actor)
    if absent:
        more = " and others" if len(absent) > 1 else ""
        reason = (
            f'There is no run "{absent[0]}"{more} {"in the bin" if selection.in_bin else "here"}.'
        )
        hint = "Leave it out; a preview names all that are missing."
        raise Refused(Code.NOT_FOUND, reason, field="selection.runIds", hint=hint)
    kind = _kind(body.action)
    task = bulk.start(
        workspace,
        chosen(selection, workspace=workspace, by=actor),
        by=actor,
        kind=kind,
        arguments={"tags": body.tags, "keys": body.keys, "reason": body.reason},
        confirm=body.confirm,
    )
    return _begun(task)


@router.get(
    PLACE,
    auth=Needs(Right.BULK),
    openapi_extra=answers({"items": "Task[]", "nextCursor": "string?"}),
)
def list_tasks(
    request: ApiRequest, ws: str, limit: Limit = limits.PAGE, cursor: str = ""
) -> dict[str, Any]:
    """List the tasks of the last 30 days, newest first."""
    tasks = Task.objects.inside(request.auth.workspace(ws)).select_related("created_by")
    shown, following = page(tasks, limit, cursor)
    return {"items": [task_document(task) for task in shown], "nextCursor": following}


@router.get(ONE, auth=Needs(Right.BULK), openapi_extra=answers("Task"))
def get_task(request: ApiRequest, ws: str, task: str) -> dict[str, Any]:
    """Say how far a task is."""
    return task_document(_found(request, ws, task))


@router.get(
    ONE + "/runs",
    auth=Needs(Right.BULK),
    openapi_extra=answers({"items": "TaskRun[]", "nextCursor": "string?"}),
)
def list_results(
    request: ApiRequest,
    ws: str,
    task: str,
    result: str = "",
    limit: Limit = limits.PAGE,
    cursor: str = "",
) -> dict[str, Any]:
    """List how it went for each run, oldest run first; ``result`` is pending, done or refused."""
    rows = TaskRun.objects.filter(task=_found(request, ws, task))
    if result:
        rows = rows.filter(result=_result(result))
    if cursor:
        rows = rows.filter(run__gt=decode(cursor))
    found = list(rows.order_by("run")[: limit + 1])
    shown = found[:limit]
    following = encode(shown[-1].run_id) if len(found) > limit else None
    return {"items": [task_run_document(row) for row in shown], "nextCursor": following}


@router.post(ONE + "/stop", auth=Needs(Right.BULK), openapi_extra=answers("Task"))
def stop(request: ApiRequest, ws: str, task: str, body: Nothing) -> dict[str, Any]:
    """Do nothing more; what is done stays done, and can be undone."""
    return task_document(bulk.stop(_found(request, ws, task)))


@router.post(ONE + "/undo", auth=Needs(Right.BULK), openapi_extra=answers("Task", 201))
def undo(request: ApiRequest, ws: str, task: str, body: Nothing) -> HttpResponse:
    """Put back what a task did. What was changed since is left alone, and listed as refused."""
    return _begun(bulk.undo(_found(request, ws, task), by=request.auth.actor))


def _begun(task: Task) -> HttpResponse:
    if bulk.is_done_at_once(Kind(task.kind), task.total):
        bulk_work.work_at_once(task, secrets.token_hex(16))
    return JsonResponse(task_document(task), status=201)


def _found(request: ApiRequest, ws: str, number: str) -> Task:
    return bulk.task_for(request.auth.actor, request.auth.workspace(ws), number)


_SELECT = 'For example {"runIds": ["a", "b"]} or {"query": {"filter": "tag:quality=poor"}}.'


def _kind(text: str) -> Kind:
    known = {kind.value: kind for kind in ASKED}
    if text not in known:
        reason = f'There is no action "{text[:50]}".'
        raise Refused(
            Code.BAD_REQUEST, reason, field="action", hint=f"Known are {', '.join(known)}."
        )
    return known[text]


def _result(text: str) -> Result:
    known = {result.label: result for result in Result}
    if text not in known:
        reason = "A result is pending, done or refused."
        raise Refused(Code.BAD_REQUEST, reason, field="result")
    return known[text]
