"""The demo: the examples submitted once, and this folder connected to the studio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

import studio
from runs.actions import tokens
from runs.management.ties import end_with_parent
from studio.contract import environ, places

if TYPE_CHECKING:
    from collections.abc import Callable

    from runs.management.first_start import Home

_MARKER = "examples.submitted"


def connect_folder(folder: Path, home: Home, url: str) -> str:
    """Write what ``Workspace.from_config()`` reads in that folder; return the token it uses."""
    credentials = settings.DATA_DIR / places.CREDENTIALS_FILE
    token = _token_in(credentials, home) or tokens.issue(home.owner, "demo", days=None)
    place = {"url": url, "workspace": home.workspace.name}
    _write(credentials, {**place, "token": token})
    config = folder / places.CONFIG_FOLDER / places.CONFIG_FILE
    config.parent.mkdir(exist_ok=True)
    _write(config, {**place, "credentials": str(credentials)})
    return token


def submit_missing(home: Home, url: str, token: str, say: Callable[[str], None]) -> bool:
    """Submit what is missing of the examples, beside everything else; return whether any is."""
    if (settings.DATA_DIR / _MARKER).exists():
        return False
    environment = {**os.environ, "PYTHONPATH": str(Path(studio.__file__).parents[1])}
    environment |= {environ.URL: url, environ.TOKEN: token, environ.WORKSPACE: home.workspace.name}
    script = settings.ROOT / "runs" / "examples" / "submit.py"
    process = subprocess.Popen(  # noqa: S603  (our own script)
        [sys.executable, str(script)],
        env=environment,
        stdin=subprocess.DEVNULL,
        preexec_fn=partial(end_with_parent, os.getpid()),
    )
    threading.Thread(target=_wait, args=(process, say), name="examples", daemon=True).start()
    return True


def _wait(process: subprocess.Popen[bytes], say: Callable[[str], None]) -> None:
    if process.wait() == 0:
        # Never again, even when people delete the runs. Half done, each run's id keeps it single.
        (settings.DATA_DIR / _MARKER).touch()
    else:
        say("Not all examples could be submitted; the next start of the demo tries again.")


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
