"""The worker's loop: what must happen although nobody asks for it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import close_old_connections

from runs.actions.silence import Watch

if TYPE_CHECKING:
    from runs.management.stopping import StopAsked

EVERY_SECONDS = 1.0
AFTER_AN_ERROR_SECONDS = 10.0
log = logging.getLogger(__name__)


def watch(stop: StopAsked) -> None:
    """Look for silent runs each second until a stop is asked; an error is logged and never ends it."""
    silence = Watch()
    pause = EVERY_SECONDS
    while not stop.wait(pause):
        try:
            silence.look()
            pause = EVERY_SECONDS
        except Exception:
            log.exception("The worker could not look for silent runs; it tries again.")
            close_old_connections()
            pause = AFTER_AN_ERROR_SECONDS
