"""The bin: a deleted run can be brought back for some days, then it is gone with its bytes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from runs.actions import audit, changes, indexing, leftovers
from runs.actions.refused import Refused
from runs.actions.silence import WORKER
from runs.models import Attachment, LogFile, Run, RunFile
from runs.models.run import Shelf
from studio.contract.errors import Code
from studio.contract.words import EventKind

if TYPE_CHECKING:
    from datetime import datetime

    from runs.access import Actor

KEPT_FOR = timedelta(days=30)
_AT_ONCE = 100


def delete(run: Run, *, by: Actor, alone: bool = False) -> None:
    """Put a run into the bin: nobody finds it any more but there. Twice is once.

    ``alone`` is MLflow's way: child runs stay where they are, and a script that leads its run itself
    need not have ended.

    Raises:
        Refused: it has not ended, or it has child runs that are not in the bin.
    """
    with transaction.atomic():
        now = _locked(run)
        if now.deleted_at is not None:
            return
        if not now.is_terminal and not (alone and not now.supervised):
            reason = f"It is {now.status}, and only a run that has ended can be deleted."
            raise Refused(Code.ILLEGAL_MOVE, reason, hint="Cancel it first.")
        if not alone and now.children.present().exists():
            raise Refused(
                Code.CONFLICT,
                "It has child runs that are not deleted.",
                hint="Delete them first, or together with it.",
            )
        _move(now, Shelf.BIN, timezone.now(), by=by, told="Deleted: it lies in the bin.")


def restore(run: Run, *, by: Actor, to: Shelf = Shelf.LISTED, alone: bool = False) -> None:
    """Bring a run back from the bin, to the list or among the archived. Twice is once.

    With ``alone`` its parent may stay there.

    Raises:
        Refused: its parent is in the bin.
    """
    with transaction.atomic():
        now = _locked(run)
        if now.deleted_at is None:
            return
        if not alone and now.parent is not None and now.parent.deleted_at is not None:
            reason = "Its parent run is in the bin."
            raise Refused(Code.CONFLICT, reason, hint="Restore the parent first.")
        _move(now, to, None, by=by, told="Brought back from the bin.")


def purge(run: Run, *, by: Actor) -> None:
    """End a run in the bin for good. Bytes that nobody else needs are freed soon afterwards.

    Raises:
        Refused: it is not in the bin, or has child runs there.
    """
    with transaction.atomic():
        now = _locked(run)
        if now.deleted_at is None:
            raise Refused(Code.CONFLICT, "It is not in the bin.", hint="Delete it first.")
        if now.children.exists():
            reason = "It has child runs in the bin."
            raise Refused(Code.CONFLICT, reason, hint="End them first, or together with it.")
        audit.record(by, "run.purge", workspace=now.workspace, about=now.run_id)
        changes.record(now)
        indexing.forget(now)
        _leave_bytes(now)
        now.delete()


def purge_old(now: datetime) -> int:
    """End some runs that have been in the bin for their time; returns how many."""
    due = Run.objects.filter(deleted_at__lt=now - KEPT_FOR).order_by("-pk")[:_AT_ONCE]
    ended = 0
    for run in due:
        try:
            purge(run, by=WORKER)
        except (Refused, Run.DoesNotExist):
            continue
        ended += 1
    return ended


def _locked(run: Run) -> Run:
    return Run.objects.select_for_update(no_key=True).get(pk=run.pk)


def _move(now: Run, to: Shelf, deleted_at: datetime | None, *, by: Actor, told: str) -> None:
    names = {"before": Shelf(now.shelf).label, "after": to.label}
    changes.record(now, shelf=to, deleted_at=deleted_at)
    changes.tell(now, EventKind.EDIT, by=by, reason=told, data={"shelf": names})


def _leave_bytes(run: Run) -> None:
    """Note what of this run lies on disk; a snapshot of no other run goes with it."""
    contents: set[str] = set()
    for model in (RunFile, Attachment):
        contents |= set(model.objects.filter(run=run).values_list("sha256", flat=True))
    snapshot = run.snapshot
    if snapshot is not None and not snapshot.runs.exclude(pk=run.pk).exists():
        contents |= {entry["sha256"] for entry in snapshot.manifest.values()}
        snapshot.delete()
    has_logs = LogFile.objects.filter(run=run).exists()
    leftovers.leave(run.workspace_id, contents, logs_of=run.pk if has_logs else None)
