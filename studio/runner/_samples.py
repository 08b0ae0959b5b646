"""Samples of CPU, memory and GPU: metrics of the run, taken beside it while its script runs."""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from typing import TYPE_CHECKING

from studio.contract import environ, limits, words
from studio.runner import _machine, _processes
from studio.sdk import _values
from studio.sdk._exceptions import ServiceException
from studio.sdk._outbox import Outbox
from studio.sdk._spool import Spool

if TYPE_CHECKING:
    from pathlib import Path

    from studio.contract.launch import LaunchSpec
    from studio.runner._machine import Machine
    from studio.sdk._transport import Transport

_OFF = ("off", "no", "false", "0")
_ON = ("", "on", "yes", "true")
# A short run has one sample too.
_FIRST_SECONDS = 1.0
_SHORTEST, _LONGEST = 1.0, 86_400.0
# A driver that hangs must not hold up the end of a run.
_END_SECONDS = 2.0


def seconds_between(spec: LaunchSpec) -> float | None:
    """Return how often a run wants to be looked at, None when never.

    What the run says goes before what the machine says.

    Raises:
        ValueError: that is neither a word nor a number that we know.
    """
    name = environ.SYSTEM_METRICS
    said = str(spec.environment.get(name) or os.environ.get(name, "")).strip().lower()
    if said in _OFF:
        return None
    if said in _ON:
        return limits.SAMPLE_SECONDS
    with contextlib.suppress(ValueError):
        seconds = float(said)
        if math.isfinite(seconds) and seconds > 0:
            return min(max(seconds, _SHORTEST), _LONGEST)
    raise ValueError(
        f"{name} is {said[:50]!r}: neither off nor a number of seconds. "
        f"{limits.SAMPLE_SECONDS} seconds are used."
    )


class Samples:
    """Keeps samples of everything below this process in the run's spool. Needs psutil."""

    def __init__(self, run_id: str, spool: Path, transport: Transport) -> None:
        self._run_id = run_id
        self._folder = spool
        self._transport = transport
        self._spool: Spool | None = None
        self._box: Outbox | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, every: float) -> None:
        """Begin to look, soon and then every so many seconds."""
        self._thread = threading.Thread(target=self._work, args=[every], daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more; what is not delivered yet is then free for whoever drains the spool."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(_END_SECONDS)
        if self._spool is not None:
            self._spool.close()

    def deliver(self) -> None:
        """Deliver what is there; raises ``ServiceException`` when the studio does not answer."""
        if self._box is None:
            return
        try:
            self._box.pump()
        except ServiceException as error:
            if error.is_unreachable:
                raise
            # Refused for good; and the run's log is worth more than asking again.
            self._box = None
        except (OSError, ValueError):
            # The script, who owns the same disk, has emptied it.
            self._box = None

    def _work(self, every: float) -> None:
        began = time.monotonic()
        try:
            machine = _machine.Machine()
        except (ImportError, NotImplementedError):
            return
        # Rates need something to start from.
        machine.read(_processes.tree_below(os.getpid()))
        due = min(_FIRST_SECONDS, every)
        while not self._over.wait(began + due - time.monotonic()):
            elapsed = time.monotonic() - began
            self._sample(machine, int(elapsed))
            due = every * (elapsed // every + 1)

    def _sample(self, machine: Machine, second: int) -> None:
        pids = _processes.tree_below(os.getpid())
        if not pids:
            return
        told = machine.read(pids)
        rows = [
            _values.scalar(f"{words.SYSTEM_METRICS}{name}", value, description="", step=second)
            for name, value in sorted(told.items())
        ]
        # On a full disk the run goes on; only this sample is lost.
        with contextlib.suppress(OSError):
            self._keep(rows)

    def _keep(self, rows: list[dict[str, object]]) -> None:
        if self._over.is_set():
            return
        if self._spool is None:
            self._spool = Spool(self._run_id, self._transport, self._folder)
            self._box = Outbox(self._spool.path, self._transport)
        for row in rows:
            self._spool.append(row)
