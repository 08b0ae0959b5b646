"""The worker's part of retention: every hour each rule is held against the runs of its workspace.

What goes, goes as a task like anybody's: into the bin, with an undo, each run by its own rules.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from runs import access
from runs.access import Actor, Right
from runs.actions import bulk, retention
from runs.actions.refused import Refused
from runs.actions.silence import WORKER
from runs.models import RetentionRule
from runs.models.task import Kind
from runs.queries.retention import going

if TYPE_CHECKING:
    from datetime import datetime

EVERY = timedelta(hours=1)


def look(now: datetime | None = None) -> bool:
    """Hold one rule that is due against the runs; returns whether there was one."""
    now = now or timezone.now()
    due = Q(looked_at=None) | Q(looked_at__lt=now - EVERY)
    rules = RetentionRule.objects.filter(due, enabled=True, workspace__archived_at=None)
    rule = rules.select_related("workspace", "created_by", "task").order_by("pk").first()
    if rule is None:
        return False
    if RetentionRule.objects.filter(due, pk=rule.pk).update(looked_at=now):
        _carry_out(rule, now)
    return True


def _carry_out(rule: RetentionRule, now: datetime) -> None:
    if rule.task is not None and not rule.task.has_ended:
        return
    by = Actor.of_user(rule.created_by)
    if not rule.created_by.is_active or Right.DELETE not in access.rights_in(by, rule.workspace):
        who = rule.created_by.username
        problem = f"{who} may not delete runs here any more. Another owner can switch it on again."
        retention.give_up(rule, problem, by=WORKER)
        return
    try:
        runs = going(rule.query, rule.days, rule.workspace, by=by, now=now)
    except Refused as refused:
        retention.give_up(rule, refused.detail, by=WORKER)
        return
    count = runs.count()
    if not count:
        return
    try:
        task = bulk.start(
            rule.workspace, runs, by=by, kind=Kind.DELETE, arguments={}, confirm=count
        )
    except Refused:
        # Runs have changed between two looks, or too many tasks wait: in an hour it is tried again.
        return
    retention.note(rule, task, by=WORKER)
