"""Sending what the outbox holds: at least once, in order for each rule and address, until it arrives.

Whoever sends a message holds it, by a conditional UPDATE. A process that dies holds it no longer
than its time, and somebody else sends it then: perhaps a second time, which its id tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from runs.alerts import mail, slack, webhook
from runs.models import AlertRule, Delivery, Membership
from runs.models.alert import OPEN, Channel, Sending
from runs.outside.address import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet

# Longer than a request can take, and a talk with a mail server.
_HELD_FOR = {
    Channel.WEBHOOK: timedelta(seconds=20),
    Channel.SLACK: timedelta(seconds=20),
    Channel.EMAIL: timedelta(seconds=90),
}
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900))
# The other side has read it, and does not want this one: a few tries more, and the next has its turn.
_UNWANTED = frozenset({400, 405, 406, 411, 413, 414, 415, 422, 431})
_UNWANTED_TRIES = 3
_GONE = 410
_LOOKED_AT = 10
_ERROR = 500
KEPT_FOR = timedelta(days=30)
_FORGOTTEN_AT_ONCE = 500

SENDERS: dict[Channel, Callable[[Delivery], int]] = {
    Channel.EMAIL: mail.send,
    Channel.WEBHOOK: webhook.send,
    Channel.SLACK: slack.send,
}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a try went; ``is_final``: no other would go better."""

    error: str = ""
    answer: int | None = None
    is_final: bool = False


def send_next(holder: str) -> bool:
    """Send one message that is due; returns whether there was any.

    ``holder`` is a name that nobody else has.
    """
    delivery = _claim(holder)
    if delivery is None:
        return False
    _settle(delivery, holder, _try(delivery))
    return True


def is_due() -> bool:
    """Whether a message waits to be sent now."""
    return _due(timezone.now()).exists()


def forget_old(now: datetime) -> int:
    """Forget some messages that are long past; returns how many."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT_FOR).exclude(state__in=OPEN)
    keys = list(old.order_by("created_at").values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE])
    Delivery.objects.filter(pk__in=keys).delete()
    return len(keys)


def _due(now: datetime) -> QuerySet[Delivery]:
    """Return what is due and has nothing before it on its way to the same address."""
    waits = Q(state=Sending.WAITING.value, next_at__lte=now)
    left = Q(state=Sending.SENDING.value, held_until__lte=now)
    before = Delivery.objects.filter(
        rule=OuterRef("rule"),
        target=OuterRef("target"),
        pk__lt=OuterRef("pk"),
        state__in=OPEN,
        is_test=False,
    )
    return Delivery.objects.filter(waits | left).filter(Q(is_test=True) | ~Exists(before))


def _claim(holder: str) -> Delivery | None:
    now = timezone.now()
    found = _due(now).order_by("next_at", "pk").values_list("pk", "channel", "state", "tries")
    for key, channel, state, tries in found[:_LOOKED_AT]:
        mine = Delivery.objects.filter(pk=key, state=state, tries=tries)
        taken = mine.update(
            state=Sending.SENDING.value,
            is_collecting=False,
            holder=holder,
            held_until=now + _HELD_FOR[Channel(channel)],
            tries=F("tries") + 1,
        )
        if taken:
            return Delivery.objects.select_related("rule__owner", "workspace").get(pk=key)
    return None


def _try(delivery: Delivery) -> _Outcome:
    reason = _not_wanted(delivery)
    if reason:
        return _Outcome(reason, is_final=True)
    try:
        answer = SENDERS[Channel(delivery.channel)](delivery)
    except OutsideError as error:
        return _Outcome(str(error), is_final=error.is_final)
    if 200 <= answer < 300:
        return _Outcome(answer=answer)
    return _Outcome(
        _of_answer(answer),
        answer,
        answer == _GONE or (answer in _UNWANTED and delivery.tries >= _UNWANTED_TRIES),
    )


def _not_wanted(delivery: Delivery) -> str:
    """Return why a message is not sent any more, "" if it is."""
    rule = delivery.rule
    if not delivery.is_test:
        if not rule.enabled:
            return "The alert was switched off before it was sent."
        if not delivery.items.exists():
            return "Its runs were deleted before it was sent."
    member = Membership.objects.filter(
        workspace=rule.workspace_id, user=rule.owner_id, user__is_active=True
    )
    if not rule.for_all and not member.exists():
        return f"{rule.owner} is no member of this workspace any more."
    return ""


def _of_answer(answer: int) -> str:
    if 300 <= answer < 400:
        return (
            f"The receiver answers {answer}: it sends on to somewhere else, which is not followed."
        )
    if answer == _GONE:
        return "The receiver answers 410: it is gone for good, and the alert was switched off."
    return f"The receiver answers {answer}."


def _settle(delivery: Delivery, holder: str, outcome: _Outcome) -> None:
    now = timezone.now()
    fields = {"answer": outcome.answer, "error": outcome.error[:_ERROR], "holder": ""}
    # Somebody else may have it by now: then theirs counts.
    held = Delivery.objects.filter(pk=delivery.pk, holder=holder, state=Sending.SENDING.value)
    if not outcome.error:
        held.update(state=Sending.SENT.value, sent_at=now, held_until=None, **fields)
        return
    next_at = now + _PAUSES[min(delivery.tries, len(_PAUSES)) - 1]
    if outcome.is_final or next_at > delivery.gives_up_at:
        held.update(state=Sending.FAILED.value, held_until=None, **fields)
        if outcome.answer == _GONE:
            AlertRule.objects.filter(pk=delivery.rule_id).update(enabled=False)
        return
    held.update(state=Sending.WAITING.value, next_at=next_at, held_until=None, **fields)
