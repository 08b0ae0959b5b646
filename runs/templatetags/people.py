"""What templates say about people."""

from __future__ import annotations

import re
from typing import Any

from django import template

register = template.Library()

# The most telling word stands first: most browsers name several.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(agent: str) -> str:
    """Name browser and system in the words that people know them by."""
    name = next((word for sign, word in _BROWSERS if re.search(rf"\b{sign}\w*/", agent)), "")
    system = next((word for sign, word in _SYSTEMS if sign in agent), "")
    if name and system:
        return f"{name} on {system}"
    return name or system or agent[:60] or "unknown browser"


@register.filter
def changed(values: dict[str, Any] | None) -> str:
    """Say the values of a line of the audit; a dash for none."""
    if not values:
        return "–"
    return ", ".join(f"{name}: {_said(value)}" for name, value in values.items())


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} = {each}" for key, each in value.items()) or "–"
    return "–" if value in (None, "") else str(value)
