"""What people say about a run, kept in its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from runs.actions import changes
from runs.actions.text import check_text
from studio.contract import limits
from studio.contract.words import EventKind

if TYPE_CHECKING:
    from runs.access import Actor
    from runs.models import Run, RunEvent


def comment(run: Run, text: str, *, by: Actor) -> RunEvent:
    """Add a comment to the history of a run.

    Raises:
        Refused: nothing is said, or too much.
    """
    said = check_text(text.replace("\r\n", "\n").strip(), "comment", limits.COMMENT, shortest=1)
    with transaction.atomic():
        changes.record(run)
        return changes.tell(run, EventKind.COMMENT, by=by, reason=said)
