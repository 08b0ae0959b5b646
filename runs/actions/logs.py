"""Logs grow at their end, each byte once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from runs import telemetry
from runs.actions import changes, receipts
from runs.actions.refused import Refused
from runs.actions.text import check_path
from runs.models import LogFile, RunFile
from runs.stores import logs as store
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.access import Actor
    from runs.models import Run


def append(
    run: Run,
    *,
    by: Actor,
    path: str,
    session: str,
    sequence: int,
    data: bytes,
    age_ms: int = 0,
) -> tuple[int, int]:
    """Add ``data`` to a log; returns what is stored of this session and the size of the log, in bytes.

    ``sequence`` is how many bytes this session sent before. What is stored already is skipped.
    ``age_ms`` is how long ago the last byte of ``data`` was written, by the sender's clock.

    Raises:
        Refused: a gap before ``data``; a path that is none, or that a finished file has.
    """
    check_path(path, "path", limits.FILE_PATH)
    receipts.check_writable(run)
    if len(data) > limits.LOG_PIECE_BYTES:
        reason = f"A piece of a log has {limits.LOG_PIECE_BYTES:,} bytes at most."
        raise Refused(Code.TOO_LARGE, reason)
    with transaction.atomic():
        receipt, skip = receipts.open_for(run, receipts.LOG + path, session, sequence)
        log, is_new = _log(run, path)
        fresh = data[skip:]
        if fresh:
            store.append(log, fresh, age_ms=age_ms)
            log.size += len(fresh)
            log.lines += fresh.count(b"\n")
            log.is_searched = False
            log.save(update_fields=["size", "lines", "updated_at", "is_searched"])
            receipts.move(receipt, len(fresh))
            telemetry.count_log_bytes(len(fresh))
        if is_new:
            # Pages follow an open log by its offset; only a new one changes what they list.
            changes.record(run)
    return receipt.received, log.size


def _log(run: Run, path: str) -> tuple[LogFile, bool]:
    log = LogFile.objects.select_for_update().filter(run=run, path=path).first()
    if log is not None:
        return log, False
    if RunFile.objects.filter(run=run, path=path).exists():
        raise Refused(Code.FILE_EXISTS, f'"{path}" is a finished file of this run.', field="path")
    return LogFile.objects.create(run=run, path=path), True
