"""Freeing bytes that runs have left: those that no other run or snapshot of the workspace needs."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from runs.models import Attachment, Leftover, RunFile, Snapshot
from runs.stores import blobs, freeing, logs

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_AT_ONCE = 1_000
# Who has just sent or asked for a content may be about to say what for.
_FRESH = timedelta(minutes=10)


def leave(workspace_id: int, contents: Collection[str], *, logs_of: int | None = None) -> None:
    """Note bytes that something has left, and the run whose logs go, in the transaction of the caller."""
    now = timezone.now()
    left = [
        Leftover(workspace_id=workspace_id, sha256=sha, look_after=now) for sha in sorted(contents)
    ]
    if logs_of is not None:
        left.append(Leftover(workspace_id=workspace_id, logs_of=logs_of, look_after=now))
    Leftover.objects.bulk_create(left, batch_size=500)


def free(now: datetime) -> int:
    """Look after some leftovers; returns how many contents and logs were removed, none in a backup."""
    with freeing.allowed() as may_free:
        return _free(now) if may_free else 0


def _free(now: datetime) -> int:
    due = list(Leftover.objects.filter(look_after__lte=now).order_by("look_after")[:_AT_ONCE])
    freed, settled = 0, []
    contents: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for left in due:
        if left.logs_of is None:
            contents[left.workspace_id][left.sha256].append(left.pk)
            continue
        logs.drop(left.logs_of)
        settled.append(left.pk)
        freed += 1
    for workspace_id, keys in contents.items():
        needed = _needed(workspace_id, set(keys))
        for sha256, pks in keys.items():
            if sha256 in needed:
                settled += pks
            elif blobs.drop(workspace_id, sha256, unused_for=_FRESH.total_seconds()):
                settled += pks
                freed += 1
            else:
                Leftover.objects.filter(pk__in=pks).update(look_after=now + _FRESH)
    Leftover.objects.filter(pk__in=settled).delete()
    return freed


def _needed(workspace_id: int, contents: set[str]) -> set[str]:
    """Return which contents runs, descriptions or snapshots of the workspace have."""
    needed: set[str] = set()
    for model in (RunFile, Attachment):
        files = model.objects.filter(sha256__in=contents, run__workspace=workspace_id)
        needed |= set(files.values_list("sha256", flat=True))
    if contents <= needed:
        return needed
    snapshots = Snapshot.objects.filter(workspace=workspace_id).values_list("manifest", flat=True)
    for manifest in snapshots.iterator(chunk_size=20):
        needed |= contents & {entry["sha256"] for entry in manifest.values()}
    return needed
