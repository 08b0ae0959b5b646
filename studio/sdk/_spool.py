"""What was logged, on disk first: nothing is lost when the studio is away or this process dies.

One file for each session (a process that logs to a run). Its first line is a JSON header. In
``*.rows`` every further line is the CRC-32 of a row in hexadecimal, a space, and the row as JSON; a
torn last line is no row. In ``*.text`` all that follows is the text of a log; ``*.end`` is a header
alone. Beside the rows a small file says how many the studio has; (session, sequence) makes sending
twice harmless.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import threading
import uuid
import zlib
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.contract import environ
from studio.sdk import _config
from studio.sdk._exceptions import ServiceException
from studio.sdk._logs import LogSender
from studio.sdk._outbox import Outbox, remove

if TYPE_CHECKING:
    from studio.sdk._transport import Transport

ROWS, TEXT, END = ".rows", ".text", ".end"
_PIECE = 1024 * 1024
_ONE_NUMBER = ("name", "kind", "time", "value")
# json.dumps would make an encoder for every row.
_encode = json.JSONEncoder(separators=(",", ":")).encode


class SessionFile:
    """A file that only this process writes to, at its end, for one run."""

    def __init__(
        self,
        run_id: str,
        transport: Transport | None,
        *,
        suffix: str,
        folder: Path | None,
        session: str = "",
        **told: Any,
    ) -> None:
        self.session = session or uuid.uuid4().hex
        folder = folder or folder_for(run_id)
        header = {
            "run": run_id,
            # Nobody knows yet where the run of a script at a desk will go.
            "workspace": transport.workspace if transport else "",
            "url": transport.url if transport else "",
            "session": self.session,
            **told,
        }
        self.path = folder / f"{uuid.uuid4().hex}{suffix}"
        # A signal handler that logs may come while its own thread is in here.
        self._lock = threading.RLock()
        self._file = _create(self.path, json.dumps(header).encode() + b"\n")

    def size(self) -> int:
        """Return how many bytes are in the file."""
        return self.path.stat().st_size

    def close(self) -> None:
        """Let go of the file; what comes later is not taken."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    def _write(self, data: bytes) -> bool:
        with self._lock:
            if self._file < 0:
                return False
            done = os.write(self._file, data)
            if done < len(data):
                # The disk is full: half a line would spoil the next one.
                os.ftruncate(self._file, os.fstat(self._file).st_size - done)
                raise OSError(f"There is no room left on the disk of {self.path}.")
        return True


class Spool(SessionFile):
    """The file that one process writes its rows for one run to; ``folder_for`` says where else."""

    def __init__(
        self, run_id: str, transport: Transport | None, folder: Path | None = None
    ) -> None:
        super().__init__(run_id, transport, suffix=ROWS, folder=folder, kind="metrics")

    def append(self, row: dict[str, Any]) -> bool:
        """Keep a row: once this returns, a kill of the process does not lose it.

        Returns False, and keeps nothing, once the file is closed.
        """
        text = _as_json(row).encode()
        return self._write(b"%08x %s\n" % (zlib.crc32(text), text))


class TextSpool(SessionFile):
    """The file that one process writes one log of a run to; ``session`` is whose log goes on here."""

    def __init__(self, run_id: str, transport: Transport, name: str, session: str = "") -> None:
        super().__init__(
            run_id, transport, suffix=TEXT, folder=None, session=session, kind="log", path=name
        )

    def append(self, text: str) -> bool:
        """Keep text: once this returns, a kill of the process does not lose it.

        Returns False, and keeps nothing, once the file is closed.
        """
        return self._write(text.encode("utf-8", "backslashreplace"))

    def copy(self, path: Path, begin: int) -> None:
        """Keep what is in a file from a byte on."""
        with path.open("rb") as file:
            file.seek(begin)
            while piece := file.read(_PIECE):
                self._write(piece)

    def forget(self) -> None:
        """Remove the file: everything in it was delivered."""
        remove(self.path)


def folder_for(run_id: str) -> Path:
    """Return the folder of a run's spool: the runner's, or this user's own."""
    if has_runner(run_id):
        return Path(os.environ[environ.SPOOL_DIR])
    return _config.config_dir() / "spool" / run_id


def has_runner(run_id: str) -> bool:
    """Whether a runner stands beside this process, who delivers what this one leaves behind."""
    return bool(os.environ.get(environ.SPOOL_DIR)) and os.environ.get(environ.RUN_ID) == run_id


def drain(folder: Path, transport: Transport) -> int:
    """Deliver what dead processes have left in a folder; returns how many rows and lines are left.

    A file that a living process still writes to is its own business.

    Raises:
        ServiceException: the studio does not answer.
    """
    left = 0
    for suffix, deliver in ((ROWS, _deliver_rows), (TEXT, _deliver_text)):
        for path in sorted(folder.glob(f"*{suffix}")):
            # Another process that delivers may have removed it by now.
            with contextlib.suppress(FileNotFoundError), path.open("rb+") as file:
                # One whose header is not whole is being made at this moment, or holds nothing.
                if hold(file.fileno()) and file.readline().endswith(b"\n"):
                    left += deliver(path, transport)
    return left


def _deliver_rows(path: Path, transport: Transport) -> int:
    """Deliver one file and remove it; returns how many rows of it the studio will not take."""
    box = Outbox(path, transport)
    try:
        box.pump()
    except ServiceException as error:
        if error.is_unreachable:
            raise
        return box.left()
    box.forget()
    return 0


def _deliver_text(path: Path, transport: Transport) -> int:
    """Deliver one file and remove it; returns how many lines of it the studio will not take."""
    with path.open("rb") as file:
        header = json.loads(file.readline())
        start = file.tell()
    name = header["path"]
    sender = LogSender(
        header["run"],
        transport,
        session=header["session"],
        logs=lambda: {name: path},
        begin={name: start},
    )
    try:
        sender.send()
    except ServiceException as error:
        if error.is_unreachable:
            raise
    if not (left := sender.lines_left(name)):
        remove(path)
    return left


def _as_json(row: dict[str, Any]) -> str:
    """Return a row as JSON; a single number, by far the most common one, in a third of the time."""
    keys = tuple(row)
    if keys[:4] == _ONE_NUMBER and (len(keys) == 4 or keys[4:] == ("step",)):
        value = row["value"]
        if type(value) is int or (type(value) is float and math.isfinite(value)):
            step = f',"step":{row["step"]}' if len(keys) == 5 else ""
            name = encode_basestring_ascii(row["name"])
            return (
                f'{{"name":{name},"kind":"{row["kind"]}","time":{row["time"]!r},'
                f'"value":{value!r}{step}}}'
            )
    return _encode(row)


def _create(path: Path, header: bytes) -> int:
    for attempt in range(3):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except FileNotFoundError:
            # Another session of this run has just removed the folder with its last file.
            if attempt == 2:
                raise
        else:
            break
    hold(file, wait=True)
    os.write(file, header)
    return file


def hold(file: int, *, wait: bool = False) -> bool:
    """Take the file for this process as long as it is open; False when another one has it."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True
