"""A zip that is sent while it is made: neither memory nor disk holds the whole."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A drive, a folder of another system, or what no terminal should print.
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f\\]|(?<=^[A-Za-z]):")
_PLAIN, _EXECUTABLE = 0o100644, 0o100755


class _Outlet:
    """What zipfile writes to; it holds the bytes until they are sent."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: ``take`` is what empties it."""

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


def safe_name(path: str) -> str:
    """Return a path that stays below the folder where somebody unpacks it, whatever it was before."""
    parts = _NOT_IN_A_NAME.sub("_", path).split("/")
    return "/".join("_" if part in ("", ".", "..") else part for part in parts)


def zip_pieces(files: Iterable[tuple[str, bool, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield a zip of ``files``: path, whether it is executable, and its bytes in pieces."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]
        for path, is_executable, pieces in files:
            info = zipfile.ZipInfo(safe_name(path))
            # Zip keeps the mode of a Unix file in the upper half of this number.
            info.external_attr = (_EXECUTABLE if is_executable else _PLAIN) << 16
            with archive.open(info, "w", force_zip64=True) as inside:
                for piece in pieces:
                    inside.write(piece)
                    yield outlet.take()
    yield outlet.take()
