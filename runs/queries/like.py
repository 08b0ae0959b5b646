"""The lookups ``like`` and ``ilike``: MLflow's patterns, in which % is anything and _ is one character."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, TextField
from django.db.models.lookups import StartsWith

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

_GLOB = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})


class Like(StartsWith):
    """Upper and lower case apart. Of SQLite a GLOB, whose LIKE takes A for a."""

    lookup_name = "like"
    operator = "LIKE"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return a LIKE in which a backslash means nothing."""
        column, given = self.process_lhs(compiler, connection)
        return f"{column} {self.operator} %s ESCAPE ''", [*given, str(self.rhs)]

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, Any]:
        """Return the same as a GLOB."""
        column, given = self.process_lhs(compiler, connection)
        return f"{column} GLOB %s", [*given, str(self.rhs).translate(_GLOB)]


class ILike(Like):
    """Upper and lower case alike."""

    lookup_name = "ilike"
    operator = "ILIKE"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any
    ) -> tuple[str, Any]:
        """Return a plain LIKE."""
        column, given = self.process_lhs(compiler, connection)
        return f"{column} LIKE %s", [*given, str(self.rhs)]


for field in (CharField, TextField):
    field.register_lookup(Like)
    field.register_lookup(ILike)
