"""One step of a task: what is done to one run, through the same actions as by hand.

Each returns what changed, as far as it can be put back: ``{"tags": {"before": …, "after": …}}`` with
the keys that differ, or ``{"shelf": {"before": 0, "after": 1}}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs.actions import deletion, labels, lifecycle, runs
from runs.actions.bulk_rules import NOT_YOURS, Standing, why_not
from runs.actions.refused import Refused
from runs.models.run import Shelf
from runs.models.task import Kind
from runs.rights import may_delete
from studio.contract.errors import Code
from studio.contract.words import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runs.access import Actor
    from runs.models import Run, Task
    from runs.rights import Right

Change = dict[str, Any]
_LOOKED_BACK = 50
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What changed, if it can be put back; ``left`` says what was meant to change and did not."""

    change: Change | None = None
    left: str = ""


def do(task: Task, run: Run, *, by: Actor, rights: frozenset[Right]) -> Outcome:
    """Do to a run, read and locked just now, what the task says. Raises ``Refused``, with the reason."""
    kind = Kind(task.kind)
    standing = Standing(run.status, run.supervised, run.shelf, by.has_submitted(run))
    reason = why_not(kind, standing, rights)
    if reason:
        raise Refused(Code.CONFLICT, reason)
    tags, shelf = dict(run.tags), run.shelf
    match kind:
        case Kind.TAG:
            after = labels.set_tags(run, task.arguments["tags"], by=by)
            return Outcome(_of_tags(tags, after))
        case Kind.UNTAG:
            after = labels.remove_tags(run, task.arguments["keys"], by=by)
            return Outcome(_of_tags(tags, after))
        case Kind.CANCEL:
            lifecycle.request_cancel(run, by=by, reason=task.arguments.get("reason", ""))
            return Outcome()
        case Kind.PURGE:
            deletion.purge(run, by=by)
            return Outcome()
    to = {Kind.ARCHIVE: Shelf.ARCHIVED, Kind.DELETE: Shelf.BIN}.get(kind, Shelf.LISTED)
    _put(run, to, by)
    return Outcome(_of_shelf(shelf, to))


def put_back(run: Run, change: Change, *, by: Actor, rights: frozenset[Right]) -> Outcome:
    """Undo a change, but for what somebody has changed since; raises ``Refused`` as ``do`` does."""
    if "shelf" in change:
        touches_bin = Shelf.BIN in change["shelf"].values()
        if touches_bin and not may_delete(rights, is_own=by.has_submitted(run)):
            raise Refused(Code.FORBIDDEN, NOT_YOURS)
        return _put_back_shelf(run, change["shelf"], by)
    if run.deleted_at is not None:
        raise Refused(Code.CONFLICT, "It is in the bin; restore it first.")
    return _put_back_tags(run, change["tags"]["before"], change["tags"]["after"], by)


def _put_back_tags(
    run: Run, before: Mapping[str, Any], after: Mapping[str, Any], by: Actor
) -> Outcome:
    now = dict(run.tags)
    back, gone, kept = {}, [], []
    for key in {**before, **after}:
        was, stands = before.get(key, _ABSENT), now.get(key, _ABSENT)
        if stands == was:
            continue
        if stands != after.get(key, _ABSENT):
            kept.append(key)
        elif was is _ABSENT:
            gone.append(key)
        else:
            back[key] = was
    if gone:
        labels.remove_tags(run, gone, by=by)
    if back:
        labels.set_tags(run, back, by=by)
    left = " ".join(f'Tag "{key}" was changed since{_by_whom(run, key)}.' for key in kept)
    return Outcome(_of_tags(now, run.tags), left)


def _put_back_shelf(run: Run, change: Mapping[str, int], by: Actor) -> Outcome:
    now, was = run.shelf, Shelf(change["before"])
    if now == was:
        return Outcome()
    if now != change["after"]:
        return Outcome(left=f"Somebody has moved it since: it is {Shelf(now).label}.")
    _put(run, was, by)
    return Outcome(_of_shelf(now, was))


def _put(run: Run, to: Shelf, by: Actor) -> None:
    if to == Shelf.BIN:
        deletion.delete(run, by=by)
    elif run.shelf == Shelf.BIN:
        deletion.restore(run, by=by, to=to)
    else:
        runs.edit(run, by=by, hidden=to == Shelf.ARCHIVED)


def _of_tags(before: Mapping[str, Any], after: Mapping[str, Any]) -> Change | None:
    keys = [k for k in {**before, **after} if before.get(k, _ABSENT) != after.get(k, _ABSENT)]
    if not keys:
        return None
    differing = {
        "before": {k: before[k] for k in keys if k in before},
        "after": {k: after[k] for k in keys if k in after},
    }
    return {"tags": differing}


def _of_shelf(before: int, after: int) -> Change:
    return {"shelf": {"before": int(before), "after": int(after)}}


def _by_whom(run: Run, key: str) -> str:
    """Return " by" and the name of who changed a tag last, "" where the history is too long to see."""
    edits = run.events.filter(kind=EventKind.EDIT.value).order_by("-pk")[:_LOOKED_BACK]
    for edit in edits:
        told = edit.data.get("tags", {})
        if key in told.get("before", {}) or key in told.get("after", {}):
            return f" by {edit.actor_name}"
    return ""
