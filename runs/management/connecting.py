"""A folder in which ``Workspace.from_config()`` finds the studio."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from django.conf import settings

from runs.actions import tokens
from studio.contract import places

if TYPE_CHECKING:
    from pathlib import Path

    from runs.management.first_start import Home


def connect_folder(folder: Path, home: Home, url: str) -> str:
    """Write config and credentials for the first owner; return the token they use."""
    credentials = settings.DATA_DIR / places.CREDENTIALS_FILE
    token = _token_in(credentials, home) or tokens.issue(home.owner, "demo", days=None)
    place = {"url": url, "workspace": home.workspace.name}
    _write(credentials, {**place, "token": token})
    config = folder / places.CONFIG_FOLDER / places.CONFIG_FILE
    config.parent.mkdir(exist_ok=True)
    _write(config, {**place, "credentials": str(credentials)})
    return token


def _token_in(path: Path, home: Home) -> str | None:
    try:
        plain = str(json.loads(path.read_text(encoding="utf-8"))["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    token = tokens.find(plain)
    return plain if token and token.is_live and token.user == home.owner else None


def _write(path: Path, values: dict[str, str]) -> None:
    """Replace a file in one step, readable by its owner only."""
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(values, indent=1) + "\n")
    fresh.replace(path)
