"""Long polls: an answer that waits, without holding every thread of the studio."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

HELD_AT_ONCE = 32
LOOK_EVERY = 0.3
# What a caller is told who found no free place: ask again after this many seconds.
SHORTLY = 1

_places = threading.BoundedSemaphore(HELD_AT_ONCE)


def wait_for(look: Callable[[], T | None], seconds: float) -> tuple[T | None, bool]:
    """Return the first answer of ``look`` within ``seconds``, and whether there was a place to wait."""
    if not _places.acquire(blocking=False):
        return look(), False
    try:
        end = time.monotonic() + seconds
        while (answer := look()) is None and time.monotonic() < end:
            time.sleep(LOOK_EVERY)
        return answer, True
    finally:
        _places.release()
