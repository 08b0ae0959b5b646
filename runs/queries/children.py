"""What is below runs: how many children each has, in one query for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count

from runs.models import Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runs.models.run import RunQuerySet


@dataclass(slots=True)
class Family:
    """The children of one run by status, most first."""

    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.statuses.values())

    @property
    def told(self) -> str:
        """Say it in words: "3 child runs: 2 Completed, 1 Failed"."""
        parts = sorted(self.statuses.items(), key=lambda pair: (-pair[1], pair[0]))
        words = ", ".join(f"{number:,} {status}" for status, number in parts)
        return f"{self.count:,} child run{'s' * (self.count != 1)}: {words}"


def of(runs: Iterable[int], *, archived: bool) -> RunQuerySet:
    """Return the children of runs, which are of the workspace that these are of."""
    found = Run.objects.filter(parent__in=list(runs))
    found = found.present() if archived else found.listed()
    # An index finds them.
    found.are_few = True
    return found


def families(runs: Iterable[int], *, archived: bool) -> dict[int, Family]:
    """Return what is below each run that has children."""
    rows = of(runs, archived=archived).order_by().values_list("parent", "status")
    found: dict[int, Family] = {}
    for parent, status, number in rows.annotate(Count("pk")):
        found.setdefault(parent, Family()).statuses[status] = number
    return found
