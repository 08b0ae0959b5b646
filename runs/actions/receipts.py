"""Exactly once: what a sender has sent before is known, so sending again changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from runs.actions.refused import Refused
from runs.actions.text import check_pattern
from runs.models import Receipt
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.models import Run

METRICS = "metrics"
LOG = "log:"
WRITABLE_AFTER_END = timedelta(hours=24)


def open_for(run: Run, stream: str, session: str, sequence: int) -> tuple[Receipt, int]:
    """Return the sender's receipt, locked, and how much of this piece is stored already.

    Raises:
        Refused: something is missing between what is stored and this piece; ``extra`` says from
            where to send.
    """
    check_pattern(session, "session", r"[A-Za-z0-9_-]{1,64}", "1 to 64 letters, digits, - or _")
    if sequence < 0:
        raise Refused(Code.BAD_REQUEST, "A sequence counts from 0.", field="sequence")
    receipt, _ = Receipt.objects.select_for_update(no_key=True).get_or_create(
        run=run, stream=stream, session=session
    )
    if sequence > receipt.received:
        raise Refused(
            Code.GAP,
            f"Stored up to {receipt.received}, and this begins at {sequence}.",
            field="sequence",
            hint=f"Send again from {receipt.received}.",
            extra={"expected": receipt.received},
        )
    return receipt, receipt.received - sequence


def move(receipt: Receipt, more: int) -> int:
    """Count what was stored, in the same transaction; returns the new mark."""
    receipt.received += more
    receipt.save(update_fields=["received"])
    return receipt.received


def of_session(run: Run, session: str) -> tuple[int, dict[str, int]]:
    """Return how many metric rows, and how many bytes of each log, a sender has had stored."""
    rows, logs = 0, {}
    for receipt in Receipt.objects.filter(run=run, session=session):
        if receipt.stream == METRICS:
            rows = receipt.received
        else:
            logs[receipt.stream.removeprefix(LOG)] = receipt.received
    return rows, logs


def check_writable(run: Run) -> None:
    """Refuse numbers and bytes for a run that ended more than a day ago."""
    # A supervised run's runner may have been cut off for long and delivers when it is back.
    late = run.ended_at is not None and timezone.now() - run.ended_at > WRITABLE_AFTER_END
    if late and not run.supervised:
        raise Refused(
            Code.CONFLICT,
            f"Run {run.run_id} ended more than 24 hours ago; its metrics and files are closed.",
            hint="Tags, display name and description can still be changed.",
        )
