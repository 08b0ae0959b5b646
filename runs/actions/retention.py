"""Retention rules: made by owners who have seen what would go, switched off, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from runs import access
from runs.actions import audit
from runs.actions.refused import Refused
from runs.actions.text import check_text, keep_what_fits
from runs.models import RetentionRule
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from typing import Any

    from runs.access import Actor
    from runs.models import Task, Workspace

_PROBLEM = 300


def check(query: str, days: int) -> None:
    """Refuse what no rule can say. Whether the query can be meant, the caller has asked."""
    check_text(query, "filter", limits.ALERT_QUERY)
    if not 1 <= days <= limits.RETENTION_DAYS:
        reason = f"Runs are kept for 1 to {limits.RETENTION_DAYS:,} days."
        raise Refused(Code.BAD_REQUEST, reason, field="days")


def create(
    workspace: Workspace, *, by: Actor, query: str, days: int, goes: int, confirm: int | None
) -> RetentionRule:
    """Return a new rule. ``goes`` is how many runs would go now, ``confirm`` how many were seen to.

    Raises:
        Refused: a field that breaks its rule; too many rules; ``confirm`` is missing or another number:
            ``extra`` then says ``selected``.
    """
    if by.user is None:
        raise Refused(Code.FORBIDDEN, "Only a person makes such a rule.")
    check(query, days)
    if confirm != goes:
        raise Refused(
            Code.CONFLICT,
            f"This would delete {goes:,} run{'s' if goes != 1 else ''} now.",
            field="confirm",
            hint=f"Look at them first. If they are meant, send confirm: {goes}.",
            extra={"selected": goes},
        )
    with transaction.atomic():
        most = limits.RETENTION_RULES_PER_WORKSPACE
        if RetentionRule.objects.inside(workspace).count() >= most:
            reason = f"A workspace has {most} such rules at most."
            raise Refused(Code.CONFLICT, reason, hint="Delete one that is not needed.")
        rule = RetentionRule.objects.create(
            workspace=workspace, created_by=by.user, query=query, days=days
        )
        audit.record(
            by, "retention.make", workspace=workspace, about=str(rule.pk), after=_said(rule)
        )
    return rule


def rules_of(workspace: Workspace) -> list[RetentionRule]:
    """Return the rules of a workspace, the oldest first."""
    rules = RetentionRule.objects.inside(workspace).select_related("created_by", "task")
    return list(rules.order_by("pk"))


def rule_for(workspace: Workspace, number: str) -> RetentionRule:
    """Return the rule of that number.

    Raises:
        Refused: there is none here.
    """
    known = number.isascii() and number.isdigit() and len(number) < access.ID_DIGITS
    rules = RetentionRule.objects.inside(workspace).select_related("created_by", "task")
    rule = rules.filter(pk=int(number)).first() if known else None
    if rule is None:
        raise access.not_found("retention rule", number)
    rule.workspace = workspace
    return rule


def switch(rule: RetentionRule, *, by: Actor, on: bool) -> None:
    """Switch a rule on, in the name of whoever does so, or off."""
    if by.user is None:
        raise Refused(Code.FORBIDDEN, "Only a person switches such a rule.")
    with transaction.atomic():
        before = _said(rule)
        rule.enabled = on
        if on:
            rule.problem, rule.created_by, rule.looked_at = "", by.user, None
        rule.save(update_fields=["enabled", "problem", "created_by", "looked_at"])
        _record(by, "retention.edit", rule, before=before, after=_said(rule))


def delete(rule: RetentionRule, *, by: Actor) -> None:
    """Delete a rule; what it has deleted stays in the bin."""
    with transaction.atomic():
        _record(by, "retention.delete", rule, before=_said(rule))
        rule.delete()


def give_up(rule: RetentionRule, problem: str, *, by: Actor) -> None:
    """Switch off a rule that cannot be followed any more, and say why."""
    with transaction.atomic():
        rule.enabled, rule.problem = False, keep_what_fits(problem, _PROBLEM)
        rule.save(update_fields=["enabled", "problem"])
        _record(by, "retention.edit", rule, after={**_said(rule), "problem": rule.problem})


def note(rule: RetentionRule, task: Task, *, by: Actor) -> None:
    """Keep what a rule has begun."""
    rule.task = task
    rule.save(update_fields=["task"])
    _record(by, "retention.carry-out", rule, after={"runs": task.total, "task": task.pk})


def _said(rule: RetentionRule) -> dict[str, Any]:
    return {"filter": rule.query, "days": rule.days, "enabled": rule.enabled}


def _record(by: Actor, verb: str, rule: RetentionRule, **changed: Any) -> None:
    audit.record(by, verb, workspace=rule.workspace, about=str(rule.pk), **changed)
