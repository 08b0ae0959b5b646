"""What a start needs on disk: tables and static files, both only where something changed."""

from __future__ import annotations

import gc
import hashlib
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command

import runs
from runs.management.refusal import StartError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FINGERPRINT = "static.fingerprint"
_COLLECTING = [
    Path(runs.__file__).with_name(name) for name in ("module_bundles.py", "staticfiles.py")
]


def prepare() -> None:
    """Bring tables and static files up to date, in two children: the memory that takes is given back.

    Raises:
        StartError: it failed; the reason has been printed.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    children = [_begin(work) for work in (_migrate, collect_static)]
    statuses = [os.waitpid(child, 0)[1] for child in children]
    if any(statuses):
        raise StartError(f"The data folder {settings.DATA_DIR} could not be made ready: see above.")


def _begin(work: Callable[[], object]) -> int:
    """Have a child of this process do it; returns its pid."""
    child = os.fork()
    if child:
        return child
    code = 0
    try:
        work()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        code = 1
    os._exit(code)


def _migrate() -> None:
    # Models are made anew for each step, and this process ends soon: nothing is worth collecting.
    gc.disable()
    call_command("migrate", verbosity=0, interactive=False)


def collect_static() -> bool:
    """Collect the static files if any changed since the last time; return whether it did."""
    seal = settings.DATA_DIR / _FINGERPRINT
    now = _fingerprint()
    if seal.exists() and seal.read_text(encoding="ascii") == now and settings.STATIC_ROOT.is_dir():
        return False
    call_command("collectstatic", verbosity=0, interactive=False)
    seal.write_text(now, encoding="ascii")
    return True


def _fingerprint() -> str:
    """Return a hash of names, sizes and times of all static files, and of what sets them together."""
    total = hashlib.sha256()
    for path in [*_COLLECTING, *sorted(_static_files())]:
        facts = path.stat()
        line = f"{path} {facts.st_size} {facts.st_mtime_ns}\n"
        total.update(line.encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _static_files() -> Iterator[Path]:
    roots: list[Path] = settings.STATICFILES_DIRS
    return (path for root in roots for path in root.rglob("*") if path.is_file())
