"""One studio for one data folder."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runs.management.refusal import StartError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILE = "studio.lock"


@contextmanager
def only_studio_in(data_dir: Path) -> Iterator[None]:
    """Hold the data folder while the block runs; the system lets go even after a kill -9.

    Raises:
        StartError: another process holds it.
    """
    handle = os.open(data_dir / _FILE, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(_taken(data_dir, file.read().strip())) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _taken(data_dir: Path, pid: str) -> str:
    return (
        f"A studio already runs on the data folder {data_dir} (process {pid or 'unknown'}). "
        "Stop it first, or choose another folder with STUDIO_DATA_DIR."
    )
