"""Snapshots: a source directory by its contents, so that what did not change is not sent again."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction

from runs.actions import changes, labels
from runs.actions.refused import Refused
from runs.actions.text import check_path
from runs.models import Run, Snapshot
from runs.stores import blobs
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runs.access import Actor
    from runs.models import Workspace

_SHA256 = re.compile(r"[0-9a-f]{64}")


def declare(
    workspace: Workspace, *, by: Actor, files: Mapping[str, Mapping[str, Any]]
) -> tuple[Snapshot, list[str]]:
    """Say which files a snapshot has; returns it and the sha256 of contents that are missing here.

    ``files`` is path -> {"sha256", "size", "executable"}.

    Raises:
        Refused: a path or hash that is none, too many files, more than 300 MB.
    """
    manifest = {path: _entry(path, entry) for path, entry in sorted(files.items())}
    if len(manifest) > limits.SNAPSHOT_FILES:
        reason = f"A snapshot has {limits.SNAPSHOT_FILES:,} files at most, not {len(manifest):,}."
        raise Refused(Code.TOO_LARGE, reason, field="files", hint=_IGNORE_HINT)
    size = sum(entry["size"] for entry in manifest.values())
    if size > limits.SNAPSHOT_BYTES:
        reason = f"A snapshot has 300 MB at most, not {size / 2**20:,.0f} MB."
        raise Refused(Code.TOO_LARGE, reason, field="files", hint=_IGNORE_HINT)
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    snapshot, _ = Snapshot.objects.get_or_create(
        workspace=workspace,
        snapshot_id=hashlib.sha256(canonical).hexdigest(),
        defaults={"manifest": manifest, "size": size},
    )
    missing = [] if snapshot.complete else _missing(snapshot)
    if not missing:
        _mark_complete(snapshot)
    return snapshot, missing


def fill(snapshot: Snapshot, *, by: Actor, stream: BinaryIO) -> None:
    """Take missing contents from a zip whose entries are named by their sha256.

    Raises:
        Refused: no zip, an entry that the snapshot does not know, wrong bytes, or still not all.
    """
    sizes = {entry["sha256"]: entry["size"] for entry in snapshot.manifest.values()}
    try:
        with zipfile.ZipFile(stream) as archive:
            for info in archive.infolist():
                _take(snapshot, archive, info, sizes)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise Refused(Code.BAD_REQUEST, f"The body is no zip file: {error}.") from None
    missing = _missing(snapshot)
    if missing:
        reason = f"{len(missing)} contents of this snapshot are still missing."
        raise Refused(Code.BAD_REQUEST, reason, extra={"missing": missing[:100]})
    _mark_complete(snapshot)


def attach(run: Run, snapshot: Snapshot, *, by: Actor) -> None:
    """Give a run its snapshot. It gets one, once; the same one again is no error."""
    if not snapshot.complete:
        raise Refused(Code.CONFLICT, "This snapshot is not complete yet.", field="snapshotId")
    with transaction.atomic():
        held = (
            Run.objects.select_for_update(no_key=True)
            .values_list("snapshot_id", flat=True)
            .get(pk=run.pk)
        )
        if held == snapshot.pk:
            return
        if held is not None:
            reason = f"Run {run.run_id} has its snapshot already; a run has one at most."
            raise Refused(Code.CONFLICT, reason, field="snapshotId")
        changes.record(run, snapshot_id=snapshot.pk)
        labels.add_properties(run, {"ContentSnapshotId": snapshot.snapshot_id}, by=by)


_IGNORE_HINT = "Name what is not source in .amlignore (or .gitignore)."


def _entry(path: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    check_path(path, f"files.{path.encode('unicode_escape').decode()[:100]}", limits.FILE_PATH)
    if not _SHA256.fullmatch(entry["sha256"]):
        reason = "A sha256 is 64 hexadecimal digits in lower case."
        raise Refused(Code.BAD_REQUEST, reason, field=f"files.{path[:100]}.sha256")
    if entry["size"] < 0:
        raise Refused(Code.BAD_REQUEST, "A size is not negative.", field=f"files.{path[:100]}.size")
    return {
        "sha256": entry["sha256"],
        "size": entry["size"],
        "executable": bool(entry.get("executable")),
    }


def _missing(snapshot: Snapshot) -> list[str]:
    wanted = {entry["sha256"] for entry in snapshot.manifest.values()}
    return sorted(sha for sha in wanted if not blobs.keep(snapshot.workspace_id, sha))


def _take(
    snapshot: Snapshot, archive: zipfile.ZipFile, info: zipfile.ZipInfo, sizes: Mapping[str, int]
) -> None:
    if info.filename not in sizes:
        reason = "The zip has an entry that is no content of this snapshot."
        raise Refused(
            Code.BAD_REQUEST, reason, field=info.filename.encode("unicode_escape").decode()[:100]
        )
    if info.file_size != sizes[info.filename]:
        reason = "An entry of the zip has another size than was declared."
        raise Refused(Code.BAD_REQUEST, reason, field=info.filename)
    with archive.open(info) as content:
        try:
            blobs.put(snapshot.workspace_id, content, sha256=info.filename)
        except blobs.ChecksumError:
            reason = "An entry of the zip has other bytes than its name promises."
            raise Refused(Code.CHECKSUM, reason, field=info.filename) from None


def _mark_complete(snapshot: Snapshot) -> None:
    if not snapshot.complete:
        snapshot.complete = True
        snapshot.save(update_fields=["complete"])
