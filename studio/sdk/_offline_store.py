"""The folder of an offline run: ``run.json``, its rows, its files, and the folders of its children."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import uuid
from typing import TYPE_CHECKING, Any, BinaryIO

from studio.contract import limits, places, words
from studio.sdk import _config
from studio.sdk._exceptions import UserErrorException
from studio.sdk._spool import ROWS, Spool, hold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORD = "run.json"
_LOCK = "run.lock"
CHILDREN, FILES, SNAPSHOT = "children", "files", "snapshot"
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_.-]+")


class Store:
    """Keeps one offline run on disk. Nothing is written before there is something to keep."""

    def __init__(self, folder: Path, record: dict[str, Any]) -> None:
        self.folder = folder
        self.record = record
        self._spool: Spool | None = None
        self._lock = -1

    @classmethod
    def new(cls, run_id: str = "") -> Store:
        """Return the store of a run that begins now."""
        run_id = run_id or f"OfflineRun_{uuid.uuid4()}"
        return cls(root() / run_id, _begun(run_id, root() / run_id))

    @classmethod
    def read(cls, folder: Path) -> Store:
        """Return the store in a folder.

        Raises:
            UserErrorException: no offline run is kept there.
        """
        try:
            record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            return cls(folder, {**_begun(record["runId"], folder), **record})
        except (OSError, ValueError, KeyError, TypeError):
            raise UserErrorException(
                f"There is no offline run in {folder}: {RECORD} is missing or torn. "
                f"Offline runs of this machine are kept in {root()}."
            ) from None

    @property
    def run_id(self) -> str:
        """The run's id, which it keeps when it is imported."""
        return str(self.record["runId"])

    def save(self, **fields: Any) -> None:
        """Write what is known, whole or not at all."""
        self.record.update(fields)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._lock < 0:
            # Held until this process ends, however it does.
            self._lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            hold(self._lock)
        draft = self.folder / f".{RECORD}.new"
        draft.write_text(json.dumps(self.record, indent=1), encoding="utf-8")
        draft.replace(self.folder / RECORD)

    def is_led(self) -> bool:
        """Whether a process lives that writes here."""
        try:
            lock = os.open(self.folder / _LOCK, os.O_RDWR)
        except OSError:
            return False
        try:
            return not hold(lock)
        finally:
            os.close(lock)

    def last_written(self) -> str:
        """Return when something was written here last, ISO-8601 in UTC."""
        times = [path.stat().st_mtime for path in self.folder.rglob("*") if path.is_file()]
        return _iso(datetime.datetime.fromtimestamp(max(times), datetime.UTC))

    def is_kept(self) -> bool:
        """Whether anything is on disk."""
        return (self.folder / RECORD).exists()

    def row_files(self) -> list[Path]:
        """Return the files that hold what was logged."""
        return sorted(self.folder.glob(f"*{ROWS}"))

    def add_row(self, row: dict[str, Any]) -> None:
        """Keep what was logged; a kill of the process does not lose it."""
        if self._spool is None:
            self.save()
            self._spool = Spool(self.run_id, None, self.folder)
        self._spool.append(row)

    def file(self, name: str) -> Path:
        """Return where a file of the run is kept.

        Raises:
            UserErrorException: the name leads out of the run.
        """
        if not name or name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
            raise UserErrorException(f'"{name}" is no path inside a run; it is relative.')
        return self.folder / FILES / name

    def put(self, name: str, source: BinaryIO) -> None:
        """Keep a file.

        Raises:
            UserErrorException: another file has that name.
        """
        self.save()
        target = self.file(name)
        draft = self.folder / f".{uuid.uuid4().hex}.part"
        with draft.open("wb") as file:
            shutil.copyfileobj(source, file)
        if target.exists() and target.read_bytes() != draft.read_bytes():
            draft.unlink()
            raise UserErrorException(f'The run has another file "{name}" already.')
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(target)

    def files(self) -> list[dict[str, Any]]:
        """Return the files and logs, as the studio lists them."""
        top = self.folder / FILES
        found = sorted(path for path in top.rglob("*") if path.is_file())
        return [_file(path.relative_to(top).as_posix(), path) for path in found]

    def child(self, name: str = "", run_id: str = "") -> Store:
        """Return the store of a child that begins now."""
        taken = sum(1 for _ in self.children())
        own = run_id or f"{self.run_id}.{_NOT_IN_AN_ID.sub('_', name) or taken}"
        own = own[: limits.RUN_ID]
        folder = self.folder / CHILDREN / own
        if folder.exists():
            own = f"{own[: limits.RUN_ID - 9]}_{uuid.uuid4().hex[:8]}"
            folder = self.folder / CHILDREN / own
        self.save()
        child = Store(folder, _begun(own, folder))
        child.save(name=name, displayName=name or own)
        return child

    def children(self) -> Iterator[Store]:
        """Yield the stores of the children, the oldest first."""
        top = self.folder / CHILDREN
        found = [Store.read(record.parent) for record in top.glob(f"*/{RECORD}")]
        yield from sorted(found, key=lambda store: str(store.record["startTimeUtc"]))


def root() -> Path:
    """Return the folder of this user's offline runs."""
    return _config.config_dir() / "offline"


def now() -> str:
    """Return this moment, ISO-8601 in UTC."""
    return _iso(datetime.datetime.now(datetime.UTC))


def _iso(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _begun(run_id: str, folder: Path) -> dict[str, Any]:
    """Return the record of a run that begins now, in the words of the studio's."""
    return {
        "runId": run_id,
        "runNumber": 0,
        "runType": "",
        "name": "",
        "displayName": run_id,
        "description": "",
        "target": words.TARGET_LOCAL,
        "status": "Running",
        "startTimeUtc": now(),
        "endTimeUtc": None,
        "queueingInfo": None,
        "error": None,
        "warnings": [],
        "tags": {},
        "properties": {},
        "parameters": {},
        "runDefinition": None,
        "snapshotId": None,
        "createdBy": {"userName": None},
        "url": folder.resolve().as_uri(),
    }


def _file(name: str, path: Path) -> dict[str, Any]:
    tops = (f"{places.LOGS}/", f"{places.USER_LOGS}/", f"{places.SYSTEM_LOGS}/")
    return {
        "path": name,
        "size": path.stat().st_size,
        "kind": "log" if name.startswith(tops) else "file",
        "url": path.resolve().as_uri(),
    }
