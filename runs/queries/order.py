"""The list in any order, page by page: by key, never by counting, so every page costs the same.

What a run does not have comes last, whichever way the list runs, and parameters that are texts come
behind those that are numbers; runs that are alike follow each other by age, the way that the last
column is sorted.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Exists, OuterRef, Q, When

from runs.actions.refused import Refused
from runs.models import Run
from runs.queries import cursors, sources
from runs.queries.columns import FIXED, Column, column
from runs.queries.cursors import Place, may_miss
from runs.queries.shared import COLUMNS as SHARED
from runs.queries.shared import Shared
from studio.contract.errors import Code

if TYPE_CHECKING:
    from runs.models import Workspace
    from runs.models.run import RunQuerySet
    from runs.queries.sources import Listed

MOST_KEYS = 2
# What a row of the list can show; the rest of a run is not read.
_SHOWN = (
    *("run_id", "number", "display_name", "description", "run_type", "status", "target"),
    *("created_at", "started_at", "ended_at", "exit_code", "tags", "properties", "depth"),
    *("workspace_id", "experiment__name", "created_by__username", "parent__run_id"),
    *("supervised", "shelf", "revision", "version"),
)


@dataclass(frozen=True, slots=True)
class Key:
    """A column to sort by, and which way."""

    column: Column
    descending: bool = False

    def text(self) -> str:
        """Return it as an address has it."""
        return f"-{self.column.id}" if self.descending else self.column.id


@dataclass(frozen=True, slots=True)
class Slice:
    """One page: its runs, and the cursors of the page before and after it, "" where there is none."""

    runs: list[Run]
    before: str
    after: str


NEWEST_FIRST = (Key(FIXED["created"], descending=True),)


def keys(names: list[str], field: str = "sort") -> tuple[Key, ...]:
    """Return what to sort by: ids of columns, with a ``-`` before them for descending.

    Raises:
        Refused: a column that does not exist or has no order, or too many.
    """
    if len(names) > MOST_KEYS:
        raise Refused(Code.BAD_REQUEST, f"Sort by up to {MOST_KEYS} columns.", field=field)
    found = []
    for name in names:
        known = column(name.removeprefix("-"))
        if known is None or known.kind == "tags":
            reason = f'Runs cannot be sorted by "{name[:100]}".'
            hint = "Name a column, with - before it for descending, as in -created."
            raise Refused(Code.BAD_REQUEST, reason, field=field, hint=hint)
        found.append(Key(known, name.startswith("-")))
    return tuple(found) or NEWEST_FIRST


def page(
    rows: RunQuerySet,
    by: tuple[Key, ...],
    limit: int,
    *,
    workspace: Workspace,
    after: str = "",
    before: str = "",
    field: str = "after",
    whole: bool = False,
) -> Slice:
    """Return the page of ``rows`` behind one cursor, or the page before another.

    ``field`` is what the cursor ``after`` is called where it came from; ``whole`` runs hold all that
    they have, not only what a row of the list shows.

    Raises:
        Refused: a cursor that no page of this order has given out.
    """
    field, cursor = ("before", before) if before else (field, after)
    place = cursors.decode(cursor, [key.column for key in by], field) if cursor else None
    backward = bool(before)
    walk = _Walk(rows, by, workspace)
    found = walk.find(place, limit + 1, backward=backward)
    more, found = len(found) > limit, found[:limit]
    if backward:
        found.reverse()
    rows_of_list = Run.objects.select_related("experiment", "created_by", "parent").only(*_SHOWN)
    runs = Run.objects.with_names() if whole else rows_of_list
    runs_by_id = runs.in_bulk([pk for *_, pk in found])
    shown = [runs_by_id[pk] for *_, pk in found if pk in runs_by_id]
    has_before = more if backward else place is not None
    has_after = place is not None if backward else more
    return Slice(
        shown,
        before=cursors.encode(found[0]) if found and has_before else "",
        after=cursors.encode(found[-1]) if found and has_after else "",
    )


def all_ids(rows: RunQuerySet, by: tuple[Key, ...], workspace: Workspace) -> array[int]:
    """Return the ids of all ``rows`` in that order, sorted once; each takes eight bytes."""
    found, _ = _Walk(rows, by, workspace).sorted()
    return array("q", found.values_list("pk", flat=True).iterator(chunk_size=10_000))


class _Walk:
    """Finds the keys and ids of a page: a tuple of the values sorted by, then the id."""

    def __init__(self, rows: RunQuerySet, by: tuple[Key, ...], workspace: Workspace) -> None:
        self._rows = rows
        self._by = by
        self._workspace = workspace

    def find(self, place: Place | None, count: int, *, backward: bool) -> list[Place]:
        first = self._by[0]
        # A few runs are sorted by whatever they have; of many, an index lists those with a value.
        if self._rows.are_few:
            return self._sorted(place, count, backward=backward)
        if first.column.id in SHARED:
            return self._shared(place, count, backward=backward)
        if len(self._by) > 1 or not sources.is_listed(first.column):
            return self._sorted(place, count, backward=backward)
        return self._walked(first, place, count, backward=backward)

    def _shared(self, place: Place | None, count: int, *, backward: bool) -> list[Place]:
        """Go from value to value of a column, and through the runs of each."""
        key, *rest = self._by
        by = tuple(rest) or (Key(FIXED["created"], key.descending),)
        column = Shared(key.column.id, self._rows, self._workspace)
        found: list[Place] = []

        def add(value: str, inner: Place | None) -> None:
            walk = _Walk(column.having(value), by, self._workspace)
            parts = walk.find(inner, count - len(found), backward=backward)
            found.extend((value, *(part if rest else part[1:])) for part in parts)

        if place is not None:
            add(place[0], place[1:] if rest else (place[-1], place[-1]))
        values = column.values(None if place is None else place[0], down=key.descending != backward)
        while len(found) < count and (value := next(values, None)) is not None:
            add(value, None)
        return found

    def _sorted(self, place: Place | None, count: int, *, backward: bool) -> list[Place]:
        rows, names = self.sorted(place, backward=backward)
        return [self._joined(row) for row in rows.values_list(*names)[:count]]

    def sorted(
        self, place: Place | None = None, *, backward: bool = False
    ) -> tuple[RunQuerySet, list[str]]:
        """Return all that is meant, sorted by the values of its keys, and the names of those."""
        rows = self._rows.order_by()
        ways: list[tuple[str, bool]] = []
        for number, key in enumerate(self._by):
            for part, expression in enumerate(sources.expressions(key.column)):
                value, missing = f"sort_{number}_{part}", f"missing_{number}_{part}"
                rows = rows.annotate(**{value: expression})
                if may_miss(key.column):
                    flag = Case(When(**{f"{value}__isnull": True}, then=1), default=0)
                    rows = rows.annotate(**{missing: flag})
                    ways.append((missing, backward))
                ways.append((value, key.descending != backward))
        ways.append(("pk", self._by[-1].descending != backward))
        if place is not None:
            rows = rows.filter(_beyond(ways, self._spread(place)))
        order = [f"-{name}" if down else name for name, down in ways]
        names = [name for name, _ in ways if not name.startswith("missing_")]
        return rows.order_by(*order), names

    def _spread(self, place: Place) -> Place:
        """Return a place with, before each value that may be missing, whether it is."""
        parts: list[Any] = []
        for key, value in zip(self._by, place, strict=False):
            if key.column.kind == "param":
                number, text = (None, value) if isinstance(value, str) else (value, None)
                parts += [int(number is None), number, int(text is None), text]
            else:
                parts += [int(value is None), value] if may_miss(key.column) else [value]
        return (*parts, place[-1])

    def _joined(self, row: Place) -> Place:
        """Return a row with one value for each key, of those that a parameter has as a number or text."""
        values = iter(row)
        joined: list[Any] = []
        for key in self._by:
            value = next(values)
            if key.column.kind == "param":
                text = next(values)
                value = text if value is None else value
            joined.append(value)
        return (*joined, next(values))

    def _walked(self, key: Key, place: Place | None, count: int, *, backward: bool) -> list[Place]:
        """Walk the values of a column in their index, then the runs without one."""
        down = key.descending != backward
        listed = sources.listed(key.column, self._workspace)

        def walk(part: int, count: int, place: Place | None) -> list[Place]:
            if part < len(listed):
                return self._valued(listed[part], place, count, down=down)
            return self._valueless(listed, place, count, down=down)

        parts = range(len(listed) + may_miss(key.column))
        if place is not None:
            # Beyond this place there is nothing of the parts on its other side.
            here = _part(place[0], len(listed))
            parts = parts[: here + 1] if backward else parts[here:]
        found: list[Place] = []
        for part in reversed(parts) if backward else parts:
            found += walk(part, count - len(found), place)
            place = None
            if len(found) == count:
                break
        return found

    def _valued(
        self, listed: Listed, place: Place | None, count: int, *, down: bool
    ) -> list[Place]:
        rows, column, run = listed
        # Looked at one by one, so that what they have besides does not choose another index.
        found = rows.filter(Exists(self._rows.filter(pk=OuterRef(run))))
        ways = [(column, down), (run, down)]
        if place is not None:
            found = found.filter(_beyond(ways, place))
        order = [f"-{name}" if down else name for name, _ in ways]
        return [tuple(row) for row in found.order_by(*order).values_list(column, run)[:count]]

    def _valueless(
        self, listed: list[Listed], place: Place | None, count: int, *, down: bool
    ) -> list[Place]:
        found = self._rows
        for rows, name, run in listed:
            if run == "pk":
                found = found.filter(**{name: None})
            else:
                found = found.filter(~Exists(rows.filter(run=OuterRef("pk"))))
        if place is not None:
            found = found.filter(**{"pk__lt" if down else "pk__gt": place[-1]})
        ids = found.order_by("-pk" if down else "pk").values_list("pk", flat=True)[:count]
        return [(None, pk) for pk in ids]


def _part(value: Any, count: int) -> int:
    """Return in which part a place is: among numbers, among texts behind them, or without a value."""
    if value is None:
        return count
    return int(count > 1 and isinstance(value, str))


def _beyond(ways: list[tuple[str, bool]], place: Place) -> Q:
    """Return the condition to come after a place: alike in the first keys, beyond in the next."""
    found, alike = Q(pk__in=[]), Q()
    for (name, down), value in zip(ways, place, strict=True):
        if value is not None:
            found |= alike & Q(**{f"{name}__{'lt' if down else 'gt'}": value})
            alike &= Q(**{name: value})
    # Said once more for all keys together, so that an index can be entered at the place.
    name, down = ways[0]
    return found & Q(**{f"{name}__{'lte' if down else 'gte'}": place[0]})
