"""The values of a column that many runs share, in order: the list goes from one to the next.

To sort a million runs by their status would take a second. There are few statuses, and an index lists
the runs of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, OuterRef

from runs.models import Experiment, Run, User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.models import Workspace
    from runs.models.run import RunQuerySet

# Columns of runs with an index of (workspace, column, id).
_OWN = {"status": "status", "compute": "target", "type": "run_type"}
# Columns that hold the name of something else: of what, and by which key.
_NAMES: dict[str, tuple[Any, str, str]] = {
    "experiment": (Experiment, "name", "experiment"),
    "submitter": (User, "username", "created_by"),
}
COLUMNS = frozenset({*_OWN, *_NAMES})
_AT_ONCE = 50
_LEAPS = """
WITH RECURSIVE leap (name, number) AS (
    SELECT {least}({column}), 1 FROM {table} WHERE workspace_id = %s {beyond}
    UNION ALL
    SELECT (
        SELECT {least}({column}) FROM {table} WHERE workspace_id = %s AND {column} {order} leap.name
    ), leap.number + 1
    FROM leap WHERE leap.name IS NOT NULL AND leap.number < %s
)
SELECT name FROM leap WHERE name IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Shared:
    """A column with such values, of some runs of a workspace."""

    column: str
    rows: RunQuerySet
    workspace: Workspace

    def values(self, beyond: str | None, *, down: bool) -> Iterator[str]:
        """Yield what stands beyond a value, or all; downwards or upwards."""
        find = self._leap if self.column in _OWN else self._named
        while found := find(beyond, down=down):
            yield from found
            beyond = found[-1]

    def having(self, value: str) -> RunQuerySet:
        """Return the runs that have one value."""
        if self.column in _OWN:
            return self.rows.filter(**{_OWN[self.column]: value})
        model, name, key = _NAMES[self.column]
        ids = model._default_manager.filter(**{name: value}, **self._place(model))
        # Looked up first: the index of the list is entered by ids that are known.
        return self.rows.filter(**{f"{key}__in": list(ids.values_list("pk", flat=True))})

    def _named(self, beyond: str | None, *, down: bool) -> list[str]:
        """Return some names of what has runs; two archived experiments may share one."""
        model, name, key = _NAMES[self.column]
        named = model._default_manager.filter(
            Exists(self.rows.filter(**{key: OuterRef("pk")})), **self._place(model)
        )
        if beyond is not None:
            named = named.filter(**{f"{name}__{'lt' if down else 'gt'}": beyond})
        found = named.order_by(f"-{name}" if down else name).values_list(name, flat=True)
        return list(dict.fromkeys(found[:_AT_ONCE]))

    def _place(self, model: Any) -> dict[str, Any]:
        return {"workspace": self.workspace} if model is Experiment else {}

    def _leap(self, beyond: str | None, *, down: bool) -> list[str]:
        order = "<" if down else ">"
        column = _OWN[self.column]
        sql = _LEAPS.format(
            least="MAX" if down else "MIN",
            column=column,
            table=Run._meta.db_table,
            order=order,
            beyond="" if beyond is None else f"AND {column} {order} %s",
        )
        from_there = [] if beyond is None else [beyond]
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.workspace.pk, *from_there, self.workspace.pk, _AT_ONCE])
            return [name for (name,) in cursor.fetchall()]
