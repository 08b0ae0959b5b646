"""Where the values of a column stand that runs are sorted by: in rows of their own, or in the run's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, OuterRef, Subquery

from runs.models import Metric, Run, RunParameter, RunProperty, RunTag
from runs.queries.columns import OF_RUNS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from runs.models import Workspace
    from runs.queries.columns import Column

    # Rows with a value, the name of the column it stands in, and where they name the run.
    Listed = tuple[QuerySet[Any], str, str]

_BY = {
    "name": "display_name",
    "status": "status",
    "experiment": "experiment__name",
    "compute": "target",
    "submitter": "created_by__username",
    "created": "id",
    "started": "started_at",
    "ended": "ended_at",
    # That of a run which goes on grows while pages are turned: it has none yet.
    "duration": "seconds",
    "id": "run_id",
    "number": "number",
    "description": "description",
    "parent": "parent__run_id",
    "type": "run_type",
    "exit_code": "exit_code",
}
# Columns of runs in whose order an index lists them.
_INDEXED = frozenset({"name", "started", "ended", "duration", "exit_code", "id"})


def is_listed(of: Column) -> bool:
    """Whether an index lists what has a value in a column, in its order."""
    return of.kind in OF_RUNS or of.id in _INDEXED


def listed(of: Column, workspace: Workspace) -> list[Listed]:
    """Return what has a value in a column: in parts, one behind the other."""
    if of.kind in OF_RUNS:
        return [(rows.filter(workspace=workspace), name, "run") for rows, name in _rows_of(of)]
    column = _BY[of.id]
    found = Run.objects.inside(workspace).filter(**{f"{column}__isnull": False})
    return [(found, column, "pk")]


def expressions(of: Column) -> list[Any]:
    """Return the value that a run has in each of these parts; it has one in one of them at most."""
    if of.kind in OF_RUNS:
        return [
            Subquery(rows.filter(run=OuterRef("pk")).values(name)[:1])
            for rows, name in _rows_of(of)
        ]
    return [F(_BY[of.id])]


def _rows_of(of: Column) -> list[tuple[QuerySet[Any], str]]:
    """Return the rows that hold a column's values, those with a value only, and where it stands."""
    if of.kind == "metric":
        found = Metric.objects.filter(name=of.key, **{f"{of.part}__isnull": False})
        return [(found, of.part)]
    if of.kind == "param":
        rows = RunParameter.objects.filter(key=of.key)
        return [
            (rows.filter(number__isnull=False), "number"),
            (rows.filter(number=None), "value_start"),
        ]
    model: type[RunTag | RunProperty] = RunTag if of.kind == "tag" else RunProperty
    labels = model._default_manager.filter(key=of.key, value_start__isnull=False)
    return [(labels, "value_start")]
