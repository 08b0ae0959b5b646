"""The way out of an alert's mails, for whoever gets them: a signed link, and no sign-in."""

from __future__ import annotations

from django.core import signing
from django.db import transaction

from runs import access
from runs.access import Actor
from runs.actions.alert_rules import addresses
from runs.actions.alerts import record
from runs.models import AlertRule

_LINK = "runs.alerts.unsubscribe"


def unsubscribe_token(rule: AlertRule, address: str) -> str:
    """Return what opens the way out of a rule's mails to whoever holds it."""
    return signing.dumps([rule.pk, address], salt=_LINK)


def unsubscription(token: str) -> tuple[AlertRule, str]:
    """Return the rule and the address that a token of ours names.

    Raises:
        Refused: not found, for any other text and for a rule that is gone.
    """
    try:
        number, address = signing.loads(token, salt=_LINK)
    except (signing.BadSignature, ValueError, TypeError):
        raise access.not_found("link", token) from None
    rule = AlertRule.objects.select_related("workspace").filter(pk=number).first()
    if rule is None:
        raise access.not_found("link", token)
    return rule, str(address)


def unsubscribe(token: str) -> AlertRule:
    """Send a rule's mails to that address no more; the token is the right to say so."""
    rule, address = unsubscription(token)
    with transaction.atomic():
        now = AlertRule.objects.select_for_update(no_key=True).get(pk=rule.pk)
        left = [each for each in addresses(now.target) if each.lower() != address.lower()]
        if now.for_all and left:
            now.target = ", ".join(left)
        else:
            now.enabled = False
        now.version += 1
        now.save(update_fields=["target", "enabled", "version"])
        record(
            Actor.system("link in a mail"), "alert.unsubscribe", now, before={"address": address}
        )
    return now
