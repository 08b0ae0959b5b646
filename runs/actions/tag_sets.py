"""The sets of tags that runs have: each change of a run's tags moves it to another.

Called by ``runs.actions.indexing`` behind the lock of the workspace, so no set is made twice.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Count, F

from runs.models import Run, TagOfSet, TagSet

if TYPE_CHECKING:
    from collections.abc import Iterable


def keep(pk: int) -> None:
    """Have a run in the set of the tags that it has now."""
    found = Run.objects.filter(pk=pk).values_list("workspace", "tags", "tag_set").first()
    if found is None:
        return
    workspace, tags, before = found
    now = of(workspace, tags).pk
    if now == before:
        return
    Run.objects.filter(pk=pk).update(tag_set=now)
    TagSet.objects.filter(pk=now).update(number=F("number") + 1)
    leave(before)


def leave(pk: int | None) -> None:
    """Count one run less in a set, if there is one; without any it is gone."""
    if pk is None:
        return
    TagSet.objects.filter(pk=pk).update(number=F("number") - 1)
    TagSet.objects.filter(pk=pk, number=0).delete()


def of(workspace_id: int, keys: Iterable[str]) -> TagSet:
    """Return the set of these keys; a new one if no run has had it."""
    ordered = sorted(keys)
    digest = hashlib.sha256(json.dumps(ordered).encode()).hexdigest()
    found, is_new = TagSet.objects.get_or_create(workspace_id=workspace_id, digest=digest)
    if is_new:
        TagOfSet.objects.bulk_create(TagOfSet(tag_set=found, key=key) for key in ordered)
    return found


def write(ids: Iterable[int]) -> None:
    """Have each of these runs in its set, uncounted: ``recount`` is to follow."""
    members: dict[tuple[int, tuple[str, ...]], list[int]] = defaultdict(list)
    for pk, workspace, tags in Run.objects.filter(pk__in=ids).values_list(
        "pk", "workspace", "tags"
    ):
        members[workspace, tuple(sorted(tags))].append(pk)
    for (workspace, keys), runs in members.items():
        Run.objects.filter(pk__in=runs).update(tag_set=of(workspace, keys))


def recount() -> None:
    """Count the runs of all sets anew."""
    numbers = dict(Run.objects.order_by().values_list("tag_set").annotate(Count("pk")))
    TagSet.objects.exclude(pk__in=[pk for pk in numbers if pk is not None]).delete()
    sets = list(TagSet.objects.all())
    for each in sets:
        each.number = numbers[each.pk]
    TagSet.objects.bulk_update(sets, ["number"], batch_size=500)
