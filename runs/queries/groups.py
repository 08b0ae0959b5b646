"""Groups of the list: what runs can stand together by, how many there are, and which are passed over.

A group is known by a value of its column, None for the runs without one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from runs.actions.refused import Refused
from runs.actions.text import finite_number
from runs.queries import sources
from runs.queries.columns import OF_RUNS, column
from runs.queries.cursors import may_miss
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from runs.models import Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.columns import Column
    from runs.queries.sources import Listed

    Value = str | float | None

# So many of a group are counted.
COUNTED = 10_000
# No database holds a larger number of an integer column.
_MOST = 2**63
FIXED = ("experiment", "status", "compute", "submitter", "type", "name", "parent", "exit_code")


def check(name: str) -> Column:
    """Return the column to group by.

    Raises:
        Refused: there is none, or hardly two runs have the same in it.
    """
    found = column(name)
    if found is None or (found.id not in FIXED and found.kind not in OF_RUNS):
        reason = f'Runs cannot be grouped by "{name[:100]}".'
        hint = f"Name one of {', '.join(FIXED)}, or tag:KEY, property:KEY, param:KEY, metric:NAME."
        raise Refused(Code.BAD_REQUEST, reason, field="group", hint=hint)
    return found


def value_of(by: Column, value: Any) -> Value:
    """Return the value of the group of a run with that in its column: what it is sorted by."""
    if by.kind == "metric":
        return value if isinstance(value, int | float) and math.isfinite(value) else None
    if by.kind == "param" and value is not None:
        number = finite_number(value)
        return value[: limits.VALUE_START] if number is None else number
    if isinstance(value, str):
        return value[: limits.VALUE_START] if by.kind in OF_RUNS else value
    return None if value is True else value


def read(by: Column, texts: Sequence[str | None]) -> list[Value]:
    """Return the values that texts of an address mean; none of what cannot stand in the column."""
    found: list[Value] = []
    for text in texts:
        number = None if text is None else finite_number(text)
        if text is None:
            found += [None] if may_miss(by) else []
        elif by.kind == "param":
            found.append(text if number is None else number)
        elif not by.is_number:
            found.append(text)
        elif number is not None and abs(number) < _MOST:
            found.append(number)
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that ``rows`` of a workspace stand in."""

    rows: RunQuerySet
    by: Column
    workspace: Workspace

    def counts(self, values: Sequence[Value]) -> list[int]:
        """Return how many runs each of these groups has, up to one more than are counted."""
        asked = [self._ids(value)[: COUNTED + 1] for value in values]
        return [found or 0 for found in _each("COUNT(*)", asked)]

    def without(self, closed: Sequence[Value]) -> RunQuerySet:
        """Return the rows without these groups, but for one run of each: it holds the place of them."""
        if not closed:
            return self.rows
        asked = [self._ids(value)[:1] for value in closed]
        kept = [pk for pk in _each("MIN(found)", asked) if pk is not None]
        return self.rows.filter(~self._is_in(closed) | Q(pk__in=kept))

    def _ids(self, value: Value) -> QuerySet[Any, Any]:
        """Return the ids of the runs of a group."""
        if self.by.kind not in OF_RUNS or value is None or self.rows.are_few:
            return self.rows.filter(self._is_in([value])).order_by().values(found=F("pk"))
        # Of many runs, an index lists those with a value.
        ((rows, name, run),) = self._parts(value)
        found = rows.filter(Exists(self.rows.filter(pk=OuterRef(run))), **{name: value})
        return found.order_by().values(found=F(run))

    def _is_in(self, values: Sequence[Value]) -> Q:
        """Return the condition to be in one of these groups."""
        found = Q(pk__in=[])
        for value in values:
            if value is None:
                found |= ~self._has_some()
            else:
                found |= self._has(value)
        return found

    def _has(self, value: Value) -> Q:
        ((rows, name, run),) = self._parts(value)
        if run == "pk":
            return Q(**{name: value})
        return Q(Exists(rows.filter(**{run: OuterRef("pk"), name: value})))

    def _has_some(self) -> Q:
        found = Q(pk__in=[])
        for rows, name, run in sources.listed(self.by, self.workspace):
            if run == "pk":
                found |= Q(**{f"{name}__isnull": False})
            else:
                found |= Q(Exists(rows.filter(**{run: OuterRef("pk")})))
        return found

    def _parts(self, value: Value) -> list[Listed]:
        """Return where this value stands: parameters have numbers in one place, texts in another."""
        found = sources.listed(self.by, self.workspace)
        return [found[isinstance(value, str)]] if self.by.kind == "param" else found


def _each(what: str, asked: Sequence[QuerySet[Any, Any]]) -> list[int | None]:
    """Return what the database says of each of these queries, all in one."""
    parts: list[str] = []
    given: list[Any] = []
    for rows in asked:
        try:
            inner, params = rows.query.sql_with_params()
        except EmptyResultSet:
            inner, params = "SELECT NULL AS found WHERE 1 = 0", ()
        parts.append(f"(SELECT {what} FROM ({inner}) AS inside)")  # noqa: S608 (Django wrote it)
        given += params
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", given)
        (found,) = cursor.fetchall()
    return list(found)
