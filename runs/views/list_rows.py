"""The rows of the list: what stands in each cell, in which group a run is, and what is below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs.queries import columns
from runs.views import list_links

if TYPE_CHECKING:
    from runs.models import Run
    from runs.queries.children import Family
    from runs.queries.columns import Column
    from runs.queries.log_hits import LogHit
    from runs.queries.tree import Node
    from runs.views.list_state import ListState

# These stay when only columns that differ are shown: without them nobody knows what a row is.
_ALWAYS = ("name", "status")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one run has in one column; ``only`` is the list of those that have the same."""

    column: Column
    value: Any
    only: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a run; ``only`` is the list of those that have it."""

    key: str
    value: str | None
    only: str


@dataclass(frozen=True, slots=True)
class Group:
    """The head of a group: what its runs have alike, how many there are, and what a click leads to."""

    column: Column
    value: Any
    count: int
    is_more: bool
    is_closed: bool
    toggle: str


@dataclass(frozen=True, slots=True)
class Row:
    """One run of the list; ``family`` is None if it has no children.

    ``hit`` is the line of a log that the filter has found it by, None without one.
    """

    run: Run
    cells: list[Cell]
    tags: list[Tag]
    family: Family | None
    hit: LogHit | None


class Maker:
    """Makes the rows of one page. What many runs have alike, and where it leads to, is made once."""

    def __init__(self, state: ListState, tree: Node, shown: list[Column]) -> None:
        self._links = list_links.Links(state, tree)
        self._shown = shown
        self._shows_tags = any(each.kind == "tags" for each in shown)
        self._cells: dict[tuple[str, Any], Cell] = {}
        self._tags: dict[tuple[str, str | None], Tag] = {}

    def row(self, run: Run, values: list[Any], family: Family | None, hit: LogHit | None) -> Row:
        """Return the row of a run with these values in its columns."""
        cells = [self._cell(of, value) for of, value in zip(self._shown, values, strict=True)]
        tags = self._tags_of(run) if self._shows_tags else []
        return Row(run, cells, tags, family, hit)

    def _cell(self, of: Column, value: Any) -> Cell:
        if not isinstance(value, str):
            return Cell(of, value, list_links.only(self._links, of, value))
        known = self._cells.get((of.id, value))
        if known is None:
            known = Cell(of, value, list_links.only(self._links, of, value))
            self._cells[of.id, value] = known
        return known

    def _tags_of(self, run: Run) -> list[Tag]:
        found = []
        for key, value in list(run.tags.items())[: list_links.TAGS]:
            known = self._tags.get((key, value))
            if known is None:
                known = Tag(key, value, list_links.of_tag(self._links, key, value))
                self._tags[key, value] = known
            found.append(known)
        return found


def differing(shown: list[Column], values: list[list[Any]]) -> list[int]:
    """Return the places of the columns in which these runs differ, and of those that always stay."""
    return [
        place
        for place, of in enumerate(shown)
        if of.id in _ALWAYS or any(row[place] != values[0][place] for row in values[1:])
    ]


def read(
    runs: list[Run], shown: list[Column], *, only_differing: bool
) -> tuple[list[Column], list[list[Any]]]:
    """Return the columns that are shown of these runs, and what each run has in them."""
    values = columns.values(runs, shown)
    # A run alone differs from none.
    if not only_differing or len(runs) < 2:
        return shown, values
    places = differing(shown, values)
    return [shown[at] for at in places], [[row[at] for at in places] for row in values]
