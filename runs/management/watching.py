"""The worker's loop: what must happen although nobody asks for it."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import secrets
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from runs.actions import (
    accounts,
    bells,
    bulk_work,
    deletion,
    descriptions,
    leftovers,
    log_documents,
    sessions,
    views,
)
from runs.actions.silence import Watch
from runs.alerts import levels, matching, sending
from runs.management import retention, senders

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_SECONDS = 1.0
AFTER_AN_ERROR_SECONDS = 10.0
# Between two slices of work other writers and the web server's threads have their turn.
WORK_SECONDS, BREATH_SECONDS = 0.2, 0.02
_TIDY_SECONDS, _LEVELS_SECONDS = 60.0, 5.0
_LOCK = "worker.lock"
log = logging.getLogger(__name__)


@dataclass
class Duty:
    """Something to do again and again; ``do`` says whether there is more of it to do at once."""

    name: str
    do: Callable[[], bool]
    every: float
    due: float = 0.0

    def look(self, now: float) -> None:
        """Do it if it is due; an error is logged, never ends the worker, and is tried again."""
        if now < self.due:
            return
        try:
            self.due = now + (BREATH_SECONDS if self.do() else self.every)
        except Exception:
            log.exception("The worker could not %s; it tries again.", self.name)
            close_old_connections()
            self.due = now + AFTER_AN_ERROR_SECONDS


def duties() -> list[Duty]:
    """Return what a worker does; it begins to listen for silence now."""
    silence, holder = Watch(), secrets.token_hex(16)

    def look_for_silence() -> bool:
        silence.look()
        return False

    return [
        Duty("look for silent runs", look_for_silence, EVERY_SECONDS),
        Duty("match alerts", matching.match_waiting, EVERY_SECONDS),
        Duty("look at what lasts", levels.look, _LEVELS_SECONDS),
        Duty("go on with tasks", lambda: bulk_work.work(holder, WORK_SECONDS), EVERY_SECONDS),
        Duty(
            "free what runs have left", lambda: bool(leftovers.free(timezone.now())), EVERY_SECONDS
        ),
        Duty(
            "write what is found in logs",
            lambda: log_documents.write_due(timezone.now(), WORK_SECONDS),
            EVERY_SECONDS,
        ),
        Duty("offer alerts", bells.offer_first_rules, _TIDY_SECONDS),
        Duty("forget old alerts", lambda: bool(sending.forget_old(timezone.now())), _TIDY_SECONDS),
        Duty("draw descriptions", lambda: bool(descriptions.redraw_old()), _TIDY_SECONDS),
        Duty("empty the bin", lambda: bool(deletion.purge_old(timezone.now())), _TIDY_SECONDS),
        Duty("follow the rules of retention", retention.look, _TIDY_SECONDS),
        Duty("forget old views", lambda: bool(views.forget_old(timezone.now())), _TIDY_SECONDS),
        Duty("forget old sessions", _forget_sign_ins, _TIDY_SECONDS),
        Duty("forget old tasks", lambda: bool(bulk_work.forget_old(timezone.now())), _TIDY_SECONDS),
    ]


def _forget_sign_ins() -> bool:
    now = timezone.now()
    sessions.forget_old(now)
    accounts.forget_old_links(now)
    return False


def watch(stop_within: Callable[[float], bool]) -> None:
    """Do the duties of a worker, each when it is due.

    ``stop_within`` sleeps that many seconds and says whether to stop.
    """
    todo = [*duties(), Duty("send alerts", senders.begin(), EVERY_SECONDS)]
    pause = EVERY_SECONDS
    while not stop_within(pause):
        for duty in todo:
            duty.look(time.monotonic())
        pause = max(min(duty.due for duty in todo) - time.monotonic(), BREATH_SECONDS)


def watch_here(stop_within: Callable[[float], bool]) -> None:
    """Watch in this process, beside whoever else may, and be known as a worker of the data folder."""
    with (settings.DATA_DIR / _LOCK).open("a") as lock:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        watch(stop_within)


def watch_beside() -> None:
    """Watch in a thread of this process, unless and until another one of the studio does."""
    threading.Thread(target=_watch_alone, name="worker", daemon=True).start()


def is_watched() -> bool:
    """Whether a worker is at work on this data folder."""
    with (settings.DATA_DIR / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _watch_alone() -> None:
    with (settings.DATA_DIR / _LOCK).open("a") as lock:
        # Waits here; the system passes the lock on when the process that holds it ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        watch(threading.Event().wait)
