"""Alerts: made, changed, foreseen and tried; what they sent; and the bell of a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Router

from runs import access
from runs.access import Right
from runs.actions import alerts, bells, deliveries
from runs.actions.alert_rules import Wanted
from runs.actions.refused import Refused
from runs.alert_documents import alert_document, message_document
from runs.api.auth import ApiRequest, Needs
from runs.api.bodies import Body, Nothing
from runs.api.describing import answers
from runs.api.paging import Limit
from runs.models import AlertRule, Delivery
from runs.queries.alerts import preview, sound
from runs.queries.paging import page
from studio.contract import limits
from studio.contract.errors import Code

router = Router()
ALERTS = "/workspaces/{ws}/alerts"
ONE = ALERTS + "/{alert}"
MESSAGE = ONE + "/messages/{message}"


class AlertBody(Body):
    """What an alert says. ``kind`` is status, longer or metric; ``channel`` email, webhook or slack."""

    name: str
    kind: str = "status"
    statuses: list[str] = []
    seconds: float | None = None
    metric: str = ""
    operator: str = ""
    value: float | None = None
    filter: str = ""
    include_children: bool = False
    channel: str = "email"
    target: str = ""
    digest_minutes: int = 0
    for_all: bool = False
    enabled: bool = True


class SaveAlertBody(Body):
    """What is saved over ``version``; what is left out stays."""

    version: int
    name: str | None = None
    kind: str | None = None
    statuses: list[str] | None = None
    seconds: float | None = None
    metric: str | None = None
    operator: str | None = None
    value: float | None = None
    filter: str | None = None
    include_children: bool | None = None
    channel: str | None = None
    target: str | None = None
    digest_minutes: int | None = None
    for_all: bool | None = None
    enabled: bool | None = None


class BellBody(Body):
    """Whether or not."""

    on: bool


@router.get(ALERTS, auth=Needs(Right.KEEP_ALERTS), openapi_extra=answers({"items": "Alert[]"}))
def list_alerts(request: ApiRequest, ws: str) -> dict[str, Any]:
    """List the caller's own alerts and those of the workspace, by name; bells are left out."""
    workspace = request.auth.workspace(ws)
    rules = alerts.rules_of(request.auth.actor, workspace).filter(run=None)
    rights = access.rights_in(request.auth.actor, workspace)
    told = []
    for rule in rules.select_related("workspace").order_by("name", "pk"):
        may = alerts.may_change(rule, request.auth.actor, rights)
        told.append(alert_document(rule, may_change=may))
    return {"items": told}


@router.post(ALERTS, auth=Needs(Right.KEEP_ALERTS), openapi_extra=answers("Alert", 201))
def create_alert(request: ApiRequest, ws: str, body: AlertBody) -> HttpResponse:
    """Make an alert. Readers' mail themselves; ``forAll`` is for owners."""
    workspace, actor = request.auth.workspace(ws), request.auth.actor
    wanted = sound(_wanted(body), workspace, by=actor)
    rule = alerts.create(workspace, by=actor, wanted=wanted)
    return JsonResponse(_told(request, rule), status=201)


@router.post(
    ALERTS + "/preview",
    auth=Needs(Right.KEEP_ALERTS),
    openapi_extra=answers({"count": "integer", "isMore": "boolean"}),
)
def preview_alert(request: ApiRequest, ws: str, body: AlertBody) -> dict[str, Any]:
    """Say how often such an alert would have fired in the last week. Makes none."""
    workspace, actor = request.auth.workspace(ws), request.auth.actor
    found = preview(_wanted(body), workspace, by=actor, now=timezone.now())
    return {"count": found.count, "isMore": found.is_more}


@router.get(ONE, auth=Needs(Right.KEEP_ALERTS), openapi_extra=answers("Alert"))
def get_alert(request: ApiRequest, ws: str, alert: str) -> dict[str, Any]:
    """Return one alert, also a bell of the caller's."""
    return _told(request, _found(request, ws, alert))


@router.patch(ONE, auth=Needs(Right.KEEP_ALERTS), openapi_extra=answers("Alert"))
def save_alert(request: ApiRequest, ws: str, alert: str, body: SaveAlertBody) -> dict[str, Any]:
    """Save fields over a version; 409 if that is not the newest."""
    rule = _found(request, ws, alert)
    said = body.model_dump(exclude={"version"}, exclude_unset=True)
    now = asdict(Wanted.of(rule))
    given = {_NAMES.get(name, name): value for name, value in said.items()}
    empty = [name for name, value in given.items() if value is None and now[name] is not None]
    if empty and empty[0] not in ("seconds", "value"):
        reason = "This cannot be null; leave it out and it stays."
        raise Refused(Code.BAD_REQUEST, reason, field=empty[0])
    if "statuses" in given:
        given["statuses"] = tuple(given["statuses"])
    wanted = sound(Wanted(**{**now, **given}), rule.workspace, by=request.auth.actor)
    saved = alerts.save(rule, by=request.auth.actor, version=body.version, wanted=wanted)
    return _told(request, saved)


