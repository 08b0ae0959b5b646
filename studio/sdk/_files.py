"""The files, logs and snapshot of a run: up and down."""

from __future__ import annotations

import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from studio.contract import places
from studio.sdk import _metrics, _snapshot
from studio.sdk._exceptions import (
    AzureMLAggregatedException,
    SnapshotException,
    UserErrorException,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from studio.sdk._transport import Transport

_AT_ONCE = 8
_NAMES_TOLD = 20


class Files:
    """The methods of a run that move files."""

    id: str
    _told: dict[str, Any]
    _transport: Transport

    def upload_file(
        self, name: str, path_or_stream: str | os.PathLike[str] | BinaryIO, **ignored: Any
    ) -> None:
        """Store a file of the run under ``name``.

        Raises:
            UserErrorException: no such file, or another file has that name already.
        """
        _metrics.upload(self._transport, self.id, name, path_or_stream)

    def upload_files(self, names: Sequence[str], paths: Sequence[str], **ignored: Any) -> None:
        """Store several files, some at a time; what can be stored is.

        Raises:
            TypeError: not as many names as paths.
            UserErrorException: one could not be stored, as ``upload_file`` says.
            AzureMLAggregatedException: several could not.
        """
        if len(names) != len(paths):
            raise TypeError(f"There are {len(names)} names and {len(paths)} paths.")
        if len(set(names)) < len(names):
            warnings.warn(
                "Some names are given twice; the first file of each is kept.", stacklevel=2
            )
        pairs = dict(zip(reversed(names), reversed(paths), strict=True))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            done = [pool.submit(self.upload_file, *pair) for pair in pairs.items()]
        errors = [error for each in done if (error := each.exception()) is not None]
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise AzureMLAggregatedException(errors)

    def upload_folder(self, name: str, path: str | os.PathLike[str], **ignored: Any) -> None:
        """Store all files below a folder as ``name/…``; raises as ``upload_file``."""
        folder = Path(path)
        if not folder.is_dir():
            raise UserErrorException(f"{folder} is no folder. upload_file stores a single file.")
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        names = [f"{name}/{file.relative_to(folder).as_posix()}" for file in files]
        self.upload_files(names, [str(file) for file in files])

    def get_file_names(self) -> list[str]:
        """Return the paths of the run's files and logs."""
        return [item["path"] for item in self._files()]

    def download_file(
        self, name: str, output_file_path: str | os.PathLike[str] | None = None, **ignored: Any
    ) -> None:
        """Write one file or log to this machine: under its own name here, unless told otherwise.

        Raises:
            UserErrorException: the run has no such file; the message names those that it has.
        """
        known = self.get_file_names()
        if name not in known:
            shown = ", ".join(known[:_NAMES_TOLD]) or "none"
            raise UserErrorException(f'The run has no file "{name}". Its files: {shown}.')
        target = Path(output_file_path or ".")
        self._fetch(name, target / Path(name).name if target.is_dir() else target)

    def download_files(
        self,
        prefix: str | None = None,
        output_directory: str | os.PathLike[str] | None = None,
        output_paths: Sequence[str] | None = None,
        batch_size: int = 100,
        append_prefix: bool = True,
        **ignored: Any,
    ) -> None:
        """Write all files, or those below ``prefix``, to a folder of this machine.

        ``append_prefix=False`` leaves the prefix out of their paths there; ``output_paths`` names
        all of them, in the order of ``get_file_names``.

        Raises:
            UserErrorException: there is nothing below that prefix, or not a path for each file.
        """
        start = f"{prefix.strip('/')}/" if prefix else ""
        names = [n for n in self.get_file_names() if n.startswith(start) or n == prefix]
        if prefix and not names:
            raise UserErrorException(f'The run has no file below "{prefix}".')
        targets = output_paths or [n if append_prefix else n.removeprefix(start) for n in names]
        if len(targets) != len(names):
            raise UserErrorException(f"There are {len(names)} files and {len(targets)} paths.")
        for name, target in zip(names, targets, strict=True):
            self._fetch(name, Path(output_directory or ".", target))

    def get_all_logs(self, destination: str | os.PathLike[str] | None = None) -> list[str]:
        """Write every log below a folder, ``assets/<run id>`` by default; returns their paths.

        Raises:
            UserErrorException: ``destination`` is a file.
        """
        folder = Path(destination or Path("assets") / self.id)
        if folder.is_file():
            raise UserErrorException(f"{folder} is a file; logs are written into a folder.")
        names = [item["path"] for item in self._files() if item["kind"] == "log"]
        for name in names:
            self._fetch(name, folder / name)
        return [str(folder / name) for name in names]

    def take_snapshot(self, file_or_folder_path: str | os.PathLike[str]) -> str:
        """Keep a folder as the source of the run; returns the snapshot's id. A run has one.

        Raises:
            SnapshotException: the run has another one already, or the folder is too large.
        """
        from studio.sdk._exceptions import ServiceException

        sid = _snapshot.upload(Path(file_or_folder_path), self._transport)
        try:
            told = self._transport.run("PUT", self.id, "snapshot", json={"snapshotId": sid})
        except ServiceException as error:
            if error.status == 409:
                raise SnapshotException(str(error)) from None
            raise
        self._told = told.json()
        return sid

    def get_snapshot_id(self) -> str:
        """Return the id of the run's snapshot.

        Raises:
            SnapshotException: it has none.
        """
        if not self._told["snapshotId"]:
            self._refresh()
        if not self._told["snapshotId"]:
            raise SnapshotException(f"The run {self.id} has no snapshot.")
        return str(self._told["snapshotId"])

    def restore_snapshot(
        self, snapshot_id: str | None = None, path: str | os.PathLike[str] | None = None
    ) -> str:
        """Write the run's source as ``<snapshot id>.zip`` into a folder; returns its whole path.

        The folder is one for temporary files unless told otherwise.
        """
        sid = snapshot_id or self.get_snapshot_id()
        folder = Path(path or tempfile.gettempdir()).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{sid}.zip"
        self._write(places.api(self._transport.workspace, "snapshots", sid), target)
        return str(target)

    def _refresh(self) -> dict[str, Any]:
        """Ask what is known now."""
        raise NotImplementedError

    def _files(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self._transport.run("GET", self.id, "files").json()["items"]
        return items

    def _content(self, name: str) -> bytes:
        return self._transport.run_file("GET", self.id, "files", name).data

    def _fetch(self, name: str, target: Path) -> None:
        place = places.api(self._transport.workspace, "runs", self.id, "files")
        self._write(f"{place}/{places.path(name)}", target)

    def _write(self, address: str, target: Path) -> None:
        """Write a download, whole or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")
        try:
            with draft.open("wb") as file:
                self._transport.download(address, file)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
