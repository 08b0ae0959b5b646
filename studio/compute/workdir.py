"""A run's folder on this machine: its source unpacked, its spec beside it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from studio.contract import limits, places
from studio.contract.launch import LaunchSpec
from studio.runner._folder import RunFolder, write_whole
from studio.sdk._exceptions import ServiceException

if TYPE_CHECKING:
    from pathlib import Path

    from studio.sdk._transport import Transport

# Stands in a folder from its making until it is ready.
PREPARING = "preparing"
_PIECE = 256 * 1024
_PATIENCE_SECONDS = 600.0
_PAUSE_SECONDS = 1.0


class UnsafeSnapshot(Exception):  # noqa: N818 (what it is)
    """A snapshot that is damaged, or would write outside of the run's folder or far too much."""


def prepare(lease: dict[str, Any], root: Path, transport: Transport) -> Path:
    """Make the folder of a leased run below ``root``; returns it.

    Raises:
        UnsafeSnapshot: see there.
        OSError: the disk is full, or the folder cannot be made.
        ServiceException: the studio does not answer.
    """
    # The address that the agent uses leads to the studio from here; the studio's own may not.
    spec = LaunchSpec(**{**lease, "folder": str(root / lease["run_id"]), "url": transport.url})
    folder = RunFolder(root / spec.run_id)
    folder.path.mkdir(mode=0o700, parents=True)
    (folder.path / PREPARING).touch()
    folder.code.mkdir()
    folder.spool.mkdir()
    if spec.snapshot_id is not None:
        _unpack(spec, folder.code, transport)
    # Scripts write there without asking, as they may in Azure.
    with contextlib.suppress(FileExistsError):
        (folder.code / places.OUTPUTS).mkdir()
    # The spec comes last: a folder that has one is ready.
    write_whole(folder.spec, spec.to_json())
    (folder.path / PREPARING).unlink()
    return folder.path


def _unpack(spec: LaunchSpec, code: Path, transport: Transport) -> None:
    with tempfile.TemporaryFile(dir=code.parent) as draft:
        _download(spec, draft, transport)
        draft.seek(0)
        try:
            _unpack_all(draft, code)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise UnsafeSnapshot(f"The snapshot is damaged: {error}") from error


def _download(spec: LaunchSpec, draft: BinaryIO, transport: Transport) -> None:
    """Fetch the snapshot; a studio that restarts meanwhile is waited for."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            draft.seek(0)
            draft.truncate()
            transport.download(places.api(spec.workspace, "runs", spec.run_id, "snapshot"), draft)
        except ServiceException as error:
            if not error.is_unreachable or time.monotonic() > end:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _unpack_all(draft: IO[bytes], code: Path) -> None:
    with zipfile.ZipFile(draft) as archive:
        if sum(info.file_size for info in archive.infolist()) > limits.SNAPSHOT_BYTES:
            raise UnsafeSnapshot("The snapshot is larger than a snapshot may be.")
        for info in archive.infolist():
            _unpack_one(archive, info, code)


def _unpack_one(archive: zipfile.ZipFile, info: zipfile.ZipInfo, code: Path) -> None:
    path = code / info.filename
    parts = info.filename.split("/")
    # Nothing is ever a link here, so a path without ".." cannot lead out.
    if (path.is_absolute() and info.filename.startswith("/")) or ".." in parts or "" in parts:
        raise UnsafeSnapshot(f"The snapshot has an unsafe path: {info.filename!r}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(info) as source, path.open("xb") as target:
        shutil.copyfileobj(source, target, _PIECE)
    if info.external_attr >> 16 & 0o100:
        path.chmod(0o755)
