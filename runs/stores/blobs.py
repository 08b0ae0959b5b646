"""Contents of files under their sha256, for each workspace apart.

Apart, because one workspace must not learn what another one holds by asking for a hash.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 256 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Reads(Protocol):
    """Anything with bytes to read."""

    def read(self, size: int = ..., /) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        ...


class ChecksumError(Exception):
    """The bytes are not those that their sha256 promised."""


def put(workspace_id: int, stream: Reads, *, sha256: str | None = None) -> tuple[str, int]:
    """Store all bytes of ``stream``; returns their sha256 and how many they are.

    The content appears under its name whole or not at all.

    Raises:
        ChecksumError: the bytes have another sha256 than the one given.
    """
    folder = _folder(workspace_id)
    folder.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=folder, prefix="new-")
    try:
        with os.fdopen(handle, "wb") as file:
            digest, size = _copy(stream, file)
            if sha256 is not None and digest != sha256:
                raise ChecksumError(digest)
            file.flush()
            os.fsync(file.fileno())
        final = path_of(workspace_id, digest)
        final.parent.mkdir(exist_ok=True)
        os.replace(draft, final)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return digest, size


def has(workspace_id: int, sha256: str) -> bool:
    """Whether this content is stored."""
    return path_of(workspace_id, sha256).exists()


def keep(workspace_id: int, sha256: str) -> bool:
    """Whether this content is stored; if so, it is not dropped for a while."""
    try:
        os.utime(path_of(workspace_id, sha256))
    except FileNotFoundError:
        return False
    return True


def drop(workspace_id: int, sha256: str, *, unused_for: float) -> bool:
    """Remove a content; returns False if it was put or kept within so many seconds.

    The caller knows that nothing names it. Somebody may be about to: whoever keeps it meanwhile either
    finds it, and then it stays, or does not, and then sends it again.
    """
    path = path_of(workspace_id, sha256)
    aside = path.with_name(f"{sha256}.old")
    if aside.exists() and not path.exists():
        # An earlier try ended halfway.
        os.replace(aside, path)
    try:
        if _age(path) < unused_for:
            return False
        os.replace(path, aside)
    except FileNotFoundError:
        return True
    if _age(aside) < unused_for:
        os.replace(aside, path)
        return False
    aside.unlink()
    return True


def stream(workspace_id: int, sha256: str) -> Iterator[bytes]:
    """Yield a content piece by piece."""
    with path_of(workspace_id, sha256).open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def path_of(workspace_id: int, sha256: str) -> Path:
    """Return where a content lies. Raises ``ValueError`` for what is no sha256."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a sha256: {sha256[:80]!r}")
    return _folder(workspace_id) / sha256[:2] / sha256


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _folder(workspace_id: int) -> Path:
    return Path(settings.DATA_DIR) / "blobs" / str(workspace_id)


def _copy(source: Reads, target: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE):
        digest.update(piece)
        target.write(piece)
        size += len(piece)
    return digest.hexdigest(), size
