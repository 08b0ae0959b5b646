"""The words of runs, for free text: one document per run, and the index that finds documents.

In PostgreSQL the index is one of ``pg_trgm`` on the document. In SQLite it is an FTS5 table of
trigrams, which triggers keep like the documents: ``runs/migrations/0004_run_list_at_scale.py``.
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
    starts = sorted({start for word in words for start in _START.findall(word)})
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
