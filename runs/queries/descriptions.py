"""A run's description, and what it was before: the records of its edits are its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs.models import Description
from studio.contract.words import EventKind

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from runs.models import Run, RunEvent

VERSIONS = 50
# A text of so many characters or lines is folded, and shown whole when somebody asks.
_LONG_TEXT = 2_500
_LONG_LINES = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """What the card of a run shows; ``html`` is empty while the description waits to be drawn.

    ``deleted`` is the version before, if the description has been deleted.
    """

    html: str
    can_edit: bool
    is_long: bool
    has_history: bool
    deleted: Version | None


@dataclass(frozen=True, slots=True)
class Version:
    """A text that the description once was; ``number`` 0 is what the run began with."""

    number: int
    at: datetime
    by: str
    kind: str


def shown(run: Run, *, can_edit: bool) -> Shown:
    """Return what the card of a run shows of its description."""
    text = run.description
    drawn = Description.objects.filter(run=run).values_list("html", flat=True).first()
    newest = versions(run, most=2)
    return Shown(
        html=drawn or "",
        can_edit=can_edit,
        is_long=len(text) > _LONG_TEXT or text.count("\n") > _LONG_LINES or "![" in text,
        has_history=bool(newest),
        deleted=newest[1] if newest and not text else None,
    )


def versions(run: Run, *, before: int = 0, most: int = VERSIONS) -> list[Version]:
    """Return what the description has been, the newest first; nothing if it was never changed.

    ``before``: only those before the version of that number.
    """
    events = _edits(run).order_by("-pk")
    newest = events.filter(pk__lt=before) if before else events
    found = [
        Version(event.pk, event.at, event.actor_name, event.actor_kind)
        for event in newest.defer("data", "reason")[:most]
    ]
    if found and len(found) < most:
        found.append(Version(0, run.created_at, run.created_by.username, "user"))
    return found


def text_of(run: Run, number: int) -> str | None:
    """Return the text of a version, None if there is no such version."""
    if number:
        event = _edits(run).filter(pk=number).first()
        return None if event is None else str(_told(event)["after"])
    first = _edits(run).order_by("pk").first()
    return run.description if first is None else str(_told(first)["before"])


def text_before(run: Run, number: int) -> str:
    """Return the text that a version changed, "" for the first version."""
    event = _edits(run).filter(pk=number).first()
    return "" if event is None else str(_told(event)["before"])


def _edits(run: Run) -> QuerySet[RunEvent]:
    return run.events.filter(kind=EventKind.EDIT.value, data__has_key="description")


def _told(event: RunEvent) -> dict[str, Any]:
    told: dict[str, Any] = event.data["description"]
    return told
