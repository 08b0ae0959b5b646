"""The outbox: what is to be told becomes messages, in the transaction of whoever found it.

A few things at a time are a message each. Of many, those that come after are gathered: into one
message that waits a minute, or as long as its rule says.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F

from runs.actions.alert_rules import addresses
from runs.actions.text import one_line
from runs.models import Delivery, DeliveryItem
from runs.models.alert import Channel, Sending

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from runs.models import AlertRule, User

# So many messages go to one address within a minute; what comes then is gathered.
MESSAGES_PER_MINUTE = 10
GATHERED_FOR = timedelta(minutes=1)
# For so long it is tried to send a message.
TRIED_FOR = timedelta(hours=26)
# A mail counts what it does not list; a program wants them all.
_MOST_ITEMS = {Channel.EMAIL: 100_000, Channel.SLACK: 100_000, Channel.WEBHOOK: 500}
_TITLE = 300
_NOTE = 3_000


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing to tell of a run; ``title`` in one line, ``note`` in a sentence."""

    run: int
    at: datetime
    to_status: str
    title: str
    from_status: str = ""
    note: str = ""
    event: int | None = None


def add(rule: AlertRule, happenings: Sequence[Happening], now: datetime) -> None:
    """Have these told by a rule, to each of its addresses, in this order."""
    for target in targets(rule):
        _add(rule, target, list(happenings), now)


def targets(rule: AlertRule) -> list[str]:
    """Return where a rule sends to: an address of the web, or those of e-mail."""
    if rule.channel != Channel.EMAIL:
        return [rule.target]
    if rule.for_all:
        return addresses(rule.target)
    return [rule.owner.email] if rule.owner.email else []


def message(
    rule: AlertRule,
    target: str,
    happenings: Sequence[Happening],
    now: datetime,
    *,
    due: datetime | None = None,
    is_collecting: bool = False,
    is_test: bool = False,
    asked_by: User | None = None,
    replay_of: Delivery | None = None,
) -> Delivery:
    """Put a message into the outbox."""
    count = len(happenings)
    first = happenings[0].title if happenings else "A test of this alert"
    delivery = Delivery.objects.create(
        workspace_id=rule.workspace_id,
        rule=rule,
        uid=secrets.token_hex(16),
        channel=rule.channel,
        target=target,
        title=(one_line(first) if count < 2 else f"{count:,} changes of runs")[:_TITLE],
        size=count,
        is_collecting=is_collecting,
        is_test=is_test,
        asked_by=asked_by,
        replay_of=replay_of,
        next_at=due or now,
        created_at=now,
        gives_up_at=(due or now) + TRIED_FOR,
    )
    _put(delivery, happenings)
    return delivery


def _add(rule: AlertRule, target: str, left: list[Happening], now: datetime) -> None:
    most = _MOST_ITEMS[Channel(rule.channel)]
    left = _gather(rule, target, left, most)
    room = 0 if rule.digest_minutes or not left else _room(rule, target, now)
    for happening in left[:room]:
        message(rule, target, [happening], now)
    left = left[room:]
    pause = timedelta(minutes=rule.digest_minutes) if rule.digest_minutes else GATHERED_FOR
    for start in range(0, len(left), most):
        part = left[start : start + most]
        is_full = len(part) == most
        due = now if is_full else now + pause
        message(rule, target, part, now, due=due, is_collecting=not is_full)


def _gather(
    rule: AlertRule, target: str, happenings: list[Happening], most: int
) -> list[Happening]:
    """Add to the message that is being gathered, if there is one; returns what it did not take."""
    collecting = Delivery.objects.filter(
        rule=rule, target=target, is_collecting=True, state=Sending.WAITING.value
    )
    open_one = collecting.order_by("-pk").first()
    if open_one is None or not happenings:
        return happenings
    taken = happenings[: most - open_one.size]
    size = open_one.size + len(taken)
    fields = {"title": f"{size:,} changes of runs", "is_collecting": size < most}
    # Whoever sends it has closed it first; then this finds no row.
    if not collecting.filter(pk=open_one.pk).update(size=F("size") + len(taken), **fields):
        return happenings
    _put(open_one, taken)
    return happenings[len(taken) :]


def _room(rule: AlertRule, target: str, now: datetime) -> int:
    lately = Delivery.objects.filter(
        workspace=rule.workspace_id, target=target, created_at__gt=now - GATHERED_FOR
    )
    return max(0, MESSAGES_PER_MINUTE - lately.filter(is_test=False).count())


def _put(delivery: Delivery, happenings: Sequence[Happening]) -> None:
    DeliveryItem.objects.bulk_create(
        (
            DeliveryItem(
                delivery=delivery,
                run_id=each.run,
                event=each.event,
                at=each.at,
                from_status=each.from_status,
                to_status=each.to_status,
                note=each.note[:_NOTE],
            )
            for each in happenings
        ),
        batch_size=500,
    )
