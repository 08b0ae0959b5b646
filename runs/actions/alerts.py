"""Alert rules: made, changed, switched off and deleted, by those who may. A bell is a rule of one run."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from runs import access
from runs.access import Actor, Right
from runs.actions import audit
from runs.actions.alert_rules import Wanted, checked
from runs.actions.refused import Refused
from runs.models import AlertFired, AlertRule, Workspace
from runs.models.alert import Channel
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.models import User
    from runs.models.alert import AlertRuleQuerySet


def rules_of(actor: Actor, workspace: Workspace) -> AlertRuleQuerySet:
    """Return the rules of a workspace that this actor may see; narrow tokens see none."""
    rules = AlertRule.objects.inside(workspace).select_related("owner", "run")
    if actor.user is None or actor.scope() is not None:
        return rules.none()
    return rules.shown_to(actor.user)


def rule_for(actor: Actor, workspace: Workspace, number: str) -> AlertRule:
    """Return the rule of that number, one that the actor may see.

    Raises:
        Refused: not found for an unknown number and for somebody else's rule.
    """
    known = number.isascii() and number.isdigit() and len(number) < access.ID_DIGITS
    rule = rules_of(actor, workspace).filter(pk=int(number)).first() if known else None
    if rule is None:
        raise access.not_found("alert", number)
    rule.workspace = workspace
    return rule


def may_change(rule: AlertRule, by: Actor, rights: frozenset[Right]) -> bool:
    """Whether the actor may change a rule and see what it sent: their own, or the workspace's."""
    if rule.for_all:
        return Right.MANAGE in rights
    return by.user is not None and rule.owner_id == by.user.pk


def check_may_change(rule: AlertRule, by: Actor) -> None:
    """Refuse whoever may not change a rule."""
    person_of(by)
    if not may_change(rule, by, access.rights_in(by, rule.workspace)):
        reason = "Owners change the alerts of the workspace."
        raise Refused(Code.FORBIDDEN, reason, hint="Make one of your own.")


def create(workspace: Workspace, *, by: Actor, wanted: Wanted) -> AlertRule:
    """Return a new rule.

    Raises:
        Refused: a field that breaks its rule, a channel or scope that the role does not reach, too
            many rules.
    """
    person = person_of(by)
    fields = checked(wanted)
    _check_reach(workspace, by, wanted)
    _check_room(workspace, person, wanted)
    with transaction.atomic():
        number = Workspace.objects.values_list("change_number", flat=True).get(pk=workspace.pk)
        rule = AlertRule.objects.create(
            workspace=workspace,
            owner=person,
            salt=secrets.token_hex(16),
            seen=number,
            **fields,
        )
        record(by, "alert.create", rule, after=_said(rule))
    return rule


def save(rule: AlertRule, *, by: Actor, version: int, wanted: Wanted) -> AlertRule:
    """Store what a rule should say over the version that was looked at.

    One that waits for something else than before begins anew.

    Raises:
        Refused: as ``create``; or somebody saved meanwhile (``extra`` has what).
    """
    check_may_change(rule, by)
    fields = checked(wanted)
    _check_reach(rule.workspace, by, wanted)
    with transaction.atomic():
        now = AlertRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
        if now.version != version:
            raise _changed_meanwhile(now)
        before = _said(now)
        is_other = any(getattr(now, name) != fields[name] for name in _WAITED_FOR)
        for name, value in fields.items():
            setattr(now, name, value)
        if is_other:
            _begin_anew(now)
        now.version += 1
        now.problem = ""
        now.save()
        record(by, "alert.edit", rule, before=before, after=_said(now))
    now.workspace = rule.workspace
    return now


def switch(rule: AlertRule, *, by: Actor, on: bool) -> None:
    """Switch a rule on or off; what waits to be sent by one that is off is not sent."""
    check_may_change(rule, by)
    with transaction.atomic():
        now = AlertRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
        if on and not now.enabled:
            _begin_anew(now)
        before = _said(now)
        now.enabled, now.version = on, now.version + 1
        now.save()
        record(by, "alert.edit", now, before=before, after=_said(now))
    rule.enabled, rule.version = now.enabled, now.version


