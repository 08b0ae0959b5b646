"""Logs on their way to the studio: every byte once, from where the studio has them."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from studio.sdk._exceptions import ServiceException
from studio.sdk._outbox import received

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from studio.sdk._transport import Transport

_PIECE = 256 * 1024
# Sending again is harmless, and at exit there are ten seconds: enough for a second try.
_ANSWER_SECONDS = 5.0


class LogSender:
    """Sends what is new in some files that grow.

    ``logs`` says which files there are, by their path in the run; ``begin`` from which byte on a
    file is of interest; ``refused`` are those that the studio does not take, ``full`` those of which
    it keeps no more: ``on_full`` is told of each once. Whoever goes on for a sender that died goes on
    under its ``session``.
    """

    def __init__(
        self,
        run_id: str,
        transport: Transport,
        *,
        session: str,
        logs: Callable[[], Mapping[str, Path]],
        begin: Mapping[str, int] | None = None,
        on_full: Callable[[str], object] = lambda name: None,
    ) -> None:
        self._run_id = run_id
        self._transport = transport
        self._session = session
        self._logs = logs
        self._begin = begin or {}
        self._sent: dict[str, int] = {}
        self._on_full = on_full
        self.refused: set[str] = set()
        self.full: set[str] = set()

    def send(self) -> None:
        """Send all that is new now.

        Raises:
            ServiceException: the studio does not answer, or does not know this run.
        """
        for name, path in self._logs().items():
            while name not in self.refused | self.full and self._send_piece(name, path):
                pass

    def lines_left(self, name: str) -> int:
        """Return how many lines of one log the studio does not have; the last may be unfinished."""
        if name in self.full:
            return 0
        last, lines = b"", 0
        with contextlib.suppress(OSError), self._logs()[name].open("rb") as file:
            file.seek(self._begin.get(name, 0) + self._sent.get(name, 0))
            while piece := file.read(_PIECE):
                lines += piece.count(b"\n")
                last = piece[-1:]
        return lines + (last not in (b"", b"\n"))

    def _send_piece(self, name: str, path: Path) -> bool:
        """Send the next piece of one log; returns whether there may be more."""
        sent = self._sent.get(name, 0)
        try:
            with path.open("rb") as file:
                file.seek(self._begin.get(name, 0) + sent)
                data = file.read(_PIECE)
                written = os.fstat(file.fileno()).st_mtime
        except OSError:
            return False
        if not data:
            return False
        moved = self._post(name, sent, data, age=max(0.0, time.time() - written))
        return moved or len(data) == _PIECE

    def _post(self, name: str, sent: int, data: bytes, *, age: float) -> bool:
        """Send one piece, so many seconds old; returns whether the studio wants another place first."""
        query = {"session": self._session, "sequence": sent, "ageMs": int(age * 1000)}
        try:
            answer = self._transport.run_file(
                "POST",
                self._run_id,
                "logs",
                name,
                body=data,
                query=query,
                timeout=_ANSWER_SECONDS,
                patience=0,
            )
        except ServiceException as error:
            if error.code == "gap":
                self._sent[name] = int(error.extra["expected"])
                return True
            if error.is_unreachable or error.status in (401, 404):
                raise
            # A name that the studio does not take: the other logs go on.
            self.refused.add(name)
            return False
        except UnicodeEncodeError:
            # On disk a name need not be text.
            self.refused.add(name)
            return False
        self._sent[name] = max(received(answer), sent)
        if answer.json().get("full"):
            self.full.add(name)
            self._on_full(
                f"Nothing more of {name} is kept by the studio: the logs of this run have all that they "
                "may have. The run goes on."
            )
        return False
