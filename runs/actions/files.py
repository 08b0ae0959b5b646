"""Finished files of a run: outputs, images, whatever a script leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from runs.actions import changes, leftovers, receipts
from runs.actions.refused import Refused
from runs.actions.text import check_path
from runs.models import LogFile, RunFile
from runs.stores import blobs
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import EventKind

if TYPE_CHECKING:
    from runs.access import Actor
    from runs.models import Run


def put(
    run: Run,
    *,
    by: Actor,
    path: str,
    stream: blobs.Reads,
    sha256: str | None = None,
    overwrite: bool = False,
) -> tuple[RunFile, bool]:
    """Store a file of a run; returns it and whether it is new. The same bytes again are no error.

    Raises:
        Refused: a path that is none; other bytes under a path that is taken; bytes that are not
            those of ``sha256``.
    """
    check_path(path, "path", limits.FILE_PATH)
    receipts.check_writable(run)
    if LogFile.objects.filter(run=run, path=path).exists():
        raise Refused(Code.FILE_EXISTS, f'"{path}" is a log of this run.', field="path")
    try:
        digest, size = blobs.put(run.workspace_id, stream, sha256=sha256)
    except blobs.ChecksumError as error:
        reason = f"The bytes that arrived have the sha256 {error}, not {sha256}."
        raise Refused(Code.CHECKSUM, reason, hint="Send the file again.") from None
    with transaction.atomic():
        known = RunFile.objects.select_for_update(no_key=True).filter(run=run, path=path).first()
        if known is not None and known.sha256 == digest:
            return known, False
        if known is not None and not overwrite:
            raise _taken(path)
        file, is_new = RunFile.objects.update_or_create(
            run=run, path=path, defaults={"sha256": digest, "size": size}
        )
        changes.record(run)
    return file, is_new


def remove(run: Run, *, by: Actor, path: str) -> int:
    """Remove a file of a run, or all files in a folder, "" for all; returns how many. Logs stay."""
    with transaction.atomic():
        changes.lock(run)
        near = RunFile.objects.filter(run=run, path__startswith=path).values_list(
            "pk", "path", "sha256"
        )
        inside = f"{path}/" if path else ""
        # SQLite takes upper and lower case for one here.
        meant = [row for row in near if row[1] == path or row[1].startswith(inside)]
        if meant:
            RunFile.objects.filter(pk__in=[pk for pk, _, _ in meant]).delete()
            leftovers.leave(run.workspace_id, {sha256 for _, _, sha256 in meant})
            changes.record(run)
            told = f"Removed {len(meant):,} file{'s' if len(meant) > 1 else ''}: {path or 'all'}"
            changes.tell(run, EventKind.EDIT, by=by, reason=told[: limits.ERROR_MESSAGE])
    return len(meant)


def _taken(path: str) -> Refused:
    return Refused(
        Code.FILE_EXISTS,
        f'This run has another file "{path}" already.',
        field="path",
        hint="Choose another name, or overwrite it with ?overwrite=true.",
    )
