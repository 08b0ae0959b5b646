"""A zip that is sent while it is made: neither memory nor disk holds the whole."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def zip_pieces(files: Iterable[tuple[str, bool, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield a zip of ``files``: path, whether it is executable, and its bytes in pieces."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]
        for path, is_executable, pieces in files:
            info = zipfile.ZipInfo(path)
            # Zip keeps the mode of a Unix file in the upper half of this number.
            info.external_attr = (_EXECUTABLE if is_executable else _PLAIN) << 16
            with archive.open(info, "w") as inside:
                for piece in pieces:
                    inside.write(piece)
                    yield outlet.take()
    yield outlet.take()
