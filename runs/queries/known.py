"""The keys, names and values that runs of a workspace have: found by leaps through an index.

To read a million rows for the eight values that they have would take a second; each leap goes to
the first row of the next value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import connection

from runs.models import Metric, RunParameter, RunProperty, RunTag
from runs.queries.prefix import following

if TYPE_CHECKING:
    from django.db.models import Model

    from runs.models import Workspace

# A name, and how often it occurs, if that is known; no more than ``MOST`` are counted.
Found = list[tuple[str, int | None]]
MOST = 2_000
_SHOWN = 12
_LEAPS = 60

LABELS: dict[str, tuple[type[Model], str]] = {
    "tag": (RunTag, "key"),
    "property": (RunProperty, "key"),
    "metric": (Metric, "name"),
    "param": (RunParameter, "key"),
}
# Each part of the query is a seek in the index (workspace, key, value_start).
_LEAPING = """
WITH RECURSIVE leap (name, number) AS (
    SELECT MIN({column}), 1 FROM {table} WHERE {within} {begins}
    UNION ALL
    SELECT (SELECT MIN({column}) FROM {table} WHERE {within} {goes_on} AND {column} > leap.name),
        leap.number + 1
    FROM leap WHERE leap.name IS NOT NULL AND leap.number < {leaps}
)
SELECT name, (
    SELECT COUNT(*) FROM (
        SELECT 1 FROM {table} WHERE {within} AND {column} = leap.name LIMIT {most}
    ) AS counted
) AS number FROM leap WHERE name IS NOT NULL
"""


def completed(field: str, begun: str, workspace: Workspace, *, of: str | None = None) -> Found:
    """Return keys of a field, or values of a label ``of`` that key, that begin so.

    The most frequent come first. What is written in small letters is also found in capitals.
    """
    if of is not None and field not in ("tag", "property", "param"):
        return []
    found: dict[str, int] = {}
    for beginning in dict.fromkeys([begun, begun.lower(), begun.capitalize(), begun.upper()]):
        found |= _leap(field, beginning, workspace, of)
    likeliest = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return list(likeliest[:_SHOWN])


def _leap(field: str, begun: str, workspace: Workspace, of: str | None) -> dict[str, int]:
    model, key = LABELS[field]
    column, within, given = key, "workspace_id = %s", [cast("Any", workspace.pk)]
    if of is not None:
        column, within = "value_start", f"{within} AND {key} = %s"
        given.append(of)
    begins, first, goes_on, more = _beginning(column, begun) if begun else ("", [], "", [])
    sql = _LEAPING.format(
        column=column,
        table=model._meta.db_table,
        within=within,
        begins=begins,
        goes_on=goes_on,
        leaps=_LEAPS,
        most=MOST,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, *first, *given, *more, *given])
        return dict(cursor.fetchall())


def _beginning(column: str, text: str) -> tuple[str, list[str], str, list[str]]:
    """Return the condition that a column begins with a text, and the same for what is behind one."""
    if connection.vendor == "postgresql":
        like, given = f"AND {column} LIKE %s", [f"{connection.ops.prep_for_like_query(text)}%"]
        return like, given, like, given
    end = following(text)
    # Behind the first value no lower bound is said: SQLite would enter the index there each time.
    below, given = (f"AND {column} < %s", [end]) if end is not None else ("", [])
    return f"AND {column} >= %s {below}", [text, *given], below, given
