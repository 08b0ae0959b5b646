"""Runs side by side: the one query behind the page, the API and the command line.

However many runs, metrics, tags and files there are, the database is asked as often.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING

from runs import access
from runs.queries import compare_metrics
from runs.queries.compare_files import File, of_files
from runs.queries.compare_rows import ROWS_OF, Row
from studio.contract import limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runs.access import Actor
    from runs.models import Run, Workspace
    from runs.queries.compare_metrics import Measured

MOST_RUNS = 100
# So many rows of a section does a page show, and an answer of the API.
MOST_ROWS = 200
MOST_ROWS_TOLD = 2_000
SECTIONS = {
    "attributes": "Attributes",
    "parameters": "Parameters",
    "metrics": "Metrics",
    "tags": "Tags",
    "properties": "Properties",
    "environment": "Environment",
    "files": "Source files",
    "description": "Description",
    "system": "Machine",
}
_RUN_ID = re.compile(limits.RUN_ID_PATTERN)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The runs of some ids in their order, and the ids that lead to none that the actor may see."""

    runs: list[Run]
    missing: list[str]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind. ``equal`` are hidden because they are, ``left_out`` because they are many.

    ``differing`` counts those that differ, shown or left out.
    """

    name: str
    title: str
    rows: list[Row]
    differing: int
    equal: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Delta:
    """How far a number is from that of the baseline; no ``percent`` of nothing."""

    difference: float
    percent: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: the sections, which one of the runs is the baseline, what can be drawn."""

    runs: list[Run]
    base: int
    sections: list[Section]
    measured: Measured

    @property
    def differing(self) -> int:
        """How many rows differ."""
        return sum(section.differing for section in self.sections)

    @property
    def equal(self) -> int:
        """How many rows are hidden because they are equal."""
        return sum(section.equal for section in self.sections)


def ids_of(text: str) -> tuple[list[str], list[str]]:
    """Return the run ids of a text, divided by commas, each once; and those that it had twice."""
    given = [part for part in (part.strip() for part in text.split(",")) if part]
    found = list(dict.fromkeys(given))
    return found, [each for each in found if given.count(each) > 1]


def id_of(actor: Actor, workspace: Workspace, text: str) -> str:
    """Return the id of the run that a text names, by an id or by a name that only one run has."""
    reached = access.runs_of(actor, workspace)
    named = [] if "\0" in text else list(reached.filter(display_name=text[:300])[:2])
    return named[0].run_id if len(named) == 1 else text


def chosen(actor: Actor, workspace: Workspace, ids: Sequence[str]) -> Chosen:
    """Return the runs of these ids. One that is not theirs is missing, like one that is not there."""
    asked = [each for each in ids if _RUN_ID.fullmatch(each)]
    known = {}
    if asked:
        reached = access.runs_of(actor, workspace).filter(run_id__in=asked)
        known = {run.run_id: run for run in reached.with_names()}
    for run in known.values():
        run.workspace = workspace
    found = [known[each] for each in ids if each in known]
    return Chosen(found, [each for each in ids if each not in known])


def compare(
    runs: list[Run],
    *,
    base: int = 0,
    only_differing: bool = False,
    find: str = "",
    most: int = MOST_ROWS,
) -> Comparison:
    """Return these runs side by side.

    ``only_differing`` hides rows that are equal, ``find`` those without these letters in their name
    or in a value; each section has up to ``most`` rows.
    """
    measured = compare_metrics.measured(runs)
    rows = {
        **{name: make(runs) for name, make in ROWS_OF.items()},
        "metrics": measured.rows,
        "system": measured.system_rows,
        "files": of_files(runs),
    }
    sections = [
        _section(name, _with(rows[name], find), only_differing=only_differing, most=most)
        for name in SECTIONS
    ]
    return Comparison(runs, base, [each for each in sections if _has_rows(each)], measured)


def delta(row: Row, place: int, base: int) -> Delta | None:
    """Return how far the number of a run is from that of the baseline, None where there is none."""
    here, there = row.values[place], row.values[base]
    if place == base or row.kind not in ("metric", "duration"):
        return None
    if not isinstance(here, float) or not isinstance(there, float):
        return None
    difference = here - there
    percent = 100 * difference / abs(there) if there else None
    if not isfinite(difference):
        return None
    return Delta(difference, percent if percent is not None and isfinite(percent) else None)


def _section(name: str, rows: list[Row], *, only_differing: bool, most: int) -> Section:
    shown = [row for row in rows if row.differs or row.is_own] if only_differing else rows
    return Section(
        name,
        SECTIONS[name],
        shown[:most],
        differing=sum(row.differs for row in rows),
        equal=len(rows) - len(shown),
        left_out=max(len(shown) - most, 0),
    )


def _has_rows(section: Section) -> bool:
    return bool(section.rows or section.equal)


def _with(rows: Iterable[Row], find: str) -> list[Row]:
    """Return the rows that have these letters somewhere."""
    wanted = find.strip().casefold()
    if not wanted:
        return list(rows)
    return [row for row in rows if any(wanted in text.casefold() for text in _texts(row))]


def _texts(row: Row) -> Iterable[str]:
    yield row.label
    for value in row.values:
        match value:
            case None | True:
                pass
            case File():
                yield value.sha256
            case datetime():
                yield value.isoformat(" ")
            case float():
                yield f"{value:.6g}"
            case _:
                yield str(value)
