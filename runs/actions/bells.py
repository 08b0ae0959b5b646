"""Bells: be told how one run ends. And the rule that everybody begins with."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from runs.access import Actor
from runs.actions import alerts
from runs.actions.alert_rules import Wanted
from runs.actions.refused import Refused
from runs.models import AlertRule, Membership
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import TERMINAL, Status

if TYPE_CHECKING:
    from runs.models import Run, User

BELL = [status.value for status in Status if status in TERMINAL or status is Status.NOT_RESPONDING]
FIRST = Wanted("My runs that fail", statuses=(Status.FAILED.value,), query="submitter:me")
_OFFERED_AT_ONCE = 100


def ring(run: Run, *, by: Actor, on: bool) -> None:
    """Tell the actor by e-mail when this run ends or does not respond; or no more.

    Raises:
        Refused: they have no address of e-mail, or too many bells.
    """
    person = alerts.person_of(by)
    mine = AlertRule.objects.bells().filter(owner=person, run=run)
    if not on:
        mine.delete()
        return
    why_not = cannot_mail(person)
    if why_not:
        raise Refused(Code.CONFLICT, why_not, field="bell")
    if AlertRule.objects.bells().filter(owner=person).count() >= limits.BELLS_PER_PERSON:
        reason = f"You have {limits.BELLS_PER_PERSON:,} bells, which is the most there can be."
        raise Refused(Code.CONFLICT, reason, hint="A rule with a query tells of many runs.")
    fields: dict[str, Any] = {
        "workspace": run.workspace,
        "statuses": BELL,
        "children": True,
        "enabled": True,
    }
    fields["armed_at"] = timezone.now()
    AlertRule.objects.update_or_create(
        owner=person, run=run, defaults={"name": "Bell", "run": run, **fields}
    )


def has_bell(run: Run, by: Actor) -> bool:
    """Whether the actor is told of the end of this run."""
    return AlertRule.objects.bells().enabled().filter(owner=by.user, run=run).exists()


def cannot_mail(person: User) -> str:
    """Return why nothing can be mailed to somebody, "" if it can."""
    if not settings.HAS_EMAIL:
        return "E-mail is not set up on this studio: STUDIO_EMAIL_URL is empty."
    return "" if person.email else "You have no address of e-mail on this studio."


def offer_first_rules() -> bool:
    """Give members who can be mailed the rule that everybody begins with, once.

    Returns whether there is more to do.
    """
    if not settings.HAS_EMAIL:
        return False
    new = Membership.objects.filter(has_first_alert=False, user__is_active=True)
    found = new.exclude(user__email="").select_related("user", "workspace").order_by("pk")
    rows = list(found[:_OFFERED_AT_ONCE])
    for membership in rows:
        # Another worker may have been first. Whoever has as many as there can be needs no more.
        with contextlib.suppress(Refused):
            if new.filter(pk=membership.pk).update(has_first_alert=True):
                alerts.create(membership.workspace, by=Actor.of_user(membership.user), wanted=FIRST)
    return len(rows) == _OFFERED_AT_ONCE
