"""What was logged, on disk first: nothing is lost when the studio is away or this process dies.

One file for each session (a process that logs to a run). Its first line is a JSON header, every
further line is the CRC-32 of a row in hexadecimal, a space, and the row as JSON. A torn last line is
no row. Beside it a small file says how many rows the studio has; (session, sequence) makes sending
twice harmless.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import uuid
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.contract import environ, limits
from studio.sdk import _config
from studio.sdk._exceptions import ServiceException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio.sdk._transport import Transport

_SUFFIX = ".rows"
_ANSWER_SECONDS = 10.0


class Spool:
    """The file that one process writes its rows for one run to."""

    def __init__(self, run_id: str, transport: Transport) -> None:
        self.session = uuid.uuid4().hex
        folder = folder_for(run_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / f"{self.session}{_SUFFIX}"
        self._lock = threading.Lock()
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        _hold(self._file)
        header = {
            "run": run_id,
            "workspace": transport.workspace,
            "url": transport.url,
            "session": self.session,
            "kind": "metrics",
        }
        os.write(self._file, json.dumps(header).encode() + b"\n")

    def append(self, row: dict[str, Any]) -> None:
        """Keep a row: once this returns, a kill of the process does not lose it."""
        text = json.dumps(row, separators=(",", ":"))
        line = f"{zlib.crc32(text.encode()):08x} {text}\n".encode()
        with self._lock:
            os.write(self._file, line)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


class Outbox:
    """Delivers the rows of one spool file, from where the studio has them to the end."""

    def __init__(self, path: Path, transport: Transport) -> None:
        self._path = path
        self._transport = transport
        self._mark = path.with_suffix(".sent")
        with path.open("rb") as file:
            header = json.loads(file.readline())
            self._start = file.tell()
        self.run_id: str = header["run"]
        self._session: str = header["session"]
        self._sent, self._refused = self._read_mark()
        self.refusal = ""
        self._offset = self._place_of(self._sent + self._refused)

    def left(self) -> int:
        """Return how many rows are still to be delivered."""
        return sum(1 for _ in self._rows(self._offset))

    def pump(self) -> None:
        """Deliver all rows that are in the file now.

        Raises:
            ServiceException: the studio does not answer, or will not take anything of this run.
        """
        while batch := self._batch():
            rows = [row for _, row in batch]
            try:
                self._send(rows)
            except ServiceException as error:
                if error.code == "gap":
                    self._go_back(int(error.extra["expected"]))
                elif error.status in (400, 409, 413) and len(rows) > 1:
                    # One bad row must not hold up the others: find it by sending one at a time.
                    self._one_by_one(batch)
                elif error.status in (400, 409, 413) and "ended more than" not in str(error):
                    self._refuse(batch[-1][0], error)
                else:
                    raise
            else:
                self._moved(batch[-1][0], sent=len(rows))

    def forget(self) -> None:
        """Remove the file: everything in it was delivered."""
        for path in (self._path, self._mark):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._path.parent.rmdir()

    def _one_by_one(self, batch: list[tuple[int, dict[str, Any]]]) -> None:
        for offset, row in batch:
            try:
                self._send([row])
            except ServiceException as error:
                if error.status not in (400, 409, 413) or error.code == "gap":
                    raise
                self._refuse(offset, error)
            else:
                self._moved(offset, sent=1)

    def _refuse(self, offset: int, error: ServiceException) -> None:
        self.refusal = str(error)
        self._moved(offset, refused=1)

    def _send(self, rows: list[dict[str, Any]]) -> None:
        body = {"session": self._session, "sequence": self._sent, "rows": rows}
        self._transport.run(
            "POST", self.run_id, "metrics", json=body, timeout=_ANSWER_SECONDS, patience=0
        )

    def _batch(self) -> list[tuple[int, dict[str, Any]]]:
        """Return the next rows, each with the place in the file behind it."""
        batch = []
        for row in self._rows(self._offset):
            batch.append(row)
            if len(batch) == limits.METRIC_ROWS_PER_BATCH:
                break
        return batch

    def _rows(self, offset: int) -> Iterator[tuple[int, dict[str, Any]]]:
        with self._path.open("rb") as file:
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                offset += len(line)
                checksum, _, text = line.rstrip(b"\n").partition(b" ")
                if checksum == b"%08x" % zlib.crc32(text):
                    yield offset, json.loads(text)

    def _place_of(self, index: int) -> int:
        place = self._start
        for count, (behind, _) in enumerate(self._rows(self._start), 1):
            if count > index:
                break
            place = behind
        return place if index else self._start

    def _moved(self, offset: int, *, sent: int = 0, refused: int = 0) -> None:
        self._offset = offset
        self._sent += sent
        self._refused += refused
        draft = self._mark.with_suffix(".new")
        draft.write_text(json.dumps([self._sent, self._refused]))
        draft.replace(self._mark)

    def _go_back(self, expected: int) -> None:
        """Go to where the studio is: after a crash of its machine it may have less than it said."""
        self._sent = expected
        self._offset = self._place_of(expected + self._refused)

    def _read_mark(self) -> tuple[int, int]:
        try:
            sent, refused = json.loads(self._mark.read_text())
        except (OSError, ValueError):
            return 0, 0
        return int(sent), int(refused)


def folder_for(run_id: str) -> Path:
    """Return the folder of a run's spool: the runner's, or this user's own."""
    if has_runner(run_id):
        return Path(os.environ[environ.SPOOL_DIR])
    return _config.config_dir() / "spool" / run_id


def has_runner(run_id: str) -> bool:
    """Whether a runner stands beside this process, who delivers what this one leaves behind."""
    return bool(os.environ.get(environ.SPOOL_DIR)) and os.environ.get(environ.RUN_ID) == run_id


def drain(folder: Path, transport: Transport) -> int:
    """Deliver what dead processes have left in a folder; returns how many rows are left.

    A file that a living process still writes to is its own business.

    Raises:
        ServiceException: the studio does not answer.
    """
    left = 0
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        with path.open("rb+") as file:
            if not _hold(file.fileno()):
                continue
            try:
                box = Outbox(path, transport)
            except (ValueError, KeyError):
                # Torn before its header was whole: there is no row in it.
                path.unlink()
                continue
            try:
                box.pump()
                box.forget()
            except ServiceException as error:
                if error.is_unreachable:
                    raise
                left += box.left()
    return left


def _hold(file: int) -> bool:
    """Take the file for this process as long as it is open; False when another one has it."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
