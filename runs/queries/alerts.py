"""Which runs an alert rule means, and how often it would have told of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, Subquery

from runs import access
from runs.actions.alert_rules import checked
from runs.models import Delivery, Metric, Run, RunEvent
from runs.models.alert import Channel, Kind
from runs.queries.runs import RunQuery, matching
from studio.contract.words import EventKind

if TYPE_CHECKING:
    from datetime import datetime

    from runs.access import Actor
    from runs.actions.alert_rules import Wanted
    from runs.models import AlertRule, Workspace
    from runs.models.alert import AlertRuleQuerySet
    from runs.models.run import RunQuerySet

WEEK = timedelta(days=7)
# Of more, it is said that they are more.
LOOKED_AT = 10_000
_COMPARED = {">": "high__gt", ">=": "high__gte", "<": "low__lt", "<=": "low__lte"}


@dataclass(frozen=True, slots=True)
class Preview:
    """How often a rule would have told of a run in the last week; ``is_more``: at least."""

    count: int
    is_more: bool = False


def meant(rule: AlertRule, *, by: Actor) -> RunQuerySet:
    """Return the runs that a rule means, whatever happens to them.

    Raises:
        Refused: its query cannot be meant (any more).
    """
    return asked(rule.query, rule.workspace, children=rule.children, by=by)


def asked(query: str, workspace: Workspace, *, children: bool, by: Actor) -> RunQuerySet:
    """Return the runs of a workspace that the query of a rule means; raises as ``meant``."""
    present = Run.objects.inside(workspace).present()
    wanted = RunQuery(filter=query, include_children=children)
    return matching(present, wanted, workspace=workspace, by=by)


def sound(wanted: Wanted, workspace: Workspace, *, by: Actor) -> Wanted:
    """Return what is wanted; refuses a query that cannot be meant."""
    asked(wanted.query, workspace, children=wanted.children, by=by)
    return wanted


def lasting(rule: AlertRule | Wanted, runs: RunQuerySet, now: datetime) -> RunQuerySet:
    """Return those of some runs that go on for longer than a rule expects."""
    return runs.filter(ended_at=None, started_at__lt=now - _limit(rule))


def with_metric(rule: AlertRule | Wanted, runs: RunQuerySet) -> RunQuerySet:
    """Return those of some runs that have logged a value of a rule's metric beyond its number."""
    beyond = {_COMPARED[rule.operator]: rule.value}
    logged = Metric.objects.filter(run=OuterRef("pk"), name=rule.metric, **beyond)
    return runs.filter(Exists(logged))


def preview(wanted: Wanted, workspace: Workspace, *, by: Actor, now: datetime) -> Preview:
    """Return how often such a rule would have told of a run in the last week.

    Where it sends to does not matter. Raises Refused for anything else that no rule can say.
    """
    checked(replace(wanted, channel=Channel.EMAIL.value, target="", for_all=False))
    runs = asked(wanted.query, workspace, children=wanted.children, by=by)
    runs = runs.filter(pk__in=access.runs_of(by, workspace).values("pk"))
    if wanted.kind == Kind.STATUS:
        return _changes(wanted, workspace, runs, now - WEEK)
    if wanted.kind == Kind.LONGER:
        limit = _limit(wanted)
        lasted = Q(seconds__gt=limit.total_seconds()) | Q(ended_at=None, started_at__lt=now - limit)
        found = runs.filter(lasted, started_at__gte=now - WEEK - limit)
    else:
        lately = Q(ended_at__gte=now - WEEK) | Q(ended_at=None, started_at__isnull=False)
        found = with_metric(wanted, runs.filter(lately))
    count = len(found.order_by().values_list("pk")[: LOOKED_AT + 1])
    return Preview(min(count, LOOKED_AT), count > LOOKED_AT)


def shown(rules: AlertRuleQuerySet) -> list[AlertRule]:
    """Return rules as a page shows them: with ``last_at`` and ``last_state`` of their last message."""
    last = Delivery.objects.filter(rule=OuterRef("pk"), is_test=False).order_by("-pk")
    told = rules.annotate(
        last_at=Subquery(last.values("created_at")[:1]),
        last_state=Subquery(last.values("state")[:1]),
    )
    return list(told.order_by("name", "pk"))


def _changes(wanted: Wanted, workspace: Workspace, runs: RunQuerySet, since: datetime) -> Preview:
    changes = RunEvent.objects.filter(
        kind=EventKind.STATUS.value,
        to_status__in=wanted.statuses,
        at__gte=since,
        run__workspace=workspace,
    )
    keys = list(changes.order_by("-at").values_list("run_id", flat=True)[: LOOKED_AT + 1])
    known = set(runs.filter(pk__in=set(keys)).order_by().values_list("pk", flat=True))
    count = sum(key in known for key in keys[:LOOKED_AT])
    return Preview(count, len(keys) > LOOKED_AT)


def _limit(rule: AlertRule | Wanted) -> timedelta:
    return timedelta(seconds=rule.seconds or 0)
