"""While a backup reads contents and logs, none of them is removed."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE = "freeing.lock"


@contextmanager
def held_off() -> Iterator[None]:
    """Keep every content and log while the block lasts; waits for what is being freed now."""
    with _path().open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def allowed() -> Iterator[bool]:
    """Say whether contents and logs may be removed in the block; no backup begins meanwhile."""
    with _path().open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _path() -> Path:
    folder = Path(settings.DATA_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / _FILE
