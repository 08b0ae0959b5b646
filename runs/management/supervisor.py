"""The studio as one process that starts, watches and stops the others.

Its children are the web server and the agent of the studio's own compute target; the worker is a
thread here, so that one interpreter fewer stays in memory.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from django.conf import settings

from runs.management.children import Child, stop_all
from runs.management.first_start import TARGET, Home, fresh_agent_token
from runs.management.refusal import StartError
from runs.management.watching import watch
from studio.contract import environ

if TYPE_CHECKING:
    from collections.abc import Callable

    from runs.management.address import Address
    from runs.management.stopping import StopAsked

_LOOK_SECONDS = 0.2
_LOOK_WHILE_STARTING_SECONDS = 0.05
_READY_SECONDS = 60.0
_FALLS_BEFORE_READY = 3
# What opens the studio itself is kept from the agent, whose scripts could read it.
_NOT_FOR_AGENTS = (
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "STUDIO_BOOTSTRAP_TOKEN",
    "STUDIO_DATA_DIR",
    "STUDIO_SECRET_KEY",
    "STUDIO_SECRET_KEY_FALLBACKS",
)


def public_url(address: Address) -> str:
    """Return the address that people and agents use: STUDIO_PUBLIC_URL, or where we listen."""
    return os.environ.get("STUDIO_PUBLIC_URL", "").rstrip("/") or address.url


def web_server(address: Address) -> Child:
    """Return the web server for that address, not yet started."""
    environment = dict(os.environ)
    environment.pop("STUDIO_BOOTSTRAP_TOKEN", None)
    environment["STUDIO_PUBLIC_URL"] = public_url(address)
    # The folder was found from here; the child may start elsewhere.
    environment["STUDIO_DATA_DIR"] = str(settings.DATA_DIR)
    command = [sys.executable, "-m", "runs.management.web", address.host, str(address.port)]
    return Child("web server", command, environment=environment, folder=settings.ROOT)


def local_agent(address: Address, home: Home) -> Child:
    """Return the agent of the studio's own compute target, not yet started."""
    environment = {k: v for k, v in os.environ.items() if k not in _NOT_FOR_AGENTS}
    environment[environ.URL] = address.url
    environment[environ.TOKEN] = fresh_agent_token(home)
    environment[environ.WORKSPACE] = home.workspace.name
    folder = settings.DATA_DIR / "agents" / TARGET
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "studio.compute.agent"]
    command += ["--target", TARGET, "--folder", str(folder)]
    return Child("agent", command, environment=environment, folder=settings.ROOT)


class Supervisor:
    """Runs children and the worker until somebody asks to stop."""

    def __init__(
        self,
        web: Child,
        others: list[Child],
        *,
        is_ready: Callable[[], bool],
        say: Callable[[str], None],
        stop: StopAsked,
    ) -> None:
        self._web = web
        self._children = [web, *others]
        self._is_ready = is_ready
        self._say = say
        self._stop = stop

    def run(self, *, when_ready: Callable[[], None]) -> None:
        """Start everything, call ``when_ready`` once the web server answers, watch, stop.

        Raises:
            StartError: the web server does not answer.
        """
        worker = threading.Thread(target=watch, args=(self._stop,), name="worker", daemon=True)
        try:
            for child in self._children:
                child.start()
            if self._wait_until_ready():
                worker.start()
                when_ready()
            while not self._stop.wait(_LOOK_SECONDS):
                self._look_after_children()
        finally:
            stop_all(self._children)

    def _wait_until_ready(self) -> bool:
        """Return whether it is ready; False when a stop was asked before."""
        until = time.monotonic() + _READY_SECONDS
        while not self._is_ready():
            if self._stop.wait(_LOOK_WHILE_STARTING_SECONDS):
                return False
            self._look_after_children()
            if self._web.falls >= _FALLS_BEFORE_READY or time.monotonic() > until:
                raise StartError("The web server does not start: see its own words above.")
        return True

    def _look_after_children(self) -> None:
        for child in self._children:
            sentence = child.look_after()
            if sentence:
                self._say(sentence)
