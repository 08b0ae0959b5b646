"""What is kept about a run so that lists are quick: its search document, its counts, its set of tags.

``keep`` is called with every change of a run, by ``runs.actions.changes``, behind the lock of the
workspace: two changes never write a document or a count at once.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from runs.actions import tag_sets
from runs.models import Run, RunCount, SearchDocument, Workspace
from runs.models.search import document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

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
    if "tags" in changed:
        tag_sets.keep(run.pk)


def date(workspace: Workspace) -> datetime:
    """Return when the next run of a workspace is made; to be called before that run has its id.

    Holds the lock of the workspace, so that times have the order of ids; keeps how far they stray from
    it when a clock is set back.
    """
    rows = Workspace.objects.select_for_update(no_key=True).filter(pk=workspace.pk)
    newest, disorder = rows.values_list("newest_at", "disorder").get()
    now = timezone.now()
    back = 0.0 if newest is None else (newest - now).total_seconds()
    rows.update(newest_at=max(newest or now, now), disorder=max(disorder, back))
    return now


def forget(run: Run) -> None:
    """Count a run no more; it is about to go. Its document goes with it."""
    counted, tag_set = Run.objects.values_list("counted_in", "tag_set").get(pk=run.pk)
    RunCount.objects.filter(pk=counted).update(number=F("number") - 1)
    Run.objects.filter(pk=run.pk).update(tag_set=None)
    tag_sets.leave(tag_set)


def rebuild() -> int:
    """Write all documents and counts anew, as after a change of what they hold; returns how many runs."""
    last, total = 0, 0
    while ids := list(
        Run.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]
    ):
        with _alone():
            _write(ids)
            tag_sets.write(ids)
        last, total = ids[-1], total + len(ids)
    with _alone():
        _recount()
        tag_sets.recount()
        redate()
    return total


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """A transaction in which no run changes."""
    with transaction.atomic():
        list(Workspace.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
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


def redate() -> None:
    """Find anew how far the order of times strays from that of ids."""
    newest: dict[int, datetime] = {}
    disorder: dict[int, float] = defaultdict(float)
    runs = Run.objects.order_by("pk").values_list("workspace", "created_at")
    for workspace, created_at in runs.iterator(chunk_size=10_000):
        last = newest.setdefault(workspace, created_at)
        disorder[workspace] = max(disorder[workspace], (last - created_at).total_seconds())
        newest[workspace] = max(last, created_at)
    for workspace, last in newest.items():
        told = {"newest_at": last, "disorder": disorder[workspace]}
        Workspace.objects.filter(pk=workspace).update(**told)
