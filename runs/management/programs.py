"""The programs of a studio, each with no more in its environment than it needs."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

import studio
from runs.management.first_start import BOOTSTRAP, TARGET, Home, fresh_agent_token
from runs.management.plan import Program
from studio.contract import environ

if TYPE_CHECKING:
    from runs.management.address import Address

# What opens the studio itself is kept from the agent, whose scripts could read it.
_NOT_FOR_AGENTS = {
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    BOOTSTRAP,
    "STUDIO_DATA_DIR",
    "STUDIO_EMAIL_URL",
    "STUDIO_SECRET_KEY",
    "STUDIO_SECRET_KEY_FALLBACKS",
}


def public_url(address: Address) -> str:
    """Return the address that people and agents use: STUDIO_PUBLIC_URL, or where we listen."""
    return os.environ.get("STUDIO_PUBLIC_URL", "").rstrip("/") or address.url


def web_server(address: Address) -> Program:
    """Return the web server for that address; one of its processes is the worker too."""
    environment = {k: v for k, v in os.environ.items() if k != BOOTSTRAP}
    environment["STUDIO_PUBLIC_URL"] = public_url(address)
    # The folder was found from here; the program starts elsewhere.
    environment["STUDIO_DATA_DIR"] = str(settings.DATA_DIR)
    environment["PROMETHEUS_MULTIPROC_DIR"] = str(_figures())
    command = [sys.executable, "-m", "runs.management.web", address.host, str(address.port)]
    return Program("web server", command, environment, hears_terminal=True)


def _figures() -> Path:
    """Return the empty folder in which the web server's processes count together."""
    # In memory where there is such a place: a process that counts into a mapped file of a disk that
    # is full is killed.
    for base in (Path("/dev/shm"), settings.DATA_DIR):  # noqa: S108 (a folder of our own in it)
        name = hashlib.sha256(str(settings.DATA_DIR).encode()).hexdigest()[:16]
        folder = base / f"run-studio-{name}"
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
        except OSError:
            continue
        break
    return folder


def local_agent(address: Address, home: Home) -> Program:
    """Return the agent of the studio's own compute target."""
    folder = settings.DATA_DIR / "agents" / TARGET
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "studio.compute.agent"]
    command += ["--target", TARGET, "--folder", str(folder)]
    return Program("agent", command, _as_client(address, home, fresh_agent_token(home)))


def submission(address: Address, home: Home, token: str) -> Program:
    """Return what submits the examples that are not there yet."""
    script = settings.ROOT / "runs" / "examples" / "submit.py"
    environment = _as_client(address, home, token)
    environment["PYTHONPATH"] = str(Path(studio.__file__).parents[1])
    return Program("submission", [sys.executable, str(script)], environment)


def _as_client(address: Address, home: Home, token: str) -> dict[str, str]:
    environment = {k: v for k, v in os.environ.items() if k not in _NOT_FOR_AGENTS}
    return environment | {
        environ.URL: address.url,
        environ.TOKEN: token,
        environ.WORKSPACE: home.workspace.name,
    }
