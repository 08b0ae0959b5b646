"""Which environment variables are secrets, by their names, and what is shown of them."""

from __future__ import annotations

import re

VEIL = "••••••"
_SECRET = re.compile("secret|token|password|passwd|credential|(?:^|_)key$|api_?key", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether the name of a variable says that nobody should read its value."""
    return _SECRET.search(name) is not None


def veil(name: str, value: str) -> str:
    """Return the value of a variable as it is shown: hidden if its name says that it is a secret."""
    return VEIL if is_secret(name) else value
