"""Which runs are meant: the one query behind the page, the API and whatever lists runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.actions.refused import Refused
from runs.actions.text import check_text
from studio.contract.errors import Code
from studio.contract.words import Status

if TYPE_CHECKING:
    from runs.models.run import RunQuerySet

_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class RunQuery:
    """What is asked for; empty means any. ``status`` may name several, divided by commas.

    ``parent`` is a run id: only its children are meant. Without it children are left out unless
    ``include_children``.
    """

    experiment: str = ""
    status: str = ""
    parent: str = ""
    target: str = ""
    submitter: str = ""
    include_children: bool = False


def matching(runs: RunQuerySet, asked: RunQuery) -> RunQuerySet:
    """Return those of ``runs`` that are meant, archived ones left out.

    Raises:
        Refused: a value that cannot be meant, by the name of its field. Never all runs instead.
    """
    for name in ("experiment", "parent", "target", "submitter"):
        check_text(getattr(asked, name), name, _LONGEST)
    runs = runs.listed()
    if asked.experiment:
        runs = runs.filter(experiment__name=asked.experiment)
    if asked.status:
        runs = runs.in_status(*_statuses(asked.status))
    if asked.target:
        runs = runs.filter(target=asked.target)
    if asked.submitter:
        runs = runs.filter(created_by__username=asked.submitter)
    if asked.parent:
        return runs.filter(parent__run_id=asked.parent)
    return runs if asked.include_children else runs.top_level()


def _statuses(text: str) -> list[Status]:
    known = {status.value.lower(): status for status in Status}
    asked = [word.strip().lower() for word in text.split(",")]
    unknown = [word for word in asked if word not in known]
    if unknown:
        raise Refused(
            Code.BAD_REQUEST,
            f'There is no status "{unknown[0][:50]}".',
            field="status",
            hint=f"Statuses are {', '.join(status.value for status in Status)}.",
        )
    return [known[word] for word in asked]
