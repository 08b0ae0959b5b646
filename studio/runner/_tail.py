"""Logs on their way to the studio: every byte once, from where the studio has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.contract import places
from studio.runner._reports import RunGone
from studio.sdk._exceptions import ServiceException

if TYPE_CHECKING:
    from pathlib import Path

    from studio.runner._folder import RunFolder
    from studio.sdk._transport import Transport

# One sender a run: whoever goes on for a runner that died goes on in its name.
_SESSION = "runner"
_PIECE = 256 * 1024
_ANSWER_SECONDS = 15.0


class Tail:
    """Sends what is new in the logs of a run."""

    def __init__(self, folder: RunFolder, run_id: str, transport: Transport) -> None:
        self._folder = folder
        self._run_id = run_id
        self._transport = transport
        self._sent: dict[str, int] = {}
        self._refused: set[str] = set()

    def send(self) -> None:
        """Send all that is new now.

        Raises:
            ServiceException: the studio does not answer.
            RunGone: it does not know this run.
        """
        for name, path in self._logs().items():
            while name not in self._refused and self._piece(name, path):
                pass

    def _logs(self) -> dict[str, Path]:
        found = {
            places.STD_LOG: self._folder.output,
            places.RUNNER_LOG: self._folder.journal,
        }
        watched = self._folder.code / places.LOGS
        if watched.is_dir():
            for path in watched.rglob("*"):
                if path.is_file() and not path.is_symlink():
                    found[path.relative_to(self._folder.code).as_posix()] = path
        return found

    def _piece(self, name: str, path: Path) -> bool:
        """Send the next piece of one log; returns whether there may be more."""
        sent = self._sent.get(name, 0)
        try:
            with path.open("rb") as file:
                file.seek(sent)
                data = file.read(_PIECE)
        except OSError:
            return False
        if not data:
            return False
        self._post(name, sent, data)
        return len(data) == _PIECE

    def _post(self, name: str, sent: int, data: bytes) -> None:
        query = {"session": _SESSION, "sequence": sent}
        try:
            answer = self._transport.run_file(
                "POST", self._run_id, "logs", name, body=data, query=query, timeout=_ANSWER_SECONDS
            )
        except ServiceException as error:
            if error.code == "gap":
                self._sent[name] = int(error.extra["expected"])
                return
            if error.status in (401, 404):
                raise RunGone(str(error)) from None
            if error.is_unreachable:
                raise
            # A name that the studio does not take: the other logs go on.
            self._refused.add(name)
        else:
            self._sent[name] = max(int(answer.json()["received"]), sent)
