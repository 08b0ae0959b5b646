"""The files that a script left in its outputs folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.contract import places
from studio.runner._reports import RunGone
from studio.sdk import _metrics
from studio.sdk._exceptions import ServiceException, UserErrorException

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from studio.runner._folder import RunFolder
    from studio.sdk._transport import Transport


class Outputs:
    """Uploads the files of ``outputs``, each once."""

    def __init__(self, folder: RunFolder, run_id: str, transport: Transport) -> None:
        self._folder = folder.code / places.OUTPUTS
        self._run_id = run_id
        self._transport = transport
        self._done: set[str] = set()

    def send(self, unless: threading.Event | None = None) -> Iterator[str]:
        """Upload what is not uploaded yet; yields a sentence for each file that is refused.

        No further file is begun once ``unless`` is set.

        Raises:
            ServiceException: the studio does not answer.
            RunGone: it does not know this run.
        """
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.rglob("*")):
            name = f"{places.OUTPUTS}/{path.relative_to(self._folder).as_posix()}"
            # A link may lead to what was never meant to be shared.
            if name in self._done or path.is_symlink() or not path.is_file():
                continue
            if unless is not None and unless.is_set():
                return
            try:
                _metrics.upload(self._transport, self._run_id, name, path)
            except UserErrorException as error:
                yield f"{name} was not uploaded: {error}"
            except UnicodeEncodeError:
                yield f"{_as_text(name)} was not uploaded: its name is no text."
            except ServiceException as error:
                if error.status in (401, 404):
                    raise RunGone(str(error)) from None
                if error.is_unreachable:
                    raise
                yield f"{name} was not uploaded: {error}"
            self._done.add(name)


def _as_text(name: str) -> str:
    # On disk a name need not be text.
    return name.encode("utf-8", "replace").decode()
