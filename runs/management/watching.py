"""The worker's loop: what must happen although nobody asks for it."""

from __future__ import annotations

import fcntl
import logging
import threading
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections

from runs.actions.silence import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_SECONDS = 1.0
AFTER_AN_ERROR_SECONDS = 10.0
_LOCK = "worker.lock"
log = logging.getLogger(__name__)


def watch(stop_within: Callable[[float], bool]) -> None:
    """Look for silent runs each second; an error is logged and never ends it.

    ``stop_within`` sleeps that many seconds and says whether to stop.
    """
    silence = Watch()
    pause = EVERY_SECONDS
    while not stop_within(pause):
        try:
            silence.look()
            pause = EVERY_SECONDS
        except Exception:
            log.exception("The worker could not look for silent runs; it tries again.")
            close_old_connections()
            pause = AFTER_AN_ERROR_SECONDS


def watch_beside() -> None:
    """Watch in a thread of this process, unless and until another one of the studio does."""
    threading.Thread(target=_watch_alone, name="worker", daemon=True).start()


def _watch_alone() -> None:
    with (settings.DATA_DIR / _LOCK).open("a") as lock:
        # Waits here; the system passes the lock on when the process that holds it ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        watch(threading.Event().wait)
