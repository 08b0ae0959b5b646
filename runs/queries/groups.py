"""Groups of the list: what runs can stand together by, how many there are, and which are passed over.

A group is known by a value of its column, None for the runs without one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from runs.actions.refused import Refused
from runs.actions.text import finite_number
from runs.models import Experiment, Run, User
from runs.queries import sources
from runs.queries.columns import OF_RUNS, column
from runs.queries.cursors import may_miss
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet

    from runs.models import Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.columns import Column
    from runs.queries.sources import Listed

    Value = str | float | None
    Ids = dict[Value, list[int]]

# So many of a group are counted, or looked at where a query has to be asked of each.
COUNTED = 10_000
LOOKED_AT = 2_000
# No database holds a larger number of an integer column.
_MOST = 2**63
FIXED = ("experiment", "status", "compute", "submitter", "type", "name", "parent", "exit_code")
# All runs of a group of these are counted in an index, with no look at each.
_COVERED = frozenset({"experiment", "status", "compute", "type"})
# What names something else: among what it is looked up, its name there, and what runs call it.
_NAMED: dict[str, tuple[Callable[[Workspace], QuerySet[Any]], str, str]] = {
    "experiment": (Experiment.objects.inside, "name", "experiment"),
    "submitter": (lambda _: User.objects.all(), "username", "created_by"),
    "parent": (Run.objects.inside, "run_id", "parent"),
}


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
class Count:
    """How many runs of a group there are; ``is_more`` says that there may be more than were counted."""

    number: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that ``rows`` of a workspace stand in; ``is_whole`` says that no query chose them."""

    rows: RunQuerySet
    by: Column
    workspace: Workspace
    is_whole: bool = False

    def counts(self, values: Sequence[Value]) -> list[Count]:
        """Return how many runs each of these groups has, as far as they are looked at."""
        known = self._known(values)
        found = _each("COUNT(*)", [part for value in values for part in self._parts(value, known)])
        pairs = zip(found[::2], found[1::2], strict=True)
        return [
            Count(min(number or 0, COUNTED), bool(more) or (number or 0) > COUNTED)
            for number, more in pairs
        ]

    def without(self, closed: Sequence[Value]) -> RunQuerySet:
        """Return the rows without these groups, but for one run of each: it holds the place of them."""
        if not closed:
            return self.rows
        known = self._known(closed)
        asked = [self._inside(value, known)[:1] for value in closed]
        kept = [pk for pk in _each("MIN(found)", asked) if pk is not None]
        return self.rows.filter(~self._is_in(closed, known) | Q(pk__in=kept))

    def _parts(self, value: Value, known: Ids) -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
        """Return the runs of a group that are counted, and one beyond what is looked at."""
        if self.rows.are_few or (self.is_whole and self.by.id in _COVERED):
            return self._inside(value, known)[: COUNTED + 1], Run.objects.none().values("pk")
        # Each costs a look at the run, one for which a query asks more costs several.
        most = COUNTED if self.is_whole else LOOKED_AT
        near = self._anywhere(value, known)
        rows = self.rows.filter(self._is_in([None], known)) if value is None else self.rows
        counted = rows.filter(pk__in=near[:most]).order_by().values(found=F("pk"))
        return counted, near[most : most + 1]

    def _inside(self, value: Value, known: Ids) -> QuerySet[Any, Any]:
        """Return the ids of the runs of a group."""
        if self.by.kind not in OF_RUNS or value is None or self.rows.are_few:
            return self.rows.filter(self._is_in([value], known)).order_by().values(found=F("pk"))
        # Of many runs, an index lists those with a value.
        rows, name, run = self._listed(value)
        found = rows.filter(Exists(self.rows.filter(pk=OuterRef(run))), **{name: value})
        return found.order_by().values(found=F(run))

    def _anywhere(self, value: Value, known: Ids) -> QuerySet[Any, Any]:
        """Return the ids of all runs of the workspace with a value, by its index; without one, of all."""
        runs = Run.objects.inside(self.workspace).order_by().values(found=F("pk"))
        if value is None:
            return runs.order_by("-pk")
        if self.by.id in _NAMED:
            return Run.objects.filter(self._has(value, known)).order_by().values(found=F("pk"))
        rows, name, run = self._listed(value)
        return rows.filter(**{name: value}).order_by().values(found=F(run))

    def _known(self, values: Sequence[Value]) -> Ids:
        """Return the ids of what values name: looked up first, so that an index is entered by them."""
        if self.by.id not in _NAMED:
            return {}
        rows, name, _ = _NAMED[self.by.id]
        found: Ids = defaultdict(list)
        named = rows(self.workspace).filter(**{f"{name}__in": list(filter(None, values))})
        for text, pk in named.values_list(name, "pk"):
            found[text].append(pk)
        return found

    def _is_in(self, values: Sequence[Value], known: Ids) -> Q:
        """Return the condition to be in one of these groups."""
        found = Q(pk__in=[])
        for value in values:
            if value is None:
                found |= ~self._has_some()
            else:
                found |= self._has(value, known)
        return found

    def _has(self, value: Value, known: Ids) -> Q:
        if self.by.id in _NAMED:
            _, _, key = _NAMED[self.by.id]
            return Q(**{f"{key}__in": known.get(value, [])})
        rows, name, run = self._listed(value)
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

    def _listed(self, value: Value) -> Listed:
        """Return where this value stands: parameters have numbers in one place, texts in another."""
        found = sources.listed(self.by, self.workspace)
        return found[self.by.kind == "param" and isinstance(value, str)]


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
