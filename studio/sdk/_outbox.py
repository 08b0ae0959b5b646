"""Delivers the rows of a spool file, each once, whatever becomes of a request or its answer."""

from __future__ import annotations

import contextlib
import json
import zlib
from typing import TYPE_CHECKING

from studio.contract import limits
from studio.sdk._exceptions import ServiceException

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from studio.sdk._transport import Answer, Transport

# Sending again is harmless, and at exit there are ten seconds: enough for a second try.
_ANSWER_SECONDS = 5.0
# Well below what the studio takes at once, so that long texts travel in fewer rows.
_BATCH_BYTES = limits.JSON_BODY_BYTES // 2


class Outbox:
    """Delivers the rows of one spool file, from where the studio has them to the end.

    Rows are not parsed on the way: what this costs is taken from the training beside it.
    """

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
        self._most = limits.METRIC_ROWS_PER_BATCH
        self.refusal = ""
        self.offset = self._place_of(self._sent)

    def left(self) -> int:
        """Return how many rows are still to be delivered."""
        return sum(1 for _ in self._rows(self.offset))

    def pump(self) -> None:
        """Deliver all rows that are in the file now.

        Raises:
            ServiceException: the studio does not answer, or will not take anything of this run.
        """
        while batch := self._batch():
            try:
                self._send([text for _, text in batch])
            except ServiceException as error:
                if error.code == "gap":
                    # A studio whose machine crashed may have less than it said.
                    self._sent = int(error.extra["expected"])
                    self.offset = self._place_of(self._sent)
                elif not _is_about_rows(error):
                    raise
                elif len(batch) > 1:
                    # One bad row must not hold up the others: close in on it.
                    self._most = len(batch) // 2
                else:
                    self._refuse(batch[0][0], error)
            else:
                self._most = min(2 * self._most, limits.METRIC_ROWS_PER_BATCH)
                self._moved(batch[-1][0], self._sent + len(batch))

    def forget(self) -> None:
        """Remove the file: everything in it was delivered."""
        remove(self._path, self._mark)

    def _send(self, rows: list[bytes]) -> None:
        head = {"session": self._session, "sequence": self._sent}
        body = json.dumps(head).encode()[:-1] + b', "rows": [' + b",".join(rows) + b"]}"
        answer = self._transport.run(
            "POST",
            self.run_id,
            "metrics",
            body=body,
            headers={"Content-Type": "application/json"},
            timeout=_ANSWER_SECONDS,
            patience=0,
        )
        if received(answer) < self._sent + len(rows):
            raise ServiceException("The studio has stored less than it was sent.")

    def _refuse(self, behind: int, error: ServiceException) -> None:
        self.refusal = str(error)
        self._refused.add(behind)
        self._moved(behind, self._sent)

    def _batch(self) -> list[tuple[int, bytes]]:
        """Return the next rows, each with the place in the file behind it."""
        batch = []
        size = 0
        for behind, text in self._rows(self.offset):
            batch.append((behind, text))
            size += len(text)
            if len(batch) == self._most or size > _BATCH_BYTES:
                break
        return batch

    def _rows(self, offset: int) -> Iterator[tuple[int, bytes]]:
        with self._path.open("rb") as file:
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                offset += len(line)
                if line[:8] == b"%08x" % zlib.crc32(line[9:-1]):
                    yield offset, line[9:-1]

    def _place_of(self, index: int) -> int:
        """Return the place before the row that the studio counts as ``index``."""
        place = self._start
        rows = self._rows(place)
        while index > 0 and (row := next(rows, None)):
            place = row[0]
            index -= place not in self._refused
        return place

    def _moved(self, behind: int, sent: int) -> None:
        self.offset, self._sent = behind, sent
        draft = self._mark.with_suffix(".new")
        draft.write_text(json.dumps([self._sent, sorted(self._refused)]))
        draft.replace(self._mark)

    def _read_mark(self) -> tuple[int, set[int]]:
        try:
            sent, refused = json.loads(self._mark.read_text())
            return int(sent), {int(behind) for behind in refused}
        except (OSError, ValueError, TypeError):
            # Without it all is sent again, and the studio skips what it has.
            return 0, set()


def remove(*paths: Path) -> None:
    """Remove files of a spool, and the folder with the last of them."""
    for path in paths:
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        paths[0].parent.rmdir()


def received(answer: Answer) -> int:
    """Return how much of a session the studio has, from its answer to an append.

    Raises:
        ServiceException: the answer was cut off, or something else gave it: it proves nothing.
    """
    try:
        return int(answer.json()["received"])
    except (ValueError, KeyError, TypeError):
        raise ServiceException("The studio's answer was not whole.") from None


def _is_about_rows(error: ServiceException) -> bool:
    """Whether the studio refused these rows, not everything of the run."""
    return error.status in (400, 409, 413) and "ended more than" not in str(error)
