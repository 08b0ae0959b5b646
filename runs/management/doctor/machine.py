"""The machine: the data folder, room on its disk, the clock."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from runs.management.doctor.finding import broken, good, poor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.management.doctor.finding import Finding

_FULL_BYTES, _TIGHT_BYTES, _TIGHT_PART = 100 * 2**20, 2**30, 0.05
_SKEW_SECONDS = 5.0


def look() -> Iterator[Finding]:
    """Yield what there is to say of the machine."""
    yield from _folder()
    yield from _room()
    yield from _clock()


def _folder() -> Iterator[Finding]:
    folder = settings.DATA_DIR
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        mend = f"Give the account that runs the studio the right to write to {folder}."
        yield broken("data folder", f"{folder} cannot be written: {error.strerror}", mend)
        return
    loose = [path for path in (folder, folder / "secret_key") if _is_open_to_others(path)]
    if loose:
        mend = "chmod go= " + " ".join(map(str, loose))
        yield poor("data folder", "other accounts of this machine can read secrets in it", mend)
    else:
        yield good("data folder", f"{folder}, closed to other accounts")


def _is_open_to_others(path: os.PathLike[str]) -> bool:
    try:
        return bool(stat.S_IMODE(os.stat(path).st_mode) & 0o077)
    except FileNotFoundError:
        return False


def _room() -> Iterator[Finding]:
    total, _, free = shutil.disk_usage(settings.DATA_DIR)
    says = f"{free / 2**30:,.1f} GB of {total / 2**30:,.1f} GB are free"
    mend = "Delete runs or empty the bin, or move the data folder to a larger disk."
    if free < _FULL_BYTES:
        yield broken("disk", says, mend)
    elif free < min(_TIGHT_BYTES, total * _TIGHT_PART):
        yield poor("disk", says, mend)
    else:
        yield good("disk", says)


def _clock() -> Iterator[Finding]:
    with tempfile.NamedTemporaryFile(dir=settings.DATA_DIR) as probe:
        apart = abs(os.stat(probe.name).st_mtime - time.time())
    others = "its disk"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            apart = max(apart, abs(float(cursor.fetchone()[0]) - time.time()))
        others = "its disk and its database"
    if apart > _SKEW_SECONDS:
        mend = "Let both machines take their time from the same server (NTP)."
        yield poor("clock", f"{apart:,.0f} s away from that of {others}", mend)
    else:
        yield good("clock", f"agrees with that of {others}")
