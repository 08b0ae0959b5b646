"""Messages of alerts that people ask for: a test, one more try, the same once more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from runs import access
from runs.actions import outbox
from runs.actions.alerts import check_may_change, rule_for
from runs.actions.outbox import TRIED_FOR, Happening
from runs.actions.refused import Refused
from runs.actions.text import one_line
from runs.models import Delivery
from runs.models.alert import OPEN, Sending
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.access import Actor
    from runs.models import AlertRule, Workspace

TESTS_A_MINUTE = 6
_MINUTE = timedelta(minutes=1)


def delivery_for(by: Actor, workspace: Workspace, number: str, name: str) -> Delivery:
    """Return the message of that id that a rule sent, for whoever may change the rule.

    Raises:
        Refused: not found, also for what others sent.
    """
    rule = rule_for(by, workspace, number)
    found = Delivery.objects.filter(rule=rule, uid=name).first()
    if found is None:
        raise access.not_found("message", name)
    found.rule, found.workspace = rule, workspace
    return found


def test(rule: AlertRule, *, by: Actor) -> list[Delivery]:
    """Send a message that says it is a test, to each address of a rule.

    Raises:
        Refused: not theirs; more than six within a minute; no address to send it to.
    """
    check_may_change(rule, by)
    now = timezone.now()
    with transaction.atomic():
        lately = Delivery.objects.filter(asked_by=by.user, is_test=True)
        if lately.filter(created_at__gt=now - _MINUTE).count() >= TESTS_A_MINUTE:
            reason = f"{TESTS_A_MINUTE} tests a minute are enough."
            raise Refused(Code.RATE_LIMITED, reason, hint="Wait a minute.")
        found = outbox.targets(rule)
        if not found:
            reason = "There is no address to send it to: you have none on this studio."
            raise Refused(Code.CONFLICT, reason, field="target")
        return [
            outbox.message(rule, target, [], now, is_test=True, asked_by=by.user)
            for target in found
        ]


def retry(delivery: Delivery, *, by: Actor) -> None:
    """Try now to send what waits or was given up; its tries are counted anew.

    Raises:
        Refused: not theirs; it has arrived, or is being sent.
    """
    check_may_change(delivery.rule, by)
    now = timezone.now()
    waits = Delivery.objects.filter(pk=delivery.pk)
    waits = waits.filter(state__in=[Sending.WAITING.value, Sending.FAILED.value])
    fields = {"state": Sending.WAITING.value, "tries": 0, "is_collecting": False}
    if not waits.update(next_at=now, gives_up_at=now + TRIED_FOR, **fields):
        reason = "This message has arrived, or is on its way."
        raise Refused(Code.CONFLICT, reason, hint="Replay sends it once more.")
    delivery.refresh_from_db(fields=["state", "tries", "next_at"])


def replay(delivery: Delivery, *, by: Actor) -> Delivery:
    """Send once more what a message told, under an id of its own.

    Raises:
        Refused: not theirs; a test, or one that waits; its runs are gone.
    """
    check_may_change(delivery.rule, by)
    if delivery.state in OPEN or delivery.is_test:
        reason = "This message is a test." if delivery.is_test else "This message is on its way."
        raise Refused(Code.CONFLICT, reason)
    told = [
        Happening(
            item.run_id,
            item.at,
            item.to_status,
            one_line(delivery.title),
            item.from_status,
            item.note,
            item.event,
        )
        for item in delivery.items.order_by("pk")
    ]
    if not told:
        raise Refused(Code.CONFLICT, "Its runs were deleted; nothing is left to tell.")
    with transaction.atomic():
        return outbox.message(
            delivery.rule,
            delivery.target,
            told,
            timezone.now(),
            asked_by=by.user,
            replay_of=delivery,
        )
