"""Retention rules: which old runs a workspace deletes. For owners."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Router

from runs.access import Right
from runs.actions import retention
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body
from runs.api.describing import answers
from runs.documents import time
from runs.models import RetentionRule
from runs.queries.retention import preview

router = Router()
RULES = "/workspaces/{ws}/retention"
ONE = RULES + "/{rule}"


class RetentionBody(Body):
    """Runs that a query means go into the bin ``days`` after their end."""

    filter: str = ""
    days: int


class NewRetentionBody(RetentionBody):
    """``confirm`` is how many runs the preview has counted."""

    confirm: int | None = None


class SwitchBody(Body):
    """Whether the rule is followed."""

    enabled: bool


@router.get(RULES, auth=Needs(Right.MANAGE), openapi_extra=answers({"items": "RetentionRule[]"}))
def list_rules(request: ApiRequest, ws: str) -> dict[str, Any]:
    """List the rules, the oldest first."""
    return {"items": [_document(each) for each in retention.rules_of(request.auth.workspace(ws))]}


@router.post(
    RULES + "/preview",
    auth=Needs(Right.MANAGE),
    openapi_extra=answers({"count": "integer", "isMore": "boolean", "runs": "object[]"}),
)
def preview_rule(request: ApiRequest, ws: str, body: RetentionBody) -> dict[str, Any]:
    """Say what such a rule would delete now: how many runs, and the first 50 of those without a parent.

    Starred runs stay, and so do all that are above or below one that goes on, is starred or younger.
    """
    place, actor = request.auth.workspace(ws), request.auth.actor
    found = preview(body.filter, body.days, place, by=actor, now=timezone.now())
    runs = [
        {"runId": run.run_id, "displayName": run.display_name, "endTimeUtc": time(run.ended_at)}
        for run in found.runs
    ]
    return {"count": found.count, "isMore": found.is_more, "runs": runs}


@router.post(RULES, auth=Needs(Right.MANAGE), openapi_extra=answers("RetentionRule", 201))
def create_rule(request: ApiRequest, ws: str, body: NewRetentionBody) -> HttpResponse:
    """Make a rule; ``confirm`` says how many runs it would delete now, as the preview has counted."""
    place, actor = request.auth.workspace(ws), request.auth.actor
    found = preview(body.filter, body.days, place, by=actor, now=timezone.now())
    rule = retention.create(
        place,
        by=actor,
        query=body.filter,
        days=body.days,
        goes=found.count,
        confirm=body.confirm,
    )
    return JsonResponse(_document(rule), status=201)


@router.patch(ONE, auth=Needs(Right.MANAGE), openapi_extra=answers("RetentionRule"))
def switch_rule(request: ApiRequest, ws: str, rule: str, body: SwitchBody) -> dict[str, Any]:
    """Switch a rule off, or on: from then on it deletes in the caller's name."""
    found = retention.rule_for(request.auth.workspace(ws), rule)
    retention.switch(found, by=request.auth.actor, on=body.enabled)
    return _document(found)


@router.delete(ONE, auth=Needs(Right.MANAGE), openapi_extra=answers("RetentionRule"))
def delete_rule(request: ApiRequest, ws: str, rule: str) -> dict[str, Any]:
    """Delete a rule; what it has deleted stays in the bin for its time."""
    found = retention.rule_for(request.auth.workspace(ws), rule)
    told = _document(found)
    retention.delete(found, by=request.auth.actor)
    return told


def _document(rule: RetentionRule) -> dict[str, Any]:
    return {
        "id": rule.pk,
        "filter": rule.query,
        "days": rule.days,
        "enabled": rule.enabled,
        "problem": rule.problem or None,
        "createdBy": {"userName": rule.created_by.username, "name": rule.created_by.name},
        "createdUtc": time(rule.created_at),
        "lookedUtc": time(rule.looked_at),
        "task": str(rule.task_id) if rule.task_id else None,
    }