def new_secret(rule: AlertRule, *, by: Actor) -> None:
    """Sign with another key from now on; the one before is worth nothing any more."""
    check_may_change(rule, by)
    rule.salt = secrets.token_hex(16)
    rule.version += 1
    with transaction.atomic():
        rule.save(update_fields=["salt", "version"])
        record(by, "alert.new-secret", rule)


def delete(rule: AlertRule, *, by: Actor) -> None:
    """Delete a rule with the log of what it sent."""
    check_may_change(rule, by)
    with transaction.atomic():
        record(by, "alert.delete", rule, before=_said(rule))
        rule.delete()


_WAITED_FOR = ("kind", "statuses", "seconds", "metric", "operator", "value", "query", "children")


def _said(rule: AlertRule) -> dict[str, Any]:
    """Return what the audit keeps of a rule. The path of an address may be a secret."""
    told = {name: getattr(rule, name) for name in ("name", "enabled", "channel", *_WAITED_FOR)}
    return told | {"target": shown_target(rule)}


def shown_target(rule: AlertRule) -> str:
    """Return where a rule sends to, fit to be seen by everybody."""
    return shown_address(rule.channel, rule.target or rule.owner.email)


def shown_address(channel: str, target: str) -> str:
    """Return an address without its path, which may be as good as a key."""
    return target if channel == Channel.EMAIL else urlsplit(target).netloc


def record(by: Actor, verb: str, rule: AlertRule, **told: Any) -> None:
    """Keep in the audit what was done to a rule; a bell is nobody else's affair."""
    if rule.run_id is None:
        audit.record(by, verb, workspace=rule.workspace, about=rule.name, **told)


def _begin_anew(rule: AlertRule) -> None:
    AlertFired.objects.filter(rule=rule).delete()
    rule.armed_at = timezone.now()
    place = Workspace.objects.filter(pk=rule.workspace_id)
    rule.seen = place.values_list("change_number", flat=True).get()


def person_of(by: Actor) -> User:
    """Return who acts; refuses a narrow token, which is nobody's own."""
    if by.user is None or by.scope() is not None:
        raise Refused(Code.FORBIDDEN, "Alerts belong to people; this token is narrow.")
    return by.user


def _check_reach(workspace: Workspace, by: Actor, wanted: Wanted) -> None:
    rights = access.rights_in(by, workspace)
    if wanted.for_all and Right.MANAGE not in rights:
        reason = "Owners make alerts for the whole workspace."
        raise Refused(Code.FORBIDDEN, reason, field="forAll", hint="Make one of your own.")
    if wanted.channel != Channel.EMAIL and Right.EDIT not in rights:
        reason = "Readers are told by e-mail."
        hint = "An owner of the workspace can give you another role."
        raise Refused(Code.FORBIDDEN, reason, field="channel", hint=hint)


def _check_room(workspace: Workspace, person: User, wanted: Wanted) -> None:
    rules = AlertRule.objects.inside(workspace).filter(run=None, for_all=wanted.for_all)
    most = limits.ALERTS_PER_WORKSPACE
    if not wanted.for_all:
        rules, most = rules.filter(owner=person), limits.ALERTS_PER_PERSON
    if rules.count() >= most:
        reason = f"There are {most} alerts here, which is the most there can be."
        raise Refused(Code.CONFLICT, reason, hint="Delete one that nobody needs.")


def _changed_meanwhile(now: AlertRule) -> Refused:
    current: dict[str, Any] = {"name": now.name, "version": now.version}
    return Refused(
        Code.CONFLICT,
        "Somebody saved this alert meanwhile.",
        field="version",
        hint="Look at it again, and save again.",
        extra={"current": current},
    )
