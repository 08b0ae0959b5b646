"""The heartbeat: says that the run lives, and hears that it should stop."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from studio.sdk._exceptions import ServiceException

if TYPE_CHECKING:
    from studio.runner._folder import RunFolder
    from studio.sdk._transport import Transport

_WAIT = 9
_ANSWER_SECONDS = _WAIT + 6.0
_PAUSE = 1.0
# A long poll that comes back early has not waited; asking again at once would be a storm.
_SHORTEST = 0.2


class Heart:
    """Beats in the background.

    ``stop`` is set once the studio wants the run to end, ``gone`` once it does not know it any more.
    """

    def __init__(self, run_id: str, host: str, folder: RunFolder, transport: Transport) -> None:
        self.stop = threading.Event()
        self.gone = threading.Event()
        self.grace: float | None = None
        self._run_id = run_id
        self._host = host
        self._folder = folder
        self._transport = transport
        self._over = threading.Event()
        threading.Thread(target=self._work, daemon=True).start()

    def end(self) -> None:
        """Beat no more."""
        self._over.set()

    def _work(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            pause = _PAUSE
            try:
                pause = self._beat()
            except ServiceException as error:
                if error.status in (401, 404):
                    self.gone.set()
                    return
            except (ValueError, KeyError, TypeError):
                # A proxy answered in the studio's place.
                pause = _PAUSE
            waited = time.monotonic() - began
            self._over.wait(max(pause - waited, _SHORTEST))

    def _beat(self) -> float:
        """Beat once; returns after how many seconds, counted from now, the next one is due."""
        # Once it should stop there is nothing more to hear.
        query = {} if self.stop.is_set() else {"wait": _WAIT}
        told = self._transport.run(
            "POST",
            self._run_id,
            "heartbeat",
            json={"host": self._host},
            query=query,
            timeout=_ANSWER_SECONDS,
        ).json()
        if told["stop"] and not self.stop.is_set():
            self.grace = float(told["graceSeconds"])
            self.stop.set()
        return (
            float(told["nextBeatSeconds"])
            if self.stop.is_set()
            else min(_PAUSE, float(told["nextBeatSeconds"]))
        )
