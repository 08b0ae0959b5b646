"""Inside ``with run:`` what is printed, and what is written to ./logs, becomes logs of the run."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

from studio.contract import places
from studio.sdk._exceptions import ServiceException
from studio.sdk._kept import Kept
from studio.sdk._logs import LogSender
from studio.sdk._spool import TextSpool

if TYPE_CHECKING:
    from studio.sdk._transport import Transport

_LOOK_EVERY = 1.0
_PAUSE = 0.2


class Capture:
    """Keeps what goes to stdout and stderr, and sends it and ``./logs`` while the block lasts.

    What is printed is spooled: it survives a kill of this process, and what another process writes
    to the same folder is not taken for it. ``./logs/user_log.txt`` is a copy to read on the spot.
    """

    def __init__(self, run_id: str, transport: Transport) -> None:
        self._run_id = run_id
        self._transport = transport
        self._folder = Path(places.LOGS).resolve()
        self._folder.mkdir(exist_ok=True)
        self._spool = TextSpool(run_id, transport, places.BLOCK_LOG)
        # Other runs may have written here before: only what comes now is this run's.
        self._begin = {name: path.stat().st_size for name, path in self._logs().items()}
        self._sender = LogSender(
            run_id,
            transport,
            session=self._spool.session,
            logs=self._logs,
            begin=self._begin,
            on_full=self._say,
        )
        self._copy = (self._folder / Path(places.BLOCK_LOG).name).open(
            "a", encoding="utf-8", errors="backslashreplace"
        )
        self._before = sys.stdout, sys.stderr
        sys.stdout = _Copying(sys.stdout, self._spool, self._copy)
        sys.stderr = _Copying(sys.stderr, self._spool, self._copy)
        self._over = threading.Event()
        self._end = 0.0
        self._refusal = ""
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self, last: str = "") -> None:
        """Give stdout and stderr back; ``last`` is a text for the log alone."""
        sys.stdout, sys.stderr = self._before
        if last:
            _keep(last, self._spool, self._copy)
        self._spool.close()
        self._copy.close()

    def finish(self, end: float) -> Kept | None:
        """Send the rest until a time of the monotonic clock; returns what is left for later."""
        self._end = end
        self._over.set()
        self._thread.join(max(end - time.monotonic(), 0))
        left = {name: n for name in self._logs() if (n := self._sender.lines_left(name))}
        for name in left.keys() - self._sender.refused - {places.BLOCK_LOG}:
            # The next run may write to the same file: this one's part is kept apart.
            self._keep_apart(name)
        path = self._spool.path
        if left.keys() - {places.BLOCK_LOG}:
            path = path.parent
        if places.BLOCK_LOG not in left:
            self._spool.forget()
        lines = sum(n for name, n in left.items() if name not in self._sender.refused)
        if not lines:
            return None
        return Kept(self._run_id, self._transport.url, path, lines=lines, reason=self._refusal)

    def _say(self, sentence: str) -> None:
        """Tell whoever sits at the terminal; in the log it would not be kept."""
        print(sentence, file=self._before[1])

    def _keep_apart(self, name: str) -> None:
        spool = TextSpool(self._run_id, self._transport, name, self._spool.session)
        with contextlib.suppress(OSError):
            spool.copy(self._logs()[name], self._begin.get(name, 0))
        spool.close()

    def _work(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            with contextlib.suppress(ServiceException):
                self._sender.send()
        while True:
            try:
                self._sender.send()
                return
            except ServiceException as error:
                if not error.is_unreachable:
                    self._refusal = str(error)
                    return
                if time.monotonic() + _PAUSE > self._end:
                    return
            time.sleep(_PAUSE)

    def _logs(self) -> dict[str, Path]:
        found = {
            f"{places.LOGS}/{path.relative_to(self._folder).as_posix()}": path
            for path in sorted(self._folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }
        return found | {places.BLOCK_LOG: self._spool.path}


class _Copying:
    """A text stream whose text is also kept; everything else is as the stream does it."""

    def __init__(self, stream: TextIO, spool: TextSpool, copy: IO[str]) -> None:
        self._stream = stream
        self._spool = spool
        # In a block within a block, the outer one writes the copy.
        self._copy = None if isinstance(stream, _Copying) else copy

    def write(self, text: str) -> int:
        _keep(text, self._spool, self._copy)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _keep(text: str, spool: TextSpool, copy: IO[str] | None) -> None:
    with contextlib.suppress(ValueError, OSError):
        spool.append(text)
        if copy is not None:
            copy.write(text)
            copy.flush()
