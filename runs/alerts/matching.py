"""Holding the rules against what happened: changes of status in the outbox become messages.

Everything here is one transaction for a handful of events: a worker that dies half-way has done
nothing, and the next one does it whole.
"""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from runs.access import Actor
from runs.actions import outbox
from runs.actions.outbox import Happening
from runs.actions.refused import Refused
from runs.alerts import words
from runs.models import AlertFired, AlertRule, Membership, Run, RunEvent
from runs.models.alert import Kind
from runs.queries.alerts import meant
from studio.contract.words import TERMINAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from runs.models.alert import AlertRuleQuerySet
    from runs.models.run import RunQuerySet

# More would keep other writers waiting.
_AT_ONCE = 200
log = logging.getLogger(__name__)


def match_waiting() -> bool:
    """Hold the rules against some events of the outbox; returns whether there may be more."""
    waiting = RunEvent.objects.filter(for_alerts=True)
    # To begin a transaction for nothing would cost every writer a turn.
    if not waiting.exists():
        return False
    with transaction.atomic():
        now = timezone.now()
        events = list(waiting.select_for_update(no_key=True).order_by("pk")[:_AT_ONCE])
        runs = Run.objects.in_bulk([event.run_id for event in events])
        by_place = itertools.groupby(
            sorted(events, key=lambda event: (runs[event.run_id].workspace_id, event.pk)),
            key=lambda event: runs[event.run_id].workspace_id,
        )
        for workspace, found in by_place:
            _hold(live_rules().filter(workspace=workspace), list(found), runs, now)
        RunEvent.objects.filter(pk__in=[event.pk for event in events]).update(for_alerts=False)
    return len(events) == _AT_ONCE


def live_rules() -> AlertRuleQuerySet:
    """Return the rules that can tell somebody: enabled, sound, and of somebody who belongs there."""
    mine = Membership.objects.filter(workspace=OuterRef("workspace"), user=OuterRef("owner"))
    rules = AlertRule.objects.enabled().filter(problem="").select_related("owner", "workspace")
    # A rule of the workspace stays when whoever made it goes.
    is_shared = AlertRule.objects.filter(for_all=True, pk=OuterRef("pk"))
    belongs = Exists(mine.filter(user__is_active=True)) | Exists(is_shared)
    return rules.filter(belongs).order_by("pk")


def matched(rule: AlertRule, keys: Iterable[int]) -> RunQuerySet:
    """Return those of some runs that a rule means; none, with the reason kept, of a broken query."""
    try:
        found = meant(rule, by=Actor.of_user(rule.owner)).filter(pk__in=set(keys))
    except Refused as refused:
        tell_problem(rule, refused)
        return Run.objects.none()
    return found


def tell_problem(rule: AlertRule, refused: Refused) -> None:
    """Keep why a rule's query cannot be meant any more, for whoever looks at the rule."""
    log.warning("Alert %s cannot be held against runs: %s", rule.pk, refused.detail)
    AlertRule.objects.filter(pk=rule.pk).update(problem=refused.detail[:300])


def not_fired(rule: AlertRule, runs: RunQuerySet) -> RunQuerySet:
    """Return those of some runs that a rule has not told of yet."""
    return runs.exclude(Exists(AlertFired.objects.filter(rule=rule, run=OuterRef("pk"))))


def fire_once(
    rule: AlertRule, runs: Iterable[Run], title: Callable[[str, AlertRule], str], now: datetime
) -> None:
    """Tell of runs that a rule is to tell of once; ``title`` says what, of a run's name."""
    found = list(runs)
    AlertFired.objects.bulk_create(AlertFired(rule=rule, run=run) for run in found)
    told = [
        Happening(run.pk, now, run.status, said := title(str(run), rule), note=f"{said}.")
        for run in found
    ]
    if told:
        outbox.add(rule, told, now)


def _hold(
    rules: AlertRuleQuerySet, events: Sequence[RunEvent], runs: dict[int, Run], now: datetime
) -> None:
    for rule in rules:
        if rule.kind == Kind.STATUS:
            _hold_status(rule, events, runs, now)
        elif rule.kind == Kind.LONGER:
            _hold_ended(rule, events, runs, now)


def _hold_status(
    rule: AlertRule, events: Sequence[RunEvent], runs: dict[int, Run], now: datetime
) -> None:
    wanted = [
        event
        for event in events
        if event.to_status in rule.statuses
        and event.at >= rule.armed_at
        and rule.run_id in (None, event.run_id)
    ]
    if not wanted:
        return
    keys = set(matched(rule, (event.run_id for event in wanted)).values_list("pk", flat=True))
    told = [
        Happening(
            event.run_id,
            event.at,
            event.to_status,
            words.happened(str(runs[event.run_id]), event.to_status),
            event.from_status,
            event.reason,
            event.pk,
        )
        for event in wanted
        if event.run_id in keys
    ]
    if told:
        outbox.add(rule, told, now)


def _hold_ended(
    rule: AlertRule, events: Sequence[RunEvent], runs: dict[int, Run], now: datetime
) -> None:
    """Tell of runs that took longer, and ended before anybody looked."""
    keys = {
        event.run_id
        for event in events
        if event.to_status in TERMINAL and (runs[event.run_id].seconds or 0) > (rule.seconds or 0)
    }
    if keys:
        fire_once(rule, not_fired(rule, matched(rule, keys)), words.lasted, now)
