"""Free text: the one function behind which the search index stands.

A text is found anywhere in the words of a run, one of fewer than three letters where a word begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, Lookup, OuterRef, Q, TextField

from runs.models import SearchDocument, SearchIndex
from runs.models.search import needle
from runs.queries.survey import Ways

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import QuerySet
    from django.db.models.sql.compiler import SQLCompiler


def contains(text: str) -> Ways:
    """Return the ways to runs that have ``text`` in any of their words, upper and lower case alike.

    Their words are display name, run id, description, status, tags, experiment and submitter.
    """
    sought = needle(text)
    documents = SearchDocument.objects.filter(text__contains=sought)
    found: QuerySet[Any, Any] = documents.values("run")
    if connection.vendor == "sqlite":
        found = SearchIndex.objects.filter(text__matches=_phrase(sought)).values("run_id")
    return Ways(Q(Exists(documents.filter(run=OuterRef("pk")))), (found,))


def _phrase(text: str) -> str:
    """Return a text as FTS5 looks for it: its trigrams, one behind the other."""
    return '"{}"'.format(text.replace('"', '""'))


@TextField.register_lookup
class Matches(Lookup):
    """``text__matches``: what the FTS5 index of SQLite finds."""

    lookup_name = "matches"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the MATCH of a column of an FTS5 table."""
        column, given = self.process_lhs(compiler, connection)
        value, more = self.process_rhs(compiler, connection)
        return f"{column} MATCH {value}", [*given, *more]
