"""Bringing a studio back from its backup, into a data folder that has none."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from runs.management.backup.database import bring_back, check_empty
from runs.management.backup.layout import (
    COMPLETE,
    DATABASES,
    MANIFEST,
    SECRET,
    BackupError,
    Counts,
    Manifest,
    belongs,
    content_in,
    is_log,
)

_PIECE = 1024 * 1024
_FOLDER = "restoring"


def restore(source: Path) -> Counts:
    """Bring everything in a backup back. Nothing is in its place before all of it was read and checked.

    Raises:
        BackupError: it is broken or of another kind; there is a studio in the data folder already.
        OSError: a file cannot be read or written.
    """
    _check_folder()
    check_empty()
    folder = settings.DATA_DIR / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        manifest, counts = _unpacked(source, folder)
        _put_in_place(folder, manifest)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    connection.close()
    _check_known()
    call_command("migrate", verbosity=0, interactive=False)
    return counts


def _check_folder() -> None:
    taken = [name for name in ("blobs", "logs") if (settings.DATA_DIR / name).exists()]
    if connection.vendor == "sqlite" and Path(settings.DATABASES["default"]["NAME"]).exists():
        taken.append("a database")
    if taken:
        raise BackupError(
            f"The data folder {settings.DATA_DIR} holds a studio already ({', '.join(taken)}). "
            "Name an empty one in STUDIO_DATA_DIR, or move that one away."
        )


def _unpacked(source: Path, folder: Path) -> tuple[Manifest, Counts]:
    try:
        with tarfile.open(source, "r|*") as tar:
            return _members(tar, folder)
    except (tarfile.TarError, EOFError, UnicodeDecodeError) as error:
        raise BackupError(f"{source.name} is no backup, or was cut off: {error}") from None


def _members(tar: tarfile.TarFile, folder: Path) -> tuple[Manifest, Counts]:
    manifest, counts = None, Counts()
    for member in tar:
        stream = tar.extractfile(member) if member.isreg() else None
        if stream is None or (manifest is not None and not belongs(member.name)):
            raise BackupError(f"{member.name[:200]!r} does not belong into a backup.")
        if manifest is None:
            if member.name != MANIFEST or member.size > _PIECE:
                raise BackupError("This is no backup of a studio.")
            manifest = _of_this_database(Manifest.read(stream.read()))
        elif member.name == COMPLETE:
            return manifest, counts
        else:
            _unpack(stream, member.name, folder)
            counts.bytes += member.size
            counts.contents += member.name.startswith("blobs/")
            counts.logs += is_log(member.name)
    raise BackupError("The backup was cut off: its end is missing. Take another one.")


def _of_this_database(manifest: Manifest) -> Manifest:
    if manifest.database != connection.vendor:
        raise BackupError(
            f"This is the backup of a studio on {manifest.database}, and DATABASE_URL names "
            f"{connection.vendor}. Name a database of that kind."
        )
    return manifest


def _unpack(stream: IO[bytes], name: str, folder: Path) -> None:
    path = folder / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            file.write(piece)
    promised = content_in(name)
    if promised and digest.hexdigest() != promised:
        raise BackupError(f"{name} is not what was stored: the backup is broken.")


def _put_in_place(folder: Path, manifest: Manifest) -> None:
    database = folder / DATABASES[manifest.database]
    if not database.exists():
        raise BackupError("The backup holds no database.")
    for name in ("blobs", "logs", SECRET):
        if (folder / name).exists():
            os.replace(folder / name, settings.DATA_DIR / name)
    bring_back(database)


def _check_known() -> None:
    loader = MigrationLoader(connection)
    unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
    if any(app == "runs" for app, _ in unknown):
        raise BackupError(
            "The backup is of a newer Run Studio than this one. It lies in its place: "
            "install that version, then start it."
        )
