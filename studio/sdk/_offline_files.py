"""Files, output and source of an offline run."""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from studio.contract import places
from studio.sdk import _snapshot
from studio.sdk._exceptions import SnapshotException, UserErrorException
from studio.sdk._offline_store import SNAPSHOT, Store
from studio.sdk._record import Record

if TYPE_CHECKING:
    import os


class OfflineFiles(Record):
    """The methods of a run that move files, to and from the folder of an offline one."""

    _store: Store

    def upload_file(
        self, name: str, path_or_stream: str | os.PathLike[str] | BinaryIO, **ignored: Any
    ) -> None:
        """Keep a file of the run under ``name``.

        Raises:
            UserErrorException: no such file, or another file has that name already.
        """
        print(f"Attempted to upload {name}")
        if isinstance(path_or_stream, str) or hasattr(path_or_stream, "__fspath__"):
            try:
                with Path(path_or_stream).open("rb") as stream:
                    self._store.put(name, stream)
            except OSError as error:
                reason = f"The file {path_or_stream} cannot be read: {error}"
                raise UserErrorException(reason) from None
        else:
            self._store.put(name, io.BytesIO(path_or_stream.read()))

    def take_snapshot(self, file_or_folder_path: str | os.PathLike[str]) -> str:
        """Keep a folder as the source of the run; returns the id it will have in the studio.

        Raises:
            SnapshotException: the run has another one already, or the folder is too large.
        """
        known = self._store.record.get("snapshotId")
        source = Path(file_or_folder_path).resolve()
        found = _snapshot.files_of(source)
        sid = _snapshot.id_of(found)
        if known not in (None, sid):
            raise SnapshotException("The run has another snapshot already; it keeps that one.")
        for name, file in found.items():
            target = self._store.folder / SNAPSHOT / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file.path, target)
        self._store.save(snapshotId=sid)
        return sid

    def restore_snapshot(
        self, snapshot_id: str | None = None, path: str | os.PathLike[str] | None = None
    ) -> str:
        """Write the run's source as ``<snapshot id>.zip`` into a folder; returns its whole path."""
        target = Path(path or tempfile.gettempdir()).resolve() / self.get_snapshot_id()
        target.parent.mkdir(parents=True, exist_ok=True)
        return shutil.make_archive(str(target), "zip", self._store.folder / SNAPSHOT)

    def _files(self) -> list[dict[str, Any]]:
        return self._store.files()

    def _fetch(self, name: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._store.file(name), target)

    def _content(self, name: str) -> bytes:
        return self._store.file(name).read_bytes()

    def _keep_outputs(self, folder: Path) -> None:
        """Keep the outputs folder; names that were uploaded by hand stay as they are."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                name = f"{places.OUTPUTS}/{path.relative_to(folder).as_posix()}"
                with contextlib.suppress(UserErrorException), path.open("rb") as stream:
                    self._store.put(name, stream)

    def _copy_output(self) -> None:
        """Keep what is printed from now on as the run's log."""
        self._store.save()
        log = self._store.file(places.BLOCK_LOG)
        log.parent.mkdir(parents=True, exist_ok=True)
        self._output = log.open("a", encoding="utf-8", errors="backslashreplace")
        self._before = sys.stdout, sys.stderr
        sys.stdout = _Both(sys.stdout, self._output)
        sys.stderr = _Both(sys.stderr, self._output)

    def _leave_output(self, error: BaseException | None) -> None:
        sys.stdout, sys.stderr = self._before
        if error is not None:
            # Python prints it only after the block, so the log would not have it.
            self._output.write("".join(traceback.format_exception(error)))
        self._output.close()


class _Both:
    """A text stream that also writes to a file; everything else is as the stream does it."""

    def __init__(self, stream: TextIO, copy: TextIO) -> None:
        self._stream = stream
        self._copy = copy

    def write(self, text: str) -> int:
        with contextlib.suppress(ValueError, OSError):
            self._copy.write(text)
            self._copy.flush()
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
