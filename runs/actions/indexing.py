"""What is kept about a run so that lists are quick: its search document, its place in the counts.

``keep`` is called with every change of a run, by ``runs.actions.changes``, behind the lock of the
workspace: two changes never write a document or a count at once.
"""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F

from runs.models import Run, RunCount, SearchDocument, Workspace
from runs.models.search import document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_WORDS = frozenset({"display_name", "description", "status", "tags"})
_KIND = frozenset({"status", "shelf"})
_TEXTS = (
    "display_name",
    "run_id",
    "description",
    "status",
    "experiment__name",
    "created_by__username",
    "created_by__name",
    "tags",
)
_AT_ONCE = 2_000


def keep(run: Run, changed: Collection[str]) -> None:
    """Bring up to date what hangs on the changed fields of a run, as they are stored now."""
    if not _KIND.isdisjoint(changed):
        _count(run.pk)
    if not _WORDS.isdisjoint(changed):
        _write([run.pk])


def forget(run: Run) -> None:
    """Count a run no more; it is about to go. Its document goes with it."""
    counted = Run.objects.filter(pk=run.pk).values("counted_in")
    RunCount.objects.filter(pk__in=counted).update(number=F("number") - 1)


def rebuild() -> int:
    """Write all documents and counts anew, as after a change of what they hold; returns how many runs."""
    last, total = 0, 0
    while ids := list(
        Run.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]
    ):
        with _alone():
            _write(ids)
        last, total = ids[-1], total + len(ids)
    with _alone():
        _recount()
    return total


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """A transaction in which no run changes."""
    with transaction.atomic():
        list(Workspace.objects.select_for_update().order_by("pk").values_list("pk"))
        yield


def _write(ids: list[int]) -> None:
    rows = Run.objects.filter(pk__in=ids).values_list("pk", *_TEXTS)
    SearchDocument.objects.bulk_create(
        [
            SearchDocument(run_id=pk, text=document([*texts, *itertools.chain(*tags.items())]))
            for pk, *texts, tags in rows
        ],
        update_conflicts=True,
        unique_fields=["run"],
        update_fields=["text"],
    )


def _count(pk: int) -> None:
    names = ("workspace", "shelf", "depth", "status", "counted_in")
    found = Run.objects.filter(pk=pk).values_list(*names).first()
    if found is None:
        return
    workspace, shelf, depth, status, before = found
    kind, _ = RunCount.objects.get_or_create(
        workspace_id=workspace, shelf=shelf, is_child=depth > 0, status=status
    )
    if kind.pk == before:
        return
    RunCount.objects.filter(pk=before).update(number=F("number") - 1)
    RunCount.objects.filter(pk=kind.pk).update(number=F("number") + 1)
    Run.objects.filter(pk=pk).update(counted_in=kind)


def _recount() -> None:
    RunCount.objects.update(number=0)
    for is_child in (False, True):
        runs = Run.objects.filter(depth__gt=0) if is_child else Run.objects.top_level()
        kinds = runs.order_by().values_list("workspace", "shelf", "status").annotate(Count("pk"))
        for workspace, shelf, status, number in kinds:
            kind, _ = RunCount.objects.update_or_create(
                workspace_id=workspace,
                shelf=shelf,
                is_child=is_child,
                status=status,
                defaults={"number": number},
            )
            alike = runs.filter(workspace=workspace, shelf=shelf, status=status)
            alike.exclude(counted_in=kind).update(counted_in=kind)
