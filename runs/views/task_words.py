"""Work on many runs in words: what will be done, what is being done, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runs.models.task import Kind, State

if TYPE_CHECKING:
    from runs.models import Task

# What waits, what goes on, what has ended.
_WORDS = {
    Kind.TAG: ("Tag {}", "Tagging {}", "Tagged {}"),
    Kind.UNTAG: ("Remove tags from {}", "Removing tags from {}", "Removed tags from {}"),
    Kind.CANCEL: ("Cancel {}", "Asking {} to stop", "Asked {} to stop"),
    Kind.ARCHIVE: ("Archive {}", "Archiving {}", "Archived {}"),
    Kind.RESTORE: ("Restore {}", "Restoring {}", "Restored {}"),
    Kind.DELETE: ("Move {} to the bin", "Moving {} to the bin", "Moved {} to the bin"),
    Kind.PURGE: ("Delete {} for good", "Deleting {} for good", "Deleted {} for good"),
    Kind.UNDO: ("Put {} back", "Putting {} back", "Put {} back"),
}


def heading(task: Task) -> str:
    """Return what a task is about, as far as it is: no word of what is still to be done as done."""
    to_do, doing, done = _WORDS[Kind(task.kind)]
    if task.state == State.WAITING:
        return to_do.format(_runs(task.total))
    if task.state == State.RUNNING:
        return doing.format(_runs(task.total))
    if task.done == task.total:
        return done.format(_runs(task.total))
    return done.format(f"{task.done:,} of {_runs(task.total)}")


def ended(task: Task) -> str:
    """Return one or two sentences about a task that has ended."""
    if not task.refused:
        return f"{heading(task)}."
    if task.total == 1:
        return f"The run was left alone. {task.runs.values_list('reason', flat=True).get()}"
    left = "1 was" if task.refused == 1 else f"{task.refused:,} were"
    return f"{heading(task)}. {left} left alone."


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"
