"""One studio for one data folder."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from runs.management.refusal import StartError

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "studio.lock"


def hold(data_dir: Path) -> int:
    """Hold the data folder while the returned file is open, here or in what this process becomes.

    The system lets go of it when the process ends, even after a kill -9.

    Raises:
        StartError: another process holds it.
    """
    handle = os.open(data_dir / _FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(handle, 32).decode("ascii", "replace").strip()
        os.close(handle)
        raise StartError(_taken(data_dir, pid)) from None
    os.truncate(handle, 0)
    os.write(handle, str(os.getpid()).encode("ascii"))
    return handle


def _taken(data_dir: Path, pid: str) -> str:
    return (
        f"A studio already runs on the data folder {data_dir} (process {pid or 'unknown'}). "
        "Stop it first, or choose another folder with STUDIO_DATA_DIR."
    )
