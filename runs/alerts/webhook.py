"""Messages to other programs: JSON with the keys of Azure's events and ours, signed as Standard Webhooks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from standardwebhooks import Webhook

import studio
from runs.actions.alert_secrets import secrets_of
from runs.alerts import telling
from runs.documents import time
from runs.outside.asking import post
from studio.contract.words import Status

if TYPE_CHECKING:
    from runs.alerts.telling import Message, Told
    from runs.models import AlertRule, Delivery

_MOST = 500
# The names of the specification, row A-27.
_PREFIX = "Microsoft.MachineLearningServices."
_COMPLETED, _CHANGED = f"{_PREFIX}RunCompleted", f"{_PREFIX}RunStatusChanged"
_MANY, _TEST = "RunStudio.Digest", "RunStudio.Test"
AGENT = f"Run-Studio/{studio.__version__}"


def send(delivery: Delivery) -> int:
    """Return the status code that the receiver answers with. Raises ``OutsideError``."""
    body = json.dumps(
        payload(telling.message(delivery, _MOST)), ensure_ascii=False, allow_nan=False
    )
    return post(
        delivery.target,
        body.encode(),
        {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            **signed(delivery.rule, f"msg_{delivery.uid}", body),
        },
        allowed=settings.WEBHOOK_ALLOW,
    )


def signed(rule: AlertRule, name: str, body: str) -> dict[str, str]:
    """Return the headers that prove who sent a body, and when; ``name`` stays when it is sent again."""
    now = timezone.now()
    signatures = [Webhook(secret).sign(name, now, body) for secret in secrets_of(rule)]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def payload(message: Message) -> dict[str, Any]:
    """Return the document of a message: one event, or one that holds many."""
    delivery = message.delivery
    ours = {
        "workspace": message.workspace,
        "alert": {"id": delivery.rule.pk, "name": delivery.rule.name},
        "replay": delivery.replay_of_id is not None,
    }
    if message.is_test:
        subject, at = f"alerts/{delivery.rule.pk}", delivery.created_at
        data = {"message": "This is a test of the alert.", **ours}
        return _event(f"test-{delivery.uid}", _TEST, subject, time(at), data)
    if len(message.told) == 1:
        (told,) = message.told
        return _of(told, ours)
    events = [_of(told, {}) for told in message.told]
    data = {"total": message.total, "summary": message.summary, "events": events, **ours}
    subject, at = f"alerts/{delivery.rule.pk}", delivery.created_at
    return _event(f"digest-{delivery.uid}", _MANY, subject, time(at), data)


def _of(told: Told, ours: dict[str, Any]) -> dict[str, Any]:
    run = told.run
    error = (run.error or {}).get("error")
    kind = _COMPLETED if told.status == Status.COMPLETED else _CHANGED
    subject = f"experiments/{run.experiment.pk}/runs/{run.run_id}"
    data = {
        "experimentId": str(run.experiment.pk),
        "experimentName": run.experiment.name,
        "runId": run.run_id,
        "runType": run.run_type,
        "runTags": run.tags,
        "runProperties": run.properties,
        "runStatus": told.status,
        "previousStatus": told.before or None,
        "displayName": run.display_name,
        "submitter": run.created_by.username,
        "reason": told.note or None,
        "durationSeconds": run.duration.total_seconds() if run.duration else None,
        "error": {"code": error["code"], "message": error["message"]} if error else None,
        "url": told.link,
        **ours,
    }
    return _event(str(told.number), kind, subject, time(told.at), data)


def _event(
    name: str, kind: str, subject: str, at: str | None, data: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": name,
        "eventType": kind,
        "subject": subject,
        "eventTime": at,
        "dataVersion": "1.0",
        "data": data,
    }
