"""What their names may be: of metrics, parameters and tags."""

from __future__ import annotations

import posixpath
import re

from runs.api.mlflow.errors import Fault

KEY = 250
_KEY = re.compile(r"[/\w.\- :]*")
_CHARACTERS = (
    "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), "
    "colon(:) and slashes (/)."
)
_PATH = (
    "Names may be treated as files in certain cases, and must not resolve to other names when "
    "treated as such. This name would resolve to"
)


def check_key(key: str, parameter: str, noun: str = "") -> None:
    """Refuse a key; ``parameter`` is its place in the request, ``noun`` what it is called when too long."""
    if not _KEY.fullmatch(key):
        raise Fault(f"{_invalid(key, parameter)}: {_CHARACTERS}")
    path = posixpath.normpath(key)
    if path != key or path == "." or path.startswith(("..", "/")):
        raise Fault(f"{_invalid(key, parameter)}: {_PATH} '{path}'")
    check_length(key, noun or parameter, KEY)


def check_length(value: str, noun: str, longest: int) -> None:
    """Refuse a text of more than ``longest`` characters."""
    if len(value) > longest:
        raise Fault(f"'{noun}' exceeds the maximum length of {longest} characters")


def _invalid(key: str, parameter: str) -> str:
    return f"Invalid value \"{key[:300]}\" for parameter '{parameter}' supplied"
