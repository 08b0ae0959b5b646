"""The secret key: made at the first start, kept in the data folder, readable by its owner only."""

from __future__ import annotations

import os
import secrets
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "secret_key"
_SHORTEST, _LETTERS = 32, 10
# What Django writes into each new project, for its author to replace.
_OF_DJANGO = "django-insecure-"


def secret_key_in(data_dir: Path) -> str:
    """Return the key of that data folder, making folder and key where there are none."""
    path = data_dir / _FILE
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _made_or_read(path)
    except OSError as error:
        sys.exit(
            f"The data folder {data_dir} cannot be used: {error.strerror}. "
            "Set STUDIO_DATA_DIR to a folder that you can write to."
        )


def chosen(key: str) -> str:
    """Return a key that somebody has chosen; ends the program for one that others could guess."""
    if len(key) < _SHORTEST or len(set(key)) < _LETTERS or key.startswith(_OF_DJANGO):
        sys.exit(
            f"STUDIO_SECRET_KEY should be at least {_SHORTEST} letters that nobody can guess: whoever "
            "knows it signs in as anybody. Leave it out, and the studio makes one and keeps it; or "
            'make one: python -c "import secrets; print(secrets.token_urlsafe(64))"'
        )
    return key


def _made_or_read(path: Path) -> str:
    try:
        # O_EXCL: of two processes that start at once, one writes and the other reads.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text(encoding="ascii").strip()
