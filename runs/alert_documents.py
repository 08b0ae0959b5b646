"""How alerts and their messages look in answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from runs.actions.alert_secrets import secret_of
from runs.actions.alerts import shown_address
from runs.documents import time
from runs.models.alert import Channel

if TYPE_CHECKING:
    from runs.models import AlertRule, Delivery


def alert_document(rule: AlertRule, *, may_change: bool) -> dict[str, Any]:
    """Return an alert; its address in full, and its secret, for whoever may change it only."""
    has_secret = may_change and rule.channel == Channel.WEBHOOK
    return {
        "id": rule.pk,
        "name": rule.name,
        "owner": {"userName": rule.owner.username, "name": rule.owner.name},
        "forAll": rule.for_all,
        "runId": rule.run.run_id if rule.run else None,
        "filter": rule.query,
        "includeChildren": rule.children,
        "kind": rule.kind,
        "statuses": rule.statuses,
        "seconds": rule.seconds,
        "metric": rule.metric or None,
        "operator": rule.operator or None,
        "value": rule.value,
        "channel": rule.channel,
        "target": rule.target if may_change else shown_address(rule.channel, rule.target),
        "digestMinutes": rule.digest_minutes,
        "enabled": rule.enabled,
        "problem": rule.problem or None,
        "secret": secret_of(rule) if has_secret else None,
        "canEdit": may_change,
        "version": rule.version,
        "createdUtc": time(rule.created_at),
        "url": f"{settings.PUBLIC_URL}/w/{rule.workspace.name}/alerts/{rule.pk}/",
    }


def message_document(delivery: Delivery) -> dict[str, Any]:
    """Return a message; its id is that of the webhook."""
    return {
        "id": delivery.uid,
        "title": delivery.title,
        "channel": delivery.channel,
        "target": delivery.target,
        "size": delivery.size,
        "state": delivery.state,
        "tries": delivery.tries,
        "nextTryUtc": None if delivery.sent_at else time(delivery.next_at),
        "answer": delivery.answer,
        "error": delivery.error or None,
        "test": delivery.is_test,
        "replayOf": delivery.replay_of.uid if delivery.replay_of else None,
        "createdUtc": time(delivery.created_at),
        "sentUtc": time(delivery.sent_at),
    }
