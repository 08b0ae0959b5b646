"""The lookup ``begins``: texts that begin with a text, upper and lower case apart, by the index.

Django's ``startswith`` is a LIKE, which in SQLite takes A for a and walks past every index.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from django.db.models import CharField
from django.db.models.lookups import StartsWith

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

_BEFORE_SURROGATES, _AFTER_SURROGATES = 0xD7FF, 0xE000


@CharField.register_lookup
class Begins(StartsWith):
    """``name__begins="explore-"``; of PostgreSQL a LIKE, of SQLite a stretch of the index."""

    lookup_name = "begins"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return a LIKE, in which what the text itself has of ``%`` and ``_`` means nothing."""
        sql, given = StartsWith(self.lhs, self.rhs).as_sql(compiler, connection)
        return sql, list(given)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, Any]:
        """Return that the column is at least the text, and below the first that begins otherwise."""
        column, given = self.process_lhs(compiler, connection)
        text = str(self.rhs)
        end = following(text)
        if end is None:
            return f"{column} >= %s", [*given, text]
        return f"({column} >= %s AND {column} < %s)", [*given, text, *given, end]


def following(text: str) -> str | None:
    """Return the first text, by code points, behind all that begin with ``text``; None if none is."""
    kept = text.rstrip(chr(sys.maxunicode))
    if not kept:
        return None
    last = ord(kept[-1])
    return kept[:-1] + chr(_AFTER_SURROGATES if last == _BEFORE_SURROGATES else last + 1)
