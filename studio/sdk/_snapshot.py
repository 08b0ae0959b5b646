"""The source directory, on its way to the studio: only contents that are not there yet are sent."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.contract import limits
from studio.sdk._exceptions import ServiceException, SnapshotException
from studio.sdk._ignore import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from studio.sdk._transport import Transport

_SEND_SECONDS = 300.0
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    sha256: str
    size: int
    executable: bool


def id_of(files: Mapping[str, _File]) -> str:
    """Return the id that the studio gives to a snapshot of these files."""
    return hashlib.sha256(
        json.dumps(_manifest(files), sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def _manifest(files: Mapping[str, _File]) -> dict[str, dict[str, Any]]:
    return {
        name: {"sha256": file.sha256, "size": file.size, "executable": file.executable}
        for name, file in files.items()
    }


def upload(folder: Path, transport: Transport, *, hint: str = "") -> str:
    """Keep the files of a folder in the studio; returns the snapshot's id.

    Raises:
        SnapshotException: more than 300 MB or 20,000 files, or a file that cannot be read.
    """
    files = files_of(folder.resolve(), hint)
    try:
        told = transport.api("POST", "snapshots", json={"files": _manifest(files)}).json()
        if told["missing"]:
            _send(transport, told["snapshotId"], files, set(told["missing"]))
    except ServiceException as error:
        if error.status in (400, 413, 422):
            raise SnapshotException(
                f"The source directory {folder} cannot be kept. {error}"
            ) from None
        raise
    return str(told["snapshotId"])


def files_of(folder: Path, hint: str = "") -> dict[str, _File]:
    """Return the files of a folder that are not ignored, by their path; raises as ``upload``."""
    found: dict[str, _File] = {}
    total = 0
    for name, path in _walk(folder, Rules.of(folder)):
        try:
            size = path.stat().st_size
            total += size
            _check_size(folder, total, len(found) + 1, hint)
            found[name] = _File(path, _sha256(path), size, os.access(path, os.X_OK))
        except OSError as error:
            raise SnapshotException(f"The source file {path} cannot be read: {error}") from None
    return found


def _walk(folder: Path, rules: Rules) -> Iterator[tuple[str, Path]]:
    for place, folders, files in os.walk(folder):
        base = Path(place).relative_to(folder).as_posix()
        start = "" if base == "." else f"{base}/"
        # An ignored folder is not entered, so nothing inside it can be called back: as git does it.
        folders[:] = sorted(f for f in folders if not rules.ignores(start + f, is_folder=True))
        for name in sorted(files):
            path = Path(place, name)
            # A link out of the folder would carry away what was never meant to go.
            inside = path.is_file() and path.resolve().is_relative_to(folder)
            if inside and not rules.ignores(start + name, is_folder=False):
                yield start + name, path


def _check_size(folder: Path, size: int, count: int, hint: str) -> None:
    if size > limits.SNAPSHOT_BYTES or count > limits.SNAPSHOT_FILES:
        raise SnapshotException(
            f"The source directory {folder} has more than "
            f"{limits.SNAPSHOT_BYTES // 2**20} MB or {limits.SNAPSHOT_FILES:,} files. "
            f"Name what is not source (data, outputs) in {folder / '.amlignore'}, one pattern a line, "
            f"or choose a smaller folder.{hint}"
        )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _send(transport: Transport, sid: str, files: dict[str, _File], missing: set[str]) -> None:
    by_content: dict[str, _File] = {file.sha256: file for file in files.values()}
    with tempfile.TemporaryFile() as draft:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for sha256 in sorted(missing):
                archive.write(by_content[sha256].path, sha256)
        size = draft.tell()
        draft.seek(0)
        options: dict[str, Any] = {
            "headers": {"Content-Length": str(size)},
            "timeout": _SEND_SECONDS,
        }
        transport.api("PUT", "snapshots", sid, "content", body=draft, **options)
