"""The thread that delivers what was logged, so that training never waits for the network."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from studio.contract import limits
from studio.sdk._exceptions import ServiceException
from studio.sdk._spool import Outbox, Spool, has_runner

if TYPE_CHECKING:
    from studio.sdk._transport import Transport

# Rows that come together travel together.
_GATHER_SECONDS = 0.2
# A runner delivers what is left, so a script that has one does not wait long for the studio.
_WITH_RUNNER_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0


class Sender:
    """Keeps rows of one run on disk and delivers them in the background."""

    def __init__(self, run_id: str, transport: Transport) -> None:
        self._run_id = run_id
        self._transport = transport
        self._owner = 0
        self._session: _Session | None = None
        self._lock = threading.Lock()

    def log(self, row: dict[str, Any]) -> None:
        """Keep a row and have it sent. Never waits for the studio."""
        self._mine().append(row)

    def flush(self, seconds: float) -> int:
        """Wait until all rows are delivered; returns how many are not after ``seconds``."""
        session = self._session if self._owner == os.getpid() else None
        return 0 if session is None else session.flush(seconds)

    def close(self, seconds: float) -> None:
        """Deliver what is there; says in one line on stderr what could not be delivered."""
        if self._owner == os.getpid() and self._session is not None:
            session, self._session = self._session, None
            session.close(seconds)

    def _mine(self) -> _Session:
        # After a fork the child logs as a session of its own; the parent's file is the parent's.
        if self._owner != os.getpid() or self._session is None:
            with self._lock:
                if self._owner != os.getpid() or self._session is None:
                    if self._owner == 0:
                        atexit.register(self.close, limits.EXIT_WAIT_SECONDS)
                    self._session = _Session(self._run_id, self._transport)
                    self._owner = os.getpid()
        return self._session


class _Session:
    """One spool file and the thread that empties it."""

    def __init__(self, run_id: str, transport: Transport) -> None:
        self._run_id = run_id
        self._spool = Spool(run_id, transport)
        self._box = Outbox(self._spool.path, transport)
        self._written = self._delivered = 0
        self._refusal = ""
        self._closed = False
        self._wake, self._hurry = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="run-studio-sender", daemon=True)
        self._thread.start()

    def append(self, row: dict[str, Any]) -> None:
        self._spool.append(row)
        self._written += 1
        self._wake.set()

    def flush(self, seconds: float) -> int:
        end = time.monotonic() + seconds
        self._hurry.set()
        while self._delivered < self._written and time.monotonic() < end and not self._refusal:
            self._wake.set()
            time.sleep(0.01)
        self._hurry.clear()
        return self._written - self._delivered

    def close(self, seconds: float) -> None:
        is_last = not has_runner(self._run_id)
        left = self.flush(seconds if is_last else min(seconds, _WITH_RUNNER_SECONDS))
        self._closed = True
        self._hurry.set()
        self._wake.set()
        self._thread.join(timeout=1)
        self._spool.close()
        if self._box.refusal:
            print(
                f"Run Studio: not every value of run {self._run_id} was taken. {self._box.refusal}",
                file=sys.stderr,
            )
        if not left:
            self._box.forget()
        elif is_last:
            self._tell(left)

    def _tell(self, left: int) -> None:
        reason = f" ({self._refusal})" if self._refusal else ""
        print(
            f"Run Studio: {left} values of run {self._run_id} were not delivered{reason}. "
            f"They are kept in {self._spool.path}.",
            file=sys.stderr,
        )

    def _work(self) -> None:
        pause = _FIRST_PAUSE
        while not self._closed and not self._refusal:
            self._wake.wait()
            self._wake.clear()
            self._hurry.wait(_GATHER_SECONDS)
            # Read before sending: a row that comes meanwhile is counted by the next round.
            written = self._written
            try:
                self._box.pump()
            except ServiceException as error:
                if not error.is_unreachable:
                    self._refusal = str(error)
                    continue
                self._hurry.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                self._wake.set()
            else:
                pause = _FIRST_PAUSE
                self._delivered = max(self._delivered, written)
