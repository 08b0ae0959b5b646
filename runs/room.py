"""Room on the disk: what goes on without it, and how people learn of it.

Reading does. A write is refused, nothing half of it stays, and the next one after room was made works.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_TIGHT_BYTES, _TIGHT_PART = 100 * 2**20, 0.02


def is_full(error: BaseException) -> bool:
    """Whether that is what a full disk raises, or a quota."""
    if isinstance(error, OperationalError):
        return "disk is full" in str(error) or "No space left" in str(error)
    return isinstance(error, OSError) and error.errno in _FULL


def is_tight() -> bool:
    """Whether so little is left in the data folder that the next write may fail."""
    try:
        total, _, free = shutil.disk_usage(settings.DATA_DIR)
    except OSError:
        return False
    return free < min(_TIGHT_BYTES, total * _TIGHT_PART)


@contextlib.contextmanager
def if_there_is_room() -> Iterator[None]:
    """Do without what the block would note when the disk is full: nobody has asked for it."""
    try:
        yield
    except (OSError, OperationalError) as error:
        if not is_full(error):
            raise
