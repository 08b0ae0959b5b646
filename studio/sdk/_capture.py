"""Inside ``with run:`` what is printed, and what is written to ./logs, becomes logs of the run."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

from studio.contract import limits, places
from studio.sdk._exceptions import ServiceException
from studio.sdk._logs import LogSender

if TYPE_CHECKING:
    from studio.sdk._transport import Transport

_LOOK_EVERY = 1.0


class Capture:
    """Copies stdout and stderr to ``./logs/user_log.txt`` and sends ``./logs`` while it lasts."""

    def __init__(self, run_id: str, transport: Transport) -> None:
        self._folder = Path(places.LOGS).resolve()
        self._folder.mkdir(exist_ok=True)
        # Other runs may have written here before: only what comes now is this run's.
        begin = {name: path.stat().st_size for name, path in self._logs().items()}
        self._sender = LogSender(
            run_id, transport, session=uuid.uuid4().hex, logs=self._logs, begin=begin
        )
        self._file = (self._folder / Path(places.BLOCK_LOG).name).open("a", encoding="utf-8")
        self._before = sys.stdout, sys.stderr
        sys.stdout = _Copying(sys.stdout, self._file)
        sys.stderr = _Copying(sys.stderr, self._file)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def close(self, last: str = "") -> None:
        """Give stdout and stderr back, and send the rest; waits up to ten seconds for the studio.

        ``last`` is a text for the log alone.
        """
        sys.stdout, sys.stderr = self._before
        self._file.write(last)
        self._file.close()
        self._over.set()
        self._thread.join(timeout=1)
        end = time.monotonic() + limits.EXIT_WAIT_SECONDS
        while True:
            try:
                self._sender.send()
                return
            except ServiceException as error:
                if not error.is_unreachable or time.monotonic() > end:
                    print(
                        f"Run Studio: the end of the log was not delivered. It is in {self._folder}.",
                        file=sys.stderr,
                    )
                    return
            time.sleep(_LOOK_EVERY / 2)

    def _work(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            with contextlib.suppress(ServiceException):
                self._sender.send()

    def _logs(self) -> dict[str, Path]:
        return {
            f"{places.LOGS}/{path.relative_to(self._folder).as_posix()}": path
            for path in sorted(self._folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }


class _Copying:
    """A text stream that also writes to a file; everything else is as the stream does it."""

    def __init__(self, stream: TextIO, copy: IO[str]) -> None:
        self._stream = stream
        self._copy = copy

    def write(self, text: str) -> int:
        with contextlib.suppress(ValueError, OSError):
            self._copy.write(text)
            self._copy.flush()
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
