"""What ``log:`` finds of a log: written by the worker some time after the log has grown.

Whoever appends only notes that there is more, so that logs cost no more than before; and it makes no
difference how they came: while a run goes on, late, or from a time before there was a search.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from runs.models import LogDocument, LogFile
from runs.models.search import document
from runs.stores import log_digest
from studio.contract import places

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

# A log that grows is read again so often, one of a run that has ended at once.
EVERY = timedelta(seconds=20)
# Of a run with more logs, those that came first are searched.
MOST_LOGS = 100
_AT_ONCE = 20


def write_due(now: datetime, seconds: float) -> bool:
    """Write documents of logs that have grown, for some seconds; returns whether more are due."""
    until = time.monotonic() + seconds
    due = list(_due(now)[: _AT_ONCE + 1])
    for log in due[:_AT_ONCE]:
        write(log, now)
        if time.monotonic() > until:
            break
    else:
        return len(due) > _AT_ONCE
    return True


def write(log: LogFile, now: datetime) -> None:
    """Bring the document of a log up to date; of a very long log the next part of it."""
    size = log.size
    if not _is_searched(log):
        LogFile.objects.filter(pk=log.pk, size=size).update(is_searched=True)
        return
    known = LogDocument.objects.filter(pk=log.pk).first()
    digest = log_digest.grown(log, known)
    with transaction.atomic():
        # Behind the lock of the log nobody deletes it, and no other worker writes the same.
        if not LogFile.objects.select_for_update(no_key=True).filter(pk=log.pk).exists():
            return
        latest = LogDocument.objects.filter(pk=log.pk).values_list("written_at", flat=True).first()
        if latest != (known.written_at if known is not None else None):
            return
        LogDocument.objects.update_or_create(
            log_id=log.pk,
            defaults={
                "run_id": log.run_id,
                "written_at": now,
                "places": digest.places(),
                "state": digest.state(),
                "text": document(digest.lines),
            },
        )
        if digest.is_complete:
            LogFile.objects.filter(pk=log.pk, size=size).update(is_searched=True)


def _due(now: datetime) -> QuerySet[LogFile]:
    rests = Q(document=None) | Q(document__written_at__lt=now - EVERY)
    pending = LogFile.objects.filter(rests | Q(run__ended_at__isnull=False), is_searched=False)
    return pending.order_by("pk")


def _is_searched(log: LogFile) -> bool:
    """Whether a log is of those that ``log:`` finds: of the script, a text, and not one of too many."""
    if log.path.startswith(f"{places.SYSTEM_LOGS}/") or not log_digest.is_text(log):
        return False
    return LogFile.objects.filter(run=log.run_id, pk__lt=log.pk).count() < MOST_LOGS
