"""The keys that webhooks are signed with: made from the studio's own, so that none lies in the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from runs.models import AlertRule

_PREFIX = "whsec_"


def secret_of(rule: AlertRule) -> str:
    """Return the key that a receiver verifies with."""
    return _made(rule, settings.SECRET_KEY)


def secrets_of(rule: AlertRule) -> list[str]:
    """Return the key, and those that older keys of the studio make: all of them sign."""
    return [_made(rule, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _made(rule: AlertRule, key: str) -> str:
    message = f"runs.alerts:{rule.pk}:{rule.salt}".encode()
    digest = hmac.new(key.encode(), message, hashlib.sha256).digest()
    return _PREFIX + base64.b64encode(digest).decode()
