"""Free text: the one module behind which the search indexes stand.

A text is found anywhere in the words or logs of a run, one of fewer than three letters where a word
begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, Lookup, OuterRef, Q, Subquery, TextField
from django.db.models.lookups import IsNull

from runs.models import LogDocument, LogIndex, SearchDocument, SearchIndex
from runs.models.search import SHORTEST, needle
from runs.queries.survey import Ways

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models import QuerySet
    from django.db.models.sql.compiler import SQLCompiler

# Each log that may have a text is looked at, so that fewer are looked up than of other conditions.
FEW_LOGS = 1_000
# That all of these are in a log says enough of a long text.
_MOST_TRIGRAMS = 40


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


def logged(texts: Iterable[str]) -> Ways:
    """Return the ways to runs that have one of the ``texts`` in a line of a log, as ``contains``."""
    needles = list(dict.fromkeys(map(needle, texts)))
    documents = LogDocument.objects.filter(any_in_log(needles))
    ids = tuple(map(_of_index if connection.vendor == "sqlite" else _of_documents, needles))
    # Not as EXISTS: PostgreSQL knows nothing of texts so long, takes each for rare, and reads them all.
    one = documents.filter(run=OuterRef("pk")).values("pk")[:1]
    return Ways(Q(IsNull(Subquery(one), False)), ids, most=FEW_LOGS)


def any_in_log(needles: Iterable[str]) -> Q:
    """Return the condition that the document of a log has one of these."""
    found = Q(pk__in=[])
    for sought in needles:
        found |= Q(text__contains=sought)
    return found


def _of_index(sought: str) -> QuerySet[Any, Any]:
    # The index only knows which logs have all the trigrams.
    found = LogIndex.objects.filter(table__matches=_trigrams(sought), text__contains=sought)
    return found.values("run_id")


def _of_documents(sought: str) -> QuerySet[Any, Any]:
    return LogDocument.objects.filter(text__contains=sought).values("run")


def _phrase(text: str) -> str:
    """Return a text as FTS5 looks for it: its trigrams, one behind the other."""
    return '"{}"'.format(text.replace('"', '""'))


def _trigrams(text: str) -> str:
    """Return trigrams of a text as FTS5 looks for all of them, wherever they stand.

    They stand side by side: to read the list of each takes long, and what has them is looked at anyway.
    """
    last = len(text) - SHORTEST
    step = max(SHORTEST, -(-last // _MOST_TRIGRAMS))
    parts = [text[at : at + SHORTEST] for at in (*range(0, last, step), last)]
    return " AND ".join(map(_phrase, dict.fromkeys(parts)))


@TextField.register_lookup
class Matches(Lookup):
    """``text__matches``: what the FTS5 index of SQLite finds."""

    lookup_name = "matches"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        """Return the MATCH of a column of an FTS5 table."""
        column, given = self.process_lhs(compiler, connection)
        value, more = self.process_rhs(compiler, connection)
        return f"{column} MATCH {value}", [*given, *more]
