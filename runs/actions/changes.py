"""The change number: one place where every change of a run is counted.

A page knows the number it has shown and asks for what came after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists

from runs.actions import audit, indexing
from runs.models import AlertRule, Run, RunEvent, Workspace
from studio.contract.words import EventKind

if TYPE_CHECKING:
    from datetime import datetime

    from runs.access import Actor

# One statement, so that the row stays locked from the count to the commit: numbers appear in order.
_COUNT = (
    f"UPDATE {Workspace._meta.db_table} SET change_number = change_number + 1 "  # noqa: S608
    "WHERE id = %s RETURNING change_number"
)


def lock(run: Run) -> None:
    """Let nobody else change this run until the transaction of the caller ends."""
    # SQLite has one writer at a time as it is.
    if connection.features.has_select_for_update:
        Run.objects.select_for_update(no_key=True).filter(pk=run.pk).values_list("pk").first()


def record(run: Run, **fields: Any) -> None:
    """Store ``fields`` of a run and count the change, in the transaction of the caller.

    The run is locked before the workspace is, as by everybody: in another order two could wait for each
    other for ever. Nobody locks a row more than its keys need, so that rows that refer to it can be made.
    """
    lock(run)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [run.workspace_id])
        number: int = cursor.fetchone()[0]
    if "ended_at" in fields:
        began = Run.objects.filter(pk=run.pk).values_list("started_at", flat=True).first()
        fields["seconds"] = _seconds(fields.get("started_at", began), fields["ended_at"])
    fields["revision"] = number
    Run.objects.filter(pk=run.pk).update(**fields)
    indexing.keep(run, fields)
    for name, value in fields.items():
        setattr(run, name, value)


def record_new(run: Run) -> None:
    """Count the making of a run, whose fields are stored already, in the transaction of the caller."""
    record(run, status=run.status, shelf=run.shelf, tags=run.tags)


def tell(run: Run, kind: EventKind, *, by: Actor, **told: Any) -> RunEvent:
    """Add an event to the history of a run, and to the audit, in the transaction of the caller.

    A change of status is in the outbox of alerts with the same statement, if anybody may be told.
    """
    if kind is EventKind.STATUS:
        told["for_alerts"] = Exists(AlertRule.objects.listening_to(run))
    event = RunEvent.objects.create(
        run=run,
        kind=kind.value,
        actor_kind=by.kind,
        actor_name=by.name,
        user=by.user,
        **told,
    )
    audit.of_run(event, by)
    return event


def _seconds(began: datetime | None, ended: datetime | None) -> float | None:
    return (ended - began).total_seconds() if began and ended else None
