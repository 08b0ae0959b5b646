"""Everything of one run that goes to the studio: now if it answers, else as soon as it does."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from studio.contract import limits
from studio.runner._outputs import Outputs
from studio.runner._reports import Reports, RunGone, StudioAway
from studio.runner._samples import Samples, seconds_between
from studio.runner._tail import Tail
from studio.sdk import _spool
from studio.sdk._exceptions import ServiceException

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.contract.launch import LaunchSpec
    from studio.runner._folder import RunFolder

_LOOK_EVERY = 0.4
_LONGEST_PAUSE = 2.0


class Courier:
    """Carries reports, logs, metrics and outputs of one run."""

    def __init__(self, spec: LaunchSpec, folder: RunFolder) -> None:
        self._spec = spec
        self._folder = folder
        self._spool = folder.spool
        self._transport = folder.transport(spec)
        self.reports = Reports(folder.spool, spec.run_id, self._transport)
        self._tail = Tail(folder, spec.run_id, self._transport)
        self._outputs = Outputs(folder, spec.run_id, self._transport)
        self._samples = Samples(spec.run_id, folder.spool, self._transport)
        self.gone = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def start(self) -> None:
        """Begin to carry reports, logs and samples of the machine in the background."""
        try:
            every = seconds_between(self._spec)
        except ValueError as error:
            every = limits.SAMPLE_SECONDS
            self._warn(str(error))
        if every is not None:
            self._samples.start(every)
        self._thread.start()

    def stop(self) -> None:
        """Carry no more in the background; what is left is for the calls below, which wait."""
        self._samples.stop()
        self._over.set()
        self._thread.join()

    def send_logs(self) -> None:
        """Send logs to their last byte, and metrics that the script could not; waits for the studio."""
        self._until_done(self._tail.send)
        self._until_done(lambda: _spool.drain(self._spool, self._transport))

    def send_outputs(self, unless: threading.Event | None = None) -> None:
        """Send the outputs; waits for the studio. What is refused becomes a warning.

        Stops early, between two files, once ``unless`` is set.
        """
        self._until_done(lambda: self._send_outputs(unless), unless)

    def deliver(self) -> None:
        """Deliver all reports; waits for the studio."""
        self._until_done(self.reports.deliver)

    def _send_outputs(self, unless: threading.Event | None) -> None:
        for problem in self._outputs.send(unless):
            self.reports.add("warnings", {"source": "outputs", "message": problem})

    def _warn(self, message: str) -> None:
        self.reports.add("warnings", {"source": "runner", "message": message})

    def _carry(self) -> None:
        pause = _LOOK_EVERY
        while not self._over.is_set() and not self.gone.is_set():
            try:
                self.reports.deliver()
                self._tail.send()
                self._samples.deliver()
                pause = _LOOK_EVERY
            except RunGone:
                self.gone.set()
            except (OSError, ValueError):
                # This machine's disk: a run that goes on is worth more than this piece.
                pause = _LONGEST_PAUSE
            except ServiceException:
                self._folder.follow(self._transport)
                pause = min(2 * pause, _LONGEST_PAUSE)
            self._over.wait(pause)

    def _until_done(
        self, work: Callable[[], object], unless: threading.Event | None = None
    ) -> None:
        pause = _LOOK_EVERY
        end = time.monotonic() + limits.DELIVER_SECONDS
        while not self.gone.is_set() and not (unless is not None and unless.is_set()):
            try:
                work()
                return
            except RunGone:
                self.gone.set()
            except ServiceException as error:
                if error.status in (401, 404):
                    self.gone.set()
                    return
                if time.monotonic() > end:
                    raise StudioAway(str(error)) from None
                self._folder.follow(self._transport)
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            except (OSError, ValueError) as error:
                # This machine's disk or an odd name, not the studio: waiting could last for ever.
                self._warn(f"Not everything could be read and sent: {error}")
                return
