"""The bytes of logs: one file for each log of a run.

The database says how many bytes of it are committed. What lies behind them on disk is the rest of a
transaction that never ended: it is never read, and cut off by the next append.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from runs.stores.arrivals import Arrivals
from runs.stores.line_index import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runs.models import LogFile

_PIECE = 256 * 1024


def append(log: LogFile, data: bytes, *, age_ms: int = 0) -> None:
    """Write ``data``, so many milliseconds old, behind the committed bytes.

    The caller commits the new size.
    """
    path = path_of(log)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        file.truncate(log.size)
        file.seek(log.size)
        file.write(data)
    _index(log).extend(data)
    Arrivals(path, size=log.size).note(max(0, int(time.time() * 1000) - age_ms))


def read(log: LogFile, offset: int, limit: int) -> bytes:
    """Return up to ``limit`` committed bytes from ``offset`` on."""
    wanted = min(limit, log.size - offset)
    if wanted <= 0:
        return b""
    try:
        with path_of(log).open("rb") as file:
            file.seek(offset)
            return file.read(wanted)
    except FileNotFoundError:
        return b""


def offset_of(log: LogFile, number: int) -> int:
    """Return where line ``number`` begins, counted from 1; the end of the log for one behind it."""
    return _index(log).offset_of(number)


def times(log: LogFile, places: Sequence[int]) -> list[int | None]:
    """Return when the bytes at some growing places arrived, in milliseconds of the epoch, UTC.

    None stands for what nobody noted, as in a log that is older than such notes.
    """
    return Arrivals(path_of(log), size=log.size).of(places)


def stream(log: LogFile) -> Iterator[bytes]:
    """Yield all committed bytes, piece by piece."""
    for offset in range(0, log.size, _PIECE):
        yield read(log, offset, _PIECE)


def drop(run_key: int) -> None:
    """Remove all logs of the run that had this key. No other run will ever have it."""
    shutil.rmtree(_folder(run_key), ignore_errors=True)


def path_of(log: LogFile) -> Path:
    """Return where a log lies."""
    # The name is never the user's: a path from outside does not reach the disk.
    name = hashlib.sha256(log.path.encode()).hexdigest()[:32]
    return _folder(log.run_id) / name


def _index(log: LogFile) -> LineIndex:
    return LineIndex(path_of(log), size=log.size, lines=log.lines)


def _folder(run_key: int) -> Path:
    return Path(settings.DATA_DIR) / "logs" / str(run_key // 1000) / str(run_key)
