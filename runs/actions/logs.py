"""Logs grow at their end, each byte once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from runs import telemetry
from runs.actions import changes, lifecycle, receipts
from runs.actions.refused import Refused
from runs.actions.text import check_path
from runs.models import LogFile, RunFile
from runs.stores import logs as store
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.access import Actor
    from runs.models import Run

_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"), (1, "bytes"))


def append(
    run: Run,
    *,
    by: Actor,
    path: str,
    session: str,
    sequence: int,
    data: bytes,
    age_ms: int = 0,
) -> tuple[int, LogFile]:
    """Add ``data`` to a log; returns how many bytes were taken of this session, and the log.

    ``sequence`` is how many bytes this session sent before. What is stored already is skipped.
    ``age_ms`` is how long ago the last byte of ``data`` was written, by the sender's clock.
    Once the logs of the run have all the bytes that they may have, what comes is taken and not kept: the
    log says so in its last line, the run in a warning. A script that prints too much has not failed.

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
            receipts.move(receipt, len(fresh))
            if not log.is_full:
                _keep(log, fresh, by=by, age_ms=age_ms)
        if is_new:
            # Pages follow an open log by its offset; only a new one changes what they list.
            changes.record(run)
    return receipt.received, log


def most_bytes() -> str:
    """Say how many bytes the logs of a run may have, as people do."""
    most = settings.LOG_BYTES_PER_RUN
    size, unit = next(each for each in _UNITS if most >= each[0])
    return f"{most / size:.4g} {unit}"


def _keep(log: LogFile, fresh: bytes, *, by: Actor, age_ms: int) -> None:
    """Add to a log as much as its run may have, and a last line where that is not all."""
    others = LogFile.objects.filter(run=log.run_id).exclude(pk=log.pk).aggregate(all=Sum("size"))
    room = max(0, settings.LOG_BYTES_PER_RUN - (others["all"] or 0) - log.size)
    kept = fresh[:room]
    if len(kept) < len(fresh):
        log.is_full = True
        kept += b"\n" * (not kept.endswith(b"\n")) + _last_line()
        message = f"The log {log.path} was not kept to its end: logs may have {most_bytes()}."
        lifecycle.warn(log.run, by=by, source="log", message=message)
    store.append(log, kept, age_ms=age_ms)
    log.size += len(kept)
    log.lines += kept.count(b"\n")
    log.is_searched = False
    log.save(update_fields=["size", "lines", "updated_at", "is_searched", "is_full"])
    telemetry.count_log_bytes(len(kept))


def _last_line() -> bytes:
    return (
        f"[studio] Nothing more is kept: the logs of a run may have {most_bytes()}. "
        "The run goes on.\n"
    ).encode()


def _log(run: Run, path: str) -> tuple[LogFile, bool]:
    log = LogFile.objects.select_for_update(no_key=True).filter(run=run, path=path).first()
    if log is not None:
        log.run = run
        return log, False
    if RunFile.objects.filter(run=run, path=path).exists():
        raise Refused(Code.FILE_EXISTS, f'"{path}" is a finished file of this run.', field="path")
    return LogFile.objects.create(run=run, path=path), True
