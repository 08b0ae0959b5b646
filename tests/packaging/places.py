"""Where the checkout is, and an environment that knows nothing of it."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def clean_environment(**more: str) -> dict[str, str]:
    """Return this process's variables without those of a studio, of Django and of Python's paths."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("STUDIO_", "DJANGO_", "PYTHON"))
    }
    return kept | more
