"""Codes of an authenticator app (RFC 6238), and the picture that it reads. The extra [sso] brings both.

The key is made from the studio's own and a salt, so that none lies in the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.util
import time

from django.conf import settings

STEP_SECONDS = 30
DIGITS = 6
INSTALL = "pip install 'run-studio[sso]'"
# So many steps a clock may be wrong, either way.
_DRIFT = 1
_KEY_BYTES = 20


def is_there() -> bool:
    """Whether the extra [sso] is installed."""
    return all(importlib.util.find_spec(name) for name in ("pyotp", "segno"))


def keys_of(person: int, salt: str) -> list[str]:
    """Return the key of a person's app, and those that older keys of the studio would have made."""
    return [
        _key(person, salt, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def step_of(keys: list[str], code: str) -> int | None:
    """Return the step of time that a code belongs to, None if it is wrong now."""
    import pyotp

    now = int(time.time()) // STEP_SECONDS
    for key in keys:
        codes = pyotp.TOTP(key, digits=DIGITS, interval=STEP_SECONDS)
        for step in range(now - _DRIFT, now + _DRIFT + 1):
            if hmac.compare_digest(codes.generate_otp(step), code):
                return step
    return None


def address(key: str, username: str, studio: str) -> str:
    """Return what the picture says: whose key it is, and of which studio."""
    import pyotp

    codes = pyotp.TOTP(key, digits=DIGITS, interval=STEP_SECONDS)
    return codes.provisioning_uri(name=username, issuer_name=f"Run Studio {studio}")


def picture(text: str) -> str:
    """Return a QR code as the address of an image: dark on light, as cameras want it."""
    import segno

    return str(segno.make(text, error="m").svg_data_uri(scale=4, border=4, light="#fff"))


def _key(person: int, salt: str, key: str) -> str:
    message = f"runs.second_step:{person}:{salt}".encode()
    digest = hmac.new(key.encode(), message, hashlib.sha256).digest()
    return base64.b32encode(digest[:_KEY_BYTES]).decode()
