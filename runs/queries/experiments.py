"""Experiments for their page: how many runs each has, how the newest went, and when something happened."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Window
from django.db.models.functions import RowNumber

from runs.models import Experiment, Run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

# So many of the newest runs are drawn as a row of statuses.
NEWEST = 20


@dataclass(frozen=True, slots=True)
class Summary:
    """An experiment; ``statuses`` are those of its newest runs, the oldest of them first."""

    experiment: Experiment
    statuses: list[str]
    last_at: datetime

    @property
    def runs(self) -> int:
        """How many runs were ever made in it."""
        return self.experiment.last_run_number


def summaries(experiments: Sequence[Experiment]) -> list[Summary]:
    """Return what there is to say about some experiments, in one query for all of them."""
    newest = _newest([experiment.pk for experiment in experiments])
    found = []
    for experiment in experiments:
        runs = newest[experiment.pk]
        times = [moment for _, *moments in runs for moment in moments if moment is not None]
        last = max([experiment.created_at, *times])
        found.append(Summary(experiment, [status for status, *_ in reversed(runs)], last))
    return found


Moments = tuple[str, "datetime", "datetime | None"]


def _newest(keys: list[int]) -> dict[int, list[Moments]]:
    place = Window(RowNumber(), partition_by="experiment", order_by="-pk")
    rows = (
        Run.objects.present()
        .filter(experiment__in=keys, depth=0)
        .annotate(place=place)
        .filter(place__lte=NEWEST)
        .order_by("-pk")
        .values_list("experiment", "status", "created_at", "ended_at")
    )
    found: dict[int, list[Moments]] = defaultdict(list)
    for key, status, created, ended in rows:
        found[key].append((status, created, ended))
    return found
