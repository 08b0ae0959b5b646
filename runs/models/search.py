"""The words of runs, for free text: one document per run and per log, and what finds documents.

In PostgreSQL the index is one of ``pg_trgm`` on the document. In SQLite it is an FTS5 table of
trigrams, which triggers keep like the documents: ``runs/migrations/0004_run_list_at_scale.py`` and
``0013_log_documents.py``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from collections.abc import Iterable

# Between two texts of a document, so that none is found across them. No folded text holds it.
DIVIDER = "\x1f"
# An index of trigrams finds three characters. A beginning of fewer is stored with dividers before it.
SHORTEST = 3
# Looked for ahead, because of ":9" both ":9" and "9" begin a word.
_START = re.compile(r"(?<![^\W_])(?=(\S\S?))")


def folded(text: str) -> str:
    """Return a text as it is stored and sought: upper and lower case alike."""
    return text.casefold().replace(DIVIDER, " ").replace("\0", " ")


def needle(text: str) -> str:
    """Return what a document that has ``text`` contains; of one or two letters, where a word begins."""
    sought = folded(text)
    return DIVIDER * (SHORTEST - len(sought)) + sought


def document(texts: Iterable[str | None]) -> str:
    """Return the document of a run that has these texts."""
    words = [folded(text) for text in texts if text]
    starts = sorted(set(_START.findall(" ".join(words))))
    beginnings = [DIVIDER + DIVIDER + start for start in starts]
    return "".join([*(DIVIDER + word for word in words), DIVIDER, *beginnings])


class SearchDocument(models.Model):
    """All words of a run, folded. Written by ``runs.actions.indexing`` and nobody else."""

    run = models.OneToOneField(
        "runs.Run", models.CASCADE, primary_key=True, related_name="search_document"
    )
    text = models.TextField()

    def __str__(self) -> str:
        return self.text.replace(DIVIDER, " ").strip()


class SearchIndex(models.Model):
    """The FTS5 table of SQLite; a row is found by ``text__matches`` and is a run's id."""

    run_id = models.BigIntegerField(primary_key=True, db_column="rowid")
    text = models.TextField()

    class Meta:
        managed = False
        db_table = "runs_searchindex"

    def __str__(self) -> str:
        return str(self.run_id)


class LogDocument(models.Model):
    """The lines of a log that ``log:`` finds, folded. Written by ``runs.actions.log_documents`` only.

    ``places`` says which lines they are: a first number and how many follow each other from there.
    ``state`` is how far the log was read, as ``runs.stores.log_digest`` keeps it.
    """

    log = models.OneToOneField(
        "runs.LogFile", models.CASCADE, primary_key=True, related_name="document"
    )
    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="log_documents")
    written_at = models.DateTimeField()
    places = models.JSONField()
    state = models.JSONField()
    text = models.TextField()

    def __str__(self) -> str:
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The folded lines, as they are in the text."""
        return self.text.split(DIVIDER)[1 : 1 + sum(count for _, count in self.places)]

    def number(self, place: int) -> int:
        """Return the number that line ``place`` of these, counted from 0, has in its log."""
        for first, count in self.places:
            if place < count:
                return int(first + place)
            place -= count
        raise IndexError(place)


class LogIndex(models.Model):
    """The FTS5 table of SQLite for logs; it knows no order of trigrams, so the text is looked at too."""

    log_id = models.BigIntegerField(primary_key=True, db_column="rowid")
    run_id = models.BigIntegerField()
    text = models.TextField()
    # What FTS5 calls the table itself: without the order of trigrams no column is asked alone.
    table = models.TextField(db_column="runs_logindex")

    class Meta:
        managed = False
        db_table = "runs_logindex"

    def __str__(self) -> str:
        return str(self.log_id)
