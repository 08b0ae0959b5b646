"""The runs below a run, at any depth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from runs.models import Run
from runs.models.run import Shelf
from studio.contract.words import TERMINAL, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

# From the top down by the index of parents; nothing of other trees is read.
_BELOW = f"""
WITH RECURSIVE below (id, status, depth) AS (
    SELECT id, status, 1 FROM {Run._meta.db_table} WHERE parent_id = %s AND shelf <> %s
    UNION ALL
    SELECT child.id, child.status, below.depth + 1
    FROM {Run._meta.db_table} AS child JOIN below ON child.parent_id = below.id
    WHERE child.shelf <> %s
)
SELECT status, depth = 1, COUNT(*) FROM below GROUP BY status, depth = 1
"""  # noqa: S608 (the name of our own table)


@dataclass(frozen=True, slots=True)
class Family:
    """How many runs are below one: ``children`` directly, ``total`` at any depth, by status."""

    children: int
    total: int
    by_status: Mapping[str, int]

    @property
    def going(self) -> int:
        """How many have not ended."""
        return sum(n for status, n in self.by_status.items() if status not in TERMINAL)


def family(run: Run) -> Family:
    """Return how many runs are below this one and how they stand, but for those in the bin."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [run.pk, Shelf.BIN.value, Shelf.BIN.value])
        rows = cursor.fetchall()
    counts: Counter[str] = Counter()
    for status, _, number in rows:
        counts[status] += number
    ordered = {status.value: counts[status.value] for status in Status if counts[status.value]}
    children = sum(number for _, is_child, number in rows if is_child)
    return Family(children, sum(ordered.values()), ordered)
