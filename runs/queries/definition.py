"""The parts of a run's definition, which are whatever its sender wrote."""

from __future__ import annotations

import json
import shlex
from typing import Any


def typed(value: Any) -> str:
    """Return a command or its arguments as one would type them; other things as JSON, "" for nothing."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        return shlex.join(str(part) for part in value)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def variables(value: Any) -> dict[str, str]:
    """Return the environment variables of a definition; none of what is no object."""
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}
