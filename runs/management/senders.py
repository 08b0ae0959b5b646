"""Threads that send alerts, so that a receiver who is slow keeps nothing else waiting."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from typing import TYPE_CHECKING

from django.db import close_old_connections

from runs.alerts import sending

if TYPE_CHECKING:
    from collections.abc import Callable

# One address is sent to by one of them at a time.
SENDERS = 4
_AFTER_AN_ERROR_SECONDS = 10.0
log = logging.getLogger(__name__)


def begin() -> Callable[[], bool]:
    """Start the threads; returns what wakes them when a message is due."""
    due = threading.Event()
    for _ in range(SENDERS):
        threading.Thread(target=_send, args=(due,), name="sender", daemon=True).start()

    def look() -> bool:
        if sending.is_due():
            due.set()
        return False

    return look


def _send(due: threading.Event) -> None:
    holder = secrets.token_hex(16)
    while due.wait():
        try:
            if not sending.send_next(holder):
                due.clear()
        except Exception:
            log.exception("An alert could not be sent; it is tried again.")
            close_old_connections()
            time.sleep(_AFTER_AN_ERROR_SECONDS)
