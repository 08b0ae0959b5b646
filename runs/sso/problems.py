"""What can be in the way of single sign-on: of the settings, and of one attempt."""

from __future__ import annotations

import importlib.util
from urllib.parse import urlsplit

from django.conf import settings

from runs.one_time_codes import INSTALL
from studio.contract.words import Role


class SignOnError(Exception):
    """One sentence for whoever stands before the door: why it stays closed."""


def is_on() -> bool:
    """Whether the settings name a provider."""
    return bool(settings.OIDC_ISSUER)


def problem() -> str:
    """Return what is wrong with the settings of single sign-on, "" if nothing is."""
    if not is_on():
        return ""
    if importlib.util.find_spec("jwt") is None:
        return f"STUDIO_OIDC_ISSUER needs the extra [sso]: {INSTALL}"
    if not settings.OIDC_CLIENT_ID:
        return (
            "STUDIO_OIDC_ISSUER needs STUDIO_OIDC_CLIENT_ID: what the provider calls this studio."
        )
    scheme = urlsplit(settings.OIDC_ISSUER).scheme
    if scheme != "https" and not (scheme == "http" and settings.OIDC_ALLOW):
        return (
            "STUDIO_OIDC_ISSUER should begin with https://. Without TLS only a provider in a network "
            "of STUDIO_OIDC_ALLOW is asked."
        )
    if settings.OIDC_MAKE_USERS and not settings.OIDC_DOMAINS:
        return (
            "STUDIO_OIDC_MAKE_USERS would let in everybody who has an account at the provider. Say in "
            "STUDIO_OIDC_DOMAINS whose e-mail addresses are meant, or * if it is everybody."
        )
    strange = sorted(set(settings.OIDC_ROLES.values()) - set(Role))
    if strange:
        return f"STUDIO_OIDC_ROLES knows no role {strange[0]!r}; a member is {', '.join(Role)}."
    return ""
