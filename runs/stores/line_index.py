"""Where the lines of a log are, without reading it: how many line ends stand before each 64 KiB of it.

A record is 8 bytes and tells nothing but what the committed bytes tell, so whoever finds it missing
or wrong may write it again, at its place, beside anybody else. A record of bytes that were never
committed is cut off by the next append, as those bytes are, and never read before.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 64 * 1024
_RECORD = struct.Struct("<Q")
_BLOCKS_AT_ONCE = 16


class LineIndex:
    """The line ends of the first ``size`` bytes of a log; ``lines`` is how many there are."""

    def __init__(self, log: Path, *, size: int, lines: int) -> None:
        self._log = log
        self._path = log.with_name(f"{log.name}.lines")
        self._size = size
        self._lines = lines

    def extend(self, data: bytes) -> None:
        """Note the line ends of ``data``, which follows the committed bytes.

        An index that is behind stays so: whoever reads next brings it up to date.
        """
        known = self._size // BLOCK
        complete = (self._size + len(data)) // BLOCK
        if complete == known and not known:
            return
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(handle).st_size < known * _RECORD.size:
                return
            os.ftruncate(handle, known * _RECORD.size)
            count, begin = self._lines, 0
            for block in range(known, complete):
                end = (block + 1) * BLOCK - self._size
                count += data.count(b"\n", begin, end)
                begin = end
                os.pwrite(handle, _RECORD.pack(count), block * _RECORD.size)
        finally:
            os.close(handle)

    def offset_of(self, number: int) -> int:
        """Return where line ``number`` begins, counted from 1; the end of the log for one behind it."""
        if number <= 1:
            return 0
        if number - 1 > self._lines:
            return self._size
        found = self._end_of(number - 1)
        if found is None:
            # What is on disk is not what was written, as after a loss of power.
            self._path.unlink(missing_ok=True)
            found = self._end_of(number - 1)
        return self._size if found is None else found

    def _end_of(self, line: int) -> int | None:
        """Return the place behind the end of a line, None when index and log do not agree."""
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            with self._log.open("rb", buffering=0) as log, os.fdopen(handle, "r+b", 0) as index:
                self._catch_up(log.fileno(), index.fileno())
                block, before, upto = self._block_of(index.fileno(), line)
                data = os.pread(log.fileno(), BLOCK, block * BLOCK)
        except FileNotFoundError:
            return None
        data = data[: self._size - block * BLOCK]
        if data.count(b"\n") != upto - before:
            return None
        place = -1
        for _ in range(line - before):
            place = data.find(b"\n", place + 1)
        return block * BLOCK + place + 1

    def _block_of(self, index: int, line: int) -> tuple[int, int, int]:
        """Return the block in which a line ends, with the line ends before it and up to its end."""
        low, high = 0, self._size // BLOCK
        while low < high:
            middle = (low + high) // 2
            if _record(index, middle) >= line:
                high = middle
            else:
                low = middle + 1
        before = _record(index, low - 1) if low else 0
        return low, before, _record(index, low) if low < self._size // BLOCK else self._lines

    def _catch_up(self, log: int, index: int) -> None:
        known, complete = os.fstat(index).st_size // _RECORD.size, self._size // BLOCK
        count = _record(index, min(known, complete) - 1) if known and complete else 0
        while known < complete:
            data = os.pread(log, BLOCK * _BLOCKS_AT_ONCE, known * BLOCK)
            fresh = range(min(len(data) // BLOCK, complete - known))
            if not fresh:
                return
            counts = []
            for block in fresh:
                count += data.count(b"\n", block * BLOCK, (block + 1) * BLOCK)
                counts.append(_RECORD.pack(count))
            os.pwrite(index, b"".join(counts), known * _RECORD.size)
            known += len(fresh)


def _record(index: int, number: int) -> int:
    data = os.pread(index, _RECORD.size, number * _RECORD.size)
    # Short where the log itself was cut: the answer is then checked against it, and not believed.
    count: int = _RECORD.unpack(data.ljust(_RECORD.size, b"\0"))[0]
    return count
