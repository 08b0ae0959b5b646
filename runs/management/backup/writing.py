"""Writing a backup while the studio is in use."""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import connection
from django.utils import timezone

import studio
from runs.management.backup.database import moment_of
from runs.management.backup.layout import (
    COMPLETE,
    DATABASES,
    FORMAT,
    MANIFEST,
    SECRET,
    Counts,
    Manifest,
    content_in,
)
from runs.stores import freeing, logs
from runs.stores.arrivals import path_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.models import LogFile


def write(target: Path) -> Counts:
    """Write everything that the studio keeps into one file; it appears whole or not at all.

    The database comes first, as of one moment. What it names stays on disk until the end: contents
    never change, and of a log those bytes are read that were committed at that moment.

    Raises:
        BackupError: the database could not be copied.
        OSError: the file cannot be written.
    """
    packing = "w:gz" if target.name.endswith((".gz", ".tgz")) else "w"
    draft = target.with_name(f".{target.name}.part")
    try:
        with (
            freeing.held_off(),
            tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder,
            moment_of(Path(folder)) as moment,
            tarfile.open(draft, packing) as tar,  # type: ignore[call-overload]
        ):
            os.chmod(draft, 0o600)
            counts = _Writer(tar).everything(moment.file, moment.logs)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return counts


class _Writer:
    """Puts one thing after the other into an open tar file, and counts."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._counts = Counts()

    def everything(self, database: Path, log_files: Iterator[LogFile]) -> Counts:
        vendor = connection.vendor
        made_at = timezone.now().isoformat()
        self._add(MANIFEST, Manifest(FORMAT, studio.__version__, vendor, made_at).written())
        self._add_file(DATABASES[vendor], database)
        secret = settings.DATA_DIR / SECRET
        if secret.exists():
            self._add_file(SECRET, secret)
        self._contents(settings.DATA_DIR / "blobs")
        for log in log_files:
            self._log(log)
        self._add(COMPLETE, json.dumps(asdict(self._counts)).encode())
        return self._counts

    def _contents(self, root: Path) -> None:
        for path in sorted(root.rglob("*")):
            name = f"blobs/{path.relative_to(root)}"
            if content_in(name):
                self._add_file(name, path)
                self._counts.contents += 1

    def _log(self, log: LogFile) -> None:
        path = logs.path_of(log)
        if not path.exists() or path.stat().st_size < log.size:
            self._counts.missing += log.size > 0
            return
        name = str(path.relative_to(settings.DATA_DIR))
        with path.open("rb") as file:
            self._add_stream(name, file, log.size)
        times = path_beside(path)
        if times.exists():
            self._add_file(str(times.relative_to(settings.DATA_DIR)), times)
        self._counts.logs += 1

    def _add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self._add_stream(name, file, os.fstat(file.fileno()).st_size)

    def _add(self, name: str, data: bytes) -> None:
        self._add_stream(name, io.BytesIO(data), len(data))

    def _add_stream(self, name: str, stream: BinaryIO, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(timezone.now().timestamp())
        self._tar.addfile(member, stream)
        self._counts.bytes += size
