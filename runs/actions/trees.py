"""What is done to a run and to all that is below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs.actions import lifecycle
from runs.actions.refused import Refused
from runs.models import Run
from studio.contract.words import TERMINAL, Status

if TYPE_CHECKING:
    from runs.access import Actor

# A parent that goes on submitting is canceled first; its last children are met by the next look.
_LOOKS = 3
_DONE = [*TERMINAL, Status.CANCEL_REQUESTED]


def cancel_tree(run: Run, *, by: Actor, reason: str = "") -> int:
    """Ask a run and all runs below it to stop, from the top; returns how many were asked.

    Raises:
        Refused: the run itself cannot be canceled and nothing below it goes on.
    """
    asked, problem = 0, None
    try:
        lifecycle.request_cancel(run, by=by, reason=reason)
        asked += 1
    except Refused as refused:
        problem = refused
    told = reason or f"Cancel was requested with {run.run_id[:100]}, above it."
    for _ in range(_LOOKS):
        going = _going_below(run)
        if not going:
            break
        for child in going:
            asked += _cancel(child, by, told)
    if problem is not None and not asked:
        raise problem
    return asked


def _cancel(run: Run, by: Actor, reason: str) -> int:
    try:
        lifecycle.request_cancel(run, by=by, reason=reason)
    except Refused:
        # It ended by itself between our look and our call.
        return 0
    return 1


def _going_below(top: Run) -> list[Run]:
    """Return all runs below one that have not ended, level by level."""
    level, found = [top.pk], list[Run]()
    while level:
        children = Run.objects.present().filter(parent__in=level)
        level = []
        for child in children:
            level.append(child.pk)
            if child.status not in _DONE:
                found.append(child)
    return found
