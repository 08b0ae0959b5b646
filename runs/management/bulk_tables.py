"""Many rows at once, past Django's objects: what fills a studio to measure it with."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from django.db.models import Model

_IS_SQLITE = connection.vendor == "sqlite"
# Indexes that are no rule, and the triggers that tell the search index of documents.
_HELPERS = (
    "SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ({}) "
    "AND (sql LIKE 'CREATE INDEX%%' OR type = 'trigger')"
    if _IS_SQLITE
    else "SELECT 'INDEX', indexname, indexdef FROM pg_indexes WHERE tablename IN ({}) "
    "AND indexdef LIKE 'CREATE INDEX%%'"
)


class BulkTable:
    """Rows for one table: tuples of what varies; the rest is as a new object has it."""

    def __init__(self, model: type[Model], *varying: str, **constant: Any) -> None:
        whole = model(**constant)
        fields = {field.attname: field for field in model._meta.concrete_fields}
        rest = [f for name, f in fields.items() if name not in varying and not f.primary_key]
        self.name = model._meta.db_table
        self._rest = tuple(
            field.get_db_prep_save(getattr(whole, field.attname), connection) for field in rest
        )
        columns = [*(fields[name].column for name in varying), *(field.column for field in rest)]
        self._columns = ", ".join(f'"{column}"' for column in columns)
        self._marks = ", ".join(["%s"] * len(columns))

    def insert(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows, in the transaction of the caller."""
        whole = [row + self._rest for row in rows]
        with connection.cursor() as cursor:
            if _IS_SQLITE:
                into = f'INSERT INTO "{self.name}" ({self._columns}) VALUES ({self._marks})'  # noqa: S608
                cursor.executemany(into, whole)
                return
            with cursor.copy(f'COPY "{self.name}" ({self._columns}) FROM STDIN') as copy:
                for row in whole:
                    copy.write_row(row)


def stored(time: datetime) -> Any:
    """Return a time in UTC as the database has it."""
    return str(time.replace(tzinfo=None)) if _IS_SQLITE else time


@contextlib.contextmanager
def without_indexes(tables: Sequence[BulkTable]) -> Iterator[None]:
    """Fill tables without their indexes, which are made again at the end: so it takes half the time."""
    with connection.cursor() as cursor:
        if _IS_SQLITE:
            cursor.execute("PRAGMA cache_size = -800000")
            cursor.execute("PRAGMA threads = 2")
        marks = ", ".join(["%s"] * len(tables))
        cursor.execute(_HELPERS.format(marks), [table.name for table in tables])
        helpers = cursor.fetchall()
        for kind, name, _ in helpers:
            cursor.execute(f'DROP {kind} "{name}"')
        try:
            yield
        finally:
            for _, _, made in helpers:
                cursor.execute(made)
            if _IS_SQLITE:
                for index in ("runs_searchindex", "runs_logindex"):
                    cursor.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608
            else:
                cursor.execute("ANALYZE")
