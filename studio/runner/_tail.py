"""The logs of a run: what the script prints and writes to ./logs, and the runner's own journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.contract import places
from studio.runner._reports import RunGone
from studio.sdk._exceptions import ServiceException
from studio.sdk._logs import LogSender

if TYPE_CHECKING:
    from pathlib import Path

    from studio.runner._folder import RunFolder
    from studio.sdk._transport import Transport

# One sender a run: whoever goes on for a runner that died goes on in its name.
_SESSION = "runner"


class Tail:
    """Sends what is new in the logs of a run."""

    def __init__(self, folder: RunFolder, run_id: str, transport: Transport) -> None:
        self._folder = folder
        self._sender = LogSender(run_id, transport, session=_SESSION, logs=self._logs)

    def send(self) -> None:
        """Send all that is new now.

        Raises:
            ServiceException: the studio does not answer.
            RunGone: it does not know this run.
        """
        try:
            self._sender.send()
        except ServiceException as error:
            if error.status in (401, 404):
                raise RunGone(str(error)) from None
            raise

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
