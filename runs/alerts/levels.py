"""Rules that no single event fires: runs that last, and metrics that cross a number. Once for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from runs.access import Actor
from runs.actions.refused import Refused
from runs.alerts import words
from runs.alerts.matching import fire_once, live_rules, not_fired, tell_problem
from runs.models import AlertRule, Run
from runs.models.alert import Kind
from runs.queries.alerts import lasting, meant, with_metric

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_AT_ONCE = 200


def look() -> bool:
    """Tell of runs that crossed a line; returns whether there may be more."""
    more = False
    for rule in live_rules().filter(kind__in=_LOOKS):
        with transaction.atomic():
            # Whoever else looks with this rule waits, and then finds what this one has told.
            if (
                AlertRule.objects.select_for_update(no_key=True)
                .filter(pk=rule.pk, enabled=True)
                .exists()
            ):
                try:
                    more |= _LOOKS[Kind(rule.kind)](rule, timezone.now())
                except Refused as refused:
                    tell_problem(rule, refused)
    return more


def _lasting(rule: AlertRule, now: datetime) -> bool:
    runs = not_fired(rule, lasting(rule, meant(rule, by=Actor.of_user(rule.owner)), now))
    found = list(runs.order_by("pk")[:_AT_ONCE])
    fire_once(rule, found, words.lasted, now)
    return len(found) == _AT_ONCE


def _crossing(rule: AlertRule, now: datetime) -> bool:
    """Look at the runs that have changed since the last look, and at no other."""
    changed = Run.objects.inside(rule.workspace).filter(revision__gt=rule.seen)
    keys = changed.order_by("revision").values_list("pk", "revision")[:_AT_ONCE]
    rows = list(keys)
    if not rows:
        return False
    since = Q(ended_at=None) | Q(ended_at__gte=rule.armed_at)
    runs = meant(rule, by=Actor.of_user(rule.owner)).filter(since, pk__in=[row[0] for row in rows])
    found = not_fired(rule, with_metric(rule, runs)).order_by("pk")
    fire_once(rule, found, words.crossed, now)
    AlertRule.objects.filter(pk=rule.pk).update(seen=rows[-1][1])
    return len(rows) == _AT_ONCE


_LOOKS: dict[Kind, Callable[[AlertRule, datetime], bool]] = {
    Kind.LONGER: _lasting,
    Kind.METRIC: _crossing,
}
