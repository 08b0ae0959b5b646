"""Being asked to stop: Ctrl-C, SIGTERM, or the terminal that closes."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_SLICE_SECONDS = 0.1


class StopAsked:
    """Whether somebody asked this process to stop; made in the main thread, read in any.

    A plain flag, not a ``threading.Event``: a signal that comes while the main thread holds the
    event's lock would wait for itself.
    """

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        # Under nohup the closing of the terminal is ignored, and stays so.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._note)

    def wait(self, seconds: float) -> bool:
        """Sleep that long, or until a stop is asked; return whether it is."""
        until = time.monotonic() + seconds
        while not self.asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_SECONDS))
        return self.asked

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
