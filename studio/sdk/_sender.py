"""The thread that delivers what was logged, so that training never waits for the network."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from studio.contract import limits
from studio.sdk._exceptions import ServiceException
from studio.sdk._kept import Kept, tell
from studio.sdk._outbox import Outbox
from studio.sdk._spool import Spool, has_runner

if TYPE_CHECKING:
    from studio.sdk._capture import Capture
    from studio.sdk._transport import Transport

# Rows that come together travel together. Looking for them costs the training nothing; to be told
# of each of them would.
_LOOK_EVERY = 0.2
# A runner delivers what is left, so a script that has one does not wait long for the studio.
_WITH_RUNNER_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE, _PAUSE_IN_A_HURRY = 0.5, 5.0, 0.1
_PAUSE_WHILE_AWAY = 0.5


class Sender:
    """Keeps rows of one run on disk and delivers them in the background."""

    def __init__(self, run_id: str, transport: Transport) -> None:
        self._run_id = run_id
        self._transport = transport
        self._session: _Session | None = None
        self._lock = threading.RLock()

    def log(self, row: dict[str, Any]) -> None:
        """Keep a row and have it sent. Never waits for the studio."""
        session = self._session
        # A session that another thread closes at this moment takes no more; the next one does.
        while session is None or not session.append(row):
            session = self._begin(session)

    def flush(self, seconds: float) -> int:
        """Wait until all rows are delivered; returns how many are not after ``seconds``."""
        session = self._session
        return 0 if session is None else session.flush(seconds)

    def close(self, seconds: float) -> None:
        """Deliver what is there; says in one line on stderr what could not be delivered."""
        tell(self.leave(time.monotonic() + seconds))

    def leave(self, end: float, capture: Capture | None = None) -> list[Kept]:
        """Deliver rows, and the log of a block that has stopped, until ``end`` (monotonic clock).

        Returns what is kept for later.
        """
        end = _not_again(end)
        log = None if capture is None else capture.finish(end)
        return _remember([kept for kept in (self._leave(end), log) if kept is not None])

    def _leave(self, end: float) -> Kept | None:
        with self._lock:
            session, self._session = self._session, None
            _open.discard(self)
        return None if session is None else session.close(end)

    def _begin(self, closed: _Session | None) -> _Session:
        with self._lock:
            if self._session is None or self._session is closed:
                self._session = _Session(self._run_id, self._transport)
                _open.add(self)
            return self._session

    def _forked(self) -> None:
        """Log as a session of its own: the parent's file and thread are the parent's.

        Its lock may be held by a thread that is not here to open it.
        """
        self._session, self._lock = None, threading.RLock()


class _Session:
    """One spool file and the thread that empties it."""

    def __init__(self, run_id: str, transport: Transport) -> None:
        self._run_id = run_id
        self._url = transport.url
        self._spool = Spool(run_id, transport)
        self._box = Outbox(self._spool.path, transport)
        self._refusal = ""
        self._is_closed = False
        self._hurry, self._arrived = threading.Event(), threading.Event()
        self.append = self._spool.append
        self._thread = threading.Thread(target=self._work, name="run-studio-sender", daemon=True)
        # Python starts no thread while it ends; the row is on disk all the same.
        with contextlib.suppress(RuntimeError):
            self._thread.start()

    def flush(self, seconds: float) -> int:
        end = time.monotonic() + seconds
        behind = self._spool.size()
        while self._box.offset < behind and not self._refusal:
            self._hurry.set()
            left = end - time.monotonic()
            if left <= 0:
                break
            self._arrived.wait(min(_PAUSE_IN_A_HURRY, left))
            self._arrived.clear()
        self._tell_refusal()
        return self._box.left()

    def close(self, end: float) -> Kept | None:
        """Deliver until ``end``; returns what is left for somebody else to deliver."""
        is_last = not has_runner(self._run_id)
        # From here on nothing is added, so what is delivered is all there is.
        self._spool.close()
        left = end - time.monotonic()
        self.flush(left if is_last else min(left, _WITH_RUNNER_SECONDS))
        self._is_closed = True
        self._hurry.set()
        values = self._box.left()
        if not values:
            self._box.forget()
        if not values or not is_last:
            return None
        return Kept(self._run_id, self._url, self._spool.path, values=values, reason=self._refusal)

    def _tell_refusal(self) -> None:
        refusal, self._box.refusal = self._box.refusal, ""
        if refusal:
            print(
                f"Run Studio: not every value of run {self._run_id} was taken. {refusal}",
                file=sys.stderr,
            )

    def _work(self) -> None:
        pause = _FIRST_PAUSE
        wait = _LOOK_EVERY
        while not self._is_closed and not self._refusal:
            self._hurry.wait(wait)
            self._hurry.clear()
            before = self._box.offset
            try:
                self._box.pump()
            except ServiceException as error:
                if not error.is_unreachable:
                    self._refusal = str(error)
                wait, pause = pause, min(2 * pause, _LONGEST_PAUSE)
            except OSError as error:
                self._refusal = str(error)
            else:
                wait, pause = _LOOK_EVERY, _FIRST_PAUSE
                if self._box.offset > before:
                    _away.clear()
                self._arrived.set()


# Those with something that may not have arrived.
_open: set[Sender] = set()
# Set once somebody has waited for the studio in vain, until it takes something again.
_away = threading.Event()


def _not_again(end: float) -> float:
    """Return until when to wait: many runs that end while the studio is away wait once."""
    return min(end, time.monotonic() + _PAUSE_WHILE_AWAY) if _away.is_set() else end


def _remember(kept: list[Kept]) -> list[Kept]:
    if any(not item.reason for item in kept):
        _away.set()
    return kept


def _after_fork() -> None:
    for sender in _open:
        sender._forked()
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@atexit.register
def _at_exit() -> None:
    """Deliver what is left of all runs, in ten seconds for all of them."""
    end = _not_again(time.monotonic() + limits.EXIT_WAIT_SECONDS)
    kept = [sender._leave(end) for sender in list(_open)]
    tell([item for item in kept if item is not None])
