"""What can be done to which run, said before it is tried: for counts in menus and for results."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runs.actions import lifecycle
from runs.actions.refused import Refused
from runs.actions.text import check_labels, check_text
from runs.models.run import Shelf
from runs.models.task import Kind
from runs.rights import Right, may_delete
from studio.contract import limits, words
from studio.contract.errors import Code
from studio.contract.words import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

DESTRUCTIVE = frozenset({Kind.CANCEL, Kind.DELETE, Kind.PURGE})
UNDOABLE = frozenset({Kind.TAG, Kind.UNTAG, Kind.ARCHIVE, Kind.RESTORE, Kind.DELETE, Kind.UNDO})
# What people may ask for; an undo is asked for by its task.
ASKED = tuple(kind for kind in Kind if kind is not Kind.UNDO)
ONLY_OWNERS = "Only an owner ends runs for good; after 30 days in the bin they end by themselves."
NOT_YOURS = "Somebody else has submitted it: only they and owners delete it and bring it back."
# So many runs are done at once, and need no confirmation if nothing is lost.
AT_ONCE = 100


class Standing(NamedTuple):
    """What decides about a run. ``is_own``: who asks has submitted it, or somebody by their token.

    ``has_children``: child runs that would be left behind.
    """

    status: str
    supervised: bool
    shelf: int
    is_own: bool
    has_children: bool = False


def why_not(kind: Kind, run: Standing, rights: frozenset[Right]) -> str:
    """Return why who has these rights cannot do this to a run, "" if they can."""
    if kind is Kind.PURGE and Right.DELETE not in rights:
        return ONLY_OWNERS
    is_deletion = kind is Kind.DELETE or (kind is Kind.RESTORE and run.shelf == Shelf.BIN)
    if is_deletion and not may_delete(rights, is_own=run.is_own):
        return NOT_YOURS
    if run.shelf == Shelf.BIN and kind not in (Kind.RESTORE, Kind.PURGE):
        return "It is in the bin; restore it first."
    match kind:
        case Kind.CANCEL:
            return _why_not_cancel(run)
        case Kind.ARCHIVE:
            return "It is archived already." if run.shelf == Shelf.ARCHIVED else ""
        case Kind.RESTORE:
            return "It is neither archived nor in the bin." if run.shelf == Shelf.LISTED else ""
        case Kind.DELETE if run.status not in words.TERMINAL:
            return f"It is {run.status}; cancel it first."
        case Kind.PURGE if run.shelf != Shelf.BIN:
            return "It is not in the bin; delete it first."
        case Kind.DELETE | Kind.PURGE if run.has_children:
            return "It has child runs; select them as well."
    return ""


def _why_not_cancel(run: Standing) -> str:
    """Say beforehand what ``lifecycle.request_cancel`` would refuse or find done."""
    if run.status == Status.CANCEL_REQUESTED:
        return "Its cancel was requested already."
    asked = lifecycle.has_process(run.status, supervised=run.supervised)
    to = Status.CANCEL_REQUESTED if asked else Status.CANCELED
    return "" if to in words.TRANSITIONS[Status(run.status)] else f"It is {run.status}."


def checked(kind: Kind, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an action; refuses what it does not take, lacks or cannot store."""
    needed = {Kind.TAG: "tags", Kind.UNTAG: "keys"}.get(kind, "")
    given = {name: value for name, value in arguments.items() if value}
    taken = needed or ("reason" if kind is Kind.CANCEL else "")
    for name in given:
        if name != taken:
            reason = f"The action {kind.value} takes no {name}."
            raise Refused(Code.BAD_REQUEST, reason, field=name, hint="Leave it out.")
    if needed and needed not in given:
        reason = f"The action {kind.value} needs {needed}."
        raise Refused(Code.BAD_REQUEST, reason, field=needed)
    if len(given.get(needed, ())) > limits.TAGS_PER_RUN:
        reason = f"A run has {limits.TAGS_PER_RUN} tags at most."
        raise Refused(Code.BAD_REQUEST, reason, field=needed)
    check_labels(given.get("tags", {}), "tags")
    for place, key in enumerate(given.get("keys", ())):
        check_text(key, f"keys.{place}", limits.KEY, shortest=1)
    check_text(given.get("reason", ""), "reason", limits.ERROR_MESSAGE)
    return given
