"""The heartbeat of a run that its own script leads: while this process lives, the studio knows."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from studio.contract import limits
from studio.sdk._exceptions import ServiceException

if TYPE_CHECKING:
    from studio.sdk._transport import Transport


class Beats:
    """Beats every ten seconds in the background until stopped."""

    def __init__(self, run_id: str, transport: Transport) -> None:
        self._run_id = run_id
        self._transport = transport
        self._owner = os.getpid()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="run-studio-beats", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._over.set()

    def _beat(self) -> None:
        while not self._over.is_set():
            try:
                told = self._transport.run(
                    "POST", self._run_id, "heartbeat", json={}, timeout=10, patience=0
                ).json()
                if told["status"] in ("Completed", "Failed", "Canceled"):
                    return
            except ServiceException as error:
                if not error.is_unreachable:
                    return
            self._over.wait(limits.BEAT_SECONDS)
