"""The audit: one line for everything that a team may ask about later. Never a secret in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from runs.actions.text import keep_what_fits
from runs.models import AuditEvent
from runs.models.run import Shelf
from studio.contract.words import EventKind, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runs.access import Actor
    from runs.models import RunEvent, Workspace

# What is shown of a text: enough to know it again, no more.
_TEXT = 200
_CANCELS = frozenset({Status.CANCEL_REQUESTED, Status.CANCELED})


class _Told(TypedDict):
    workspace: Workspace
    about: str


def record(
    by: Actor,
    verb: str,
    *,
    workspace: Workspace | None = None,
    about: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add a line, in the transaction of the caller: without the deed there is no line.

    ``verb`` is a noun and what was done to it, as ``token.revoke``; ``about`` names the object as
    people know it; ``before`` and ``after`` hold the values that changed, texts cut short.
    """
    AuditEvent.objects.create(
        actor_kind=by.kind,
        actor_name=_told(by.name),
        user=by.user,
        token_prefix=by.token.prefix if by.token else "",
        address=by.address,
        verb=verb,
        workspace=workspace,
        about=_told(about),
        before=None if before is None else _short(dict(before)),
        after=None if after is None else _short(dict(after)),
    )


def of_run(event: RunEvent, by: Actor) -> None:
    """Add a line for an event of a run that a person has brought about: an edit or a cancel.

    What runs report of themselves is in their history, and comments are said to everybody.
    """
    if by.kind != "user":
        return
    told: _Told = {"workspace": event.run.workspace, "about": event.run.run_id}
    if event.kind == EventKind.EDIT:
        before = {name: _part(change, "before") for name, change in event.data.items()}
        after = {name: _part(change, "after") for name, change in event.data.items()}
        verb = "run.delete" if after.get("shelf") == Shelf.BIN.label else "run.edit"
        record(by, verb, before=before, after=after, **told)
    elif event.from_status and event.to_status in _CANCELS:
        was, now = {"status": event.from_status}, {"status": event.to_status}
        record(by, "run.cancel", before=was, after=now, **told)


def _part(change: Any, name: str) -> Any:
    return change.get(name) if isinstance(change, dict) else None


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {_told(str(key)): _short(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_short(each) for each in value]
    return value if value is None or isinstance(value, (bool, int)) else _told(str(value))


def _told(text: str) -> str:
    """Return text that can be stored and shown on one line: a control character is none of it."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return keep_what_fits(line, _TEXT)