@router.delete(ONE, auth=Needs(Right.KEEP_ALERTS), openapi_extra=answers("Alert"))
def delete_alert(request: ApiRequest, ws: str, alert: str) -> dict[str, Any]:
    """Delete an alert with the log of its messages."""
    rule = _found(request, ws, alert)
    told = _told(request, rule)
    alerts.delete(rule, by=request.auth.actor)
    return told


@router.post(
    ONE + "/new-secret",
    auth=Needs(Right.KEEP_ALERTS, keeps=False),
    openapi_extra=answers("Alert"),
)
def new_secret(request: ApiRequest, ws: str, alert: str, body: Nothing) -> dict[str, Any]:
    """Sign with another secret from now on."""
    rule = _found(request, ws, alert)
    alerts.new_secret(rule, by=request.auth.actor)
    return _told(request, rule)


@router.post(
    ONE + "/test",
    auth=Needs(Right.KEEP_ALERTS),
    openapi_extra=answers({"items": "AlertMessage[]"}, 201),
)
def test_alert(request: ApiRequest, ws: str, alert: str, body: Nothing) -> HttpResponse:
    """Send a test to each address; six times a minute at most."""
    sent = deliveries.test(_found(request, ws, alert), by=request.auth.actor)
    return JsonResponse({"items": [message_document(each) for each in sent]}, status=201)


@router.get(
    ONE + "/messages",
    auth=Needs(Right.KEEP_ALERTS),
    openapi_extra=answers({"items": "AlertMessage[]", "nextCursor": "string?"}),
)
def list_messages(
    request: ApiRequest, ws: str, alert: str, limit: Limit = limits.PAGE, cursor: str = ""
) -> dict[str, Any]:
    """List what an alert has sent in the last 30 days, newest first."""
    rule = _found(request, ws, alert)
    alerts.check_may_change(rule, request.auth.actor)
    sent = Delivery.objects.filter(rule=rule).select_related("replay_of")
    shown, following = page(sent, limit, cursor)
    return {"items": [message_document(each) for each in shown], "nextCursor": following}


@router.post(
    MESSAGE + "/retry", auth=Needs(Right.KEEP_ALERTS), openapi_extra=answers("AlertMessage")
)
def retry(request: ApiRequest, ws: str, alert: str, message: str, body: Nothing) -> dict[str, Any]:
    """Try now to send a message that waits or was given up."""
    delivery = _message(request, ws, alert, message)
    deliveries.retry(delivery, by=request.auth.actor)
    return message_document(delivery)


@router.post(
    MESSAGE + "/replay", auth=Needs(Right.KEEP_ALERTS), openapi_extra=answers("AlertMessage", 201)
)
def replay(request: ApiRequest, ws: str, alert: str, message: str, body: Nothing) -> HttpResponse:
    """Send once more what a message told, under an id of its own."""
    delivery = _message(request, ws, alert, message)
    again = deliveries.replay(delivery, by=request.auth.actor)
    return JsonResponse(message_document(again), status=201)


@router.put(
    "/workspaces/{ws}/runs/{run_id}/bell",
    auth=Needs(Right.KEEP_ALERTS),
    openapi_extra=answers({"on": "boolean"}),
)
def ring(request: ApiRequest, ws: str, run_id: str, body: BellBody) -> dict[str, Any]:
    """Get a mail when the run ends or does not respond, or no more."""
    bells.ring(request.auth.run(ws, run_id), by=request.auth.actor, on=body.on)
    return {"on": body.on}


# What is called otherwise outside.
_NAMES = {"filter": "query", "include_children": "children"}


def _wanted(body: AlertBody) -> Wanted:
    given = {_NAMES.get(name, name): value for name, value in body.model_dump().items()}
    return Wanted(**{**given, "statuses": tuple(body.statuses)})


def _found(request: ApiRequest, ws: str, number: str) -> AlertRule:
    return alerts.rule_for(request.auth.actor, request.auth.workspace(ws), number)


def _message(request: ApiRequest, ws: str, number: str, name: str) -> Delivery:
    workspace = request.auth.workspace(ws)
    return deliveries.delivery_for(request.auth.actor, workspace, number, name)


def _told(request: ApiRequest, rule: AlertRule) -> dict[str, Any]:
    rights = access.rights_in(request.auth.actor, rule.workspace)
    may_change = alerts.may_change(rule, request.auth.actor, rights)
    return alert_document(rule, may_change=may_change)
