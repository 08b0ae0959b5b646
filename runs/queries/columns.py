"""The columns of the run list: what there is, what each is called, and what a run has in it.

Fixed ones are named in ``FIXED``; ``tag:KEY``, ``property:KEY``, ``param:KEY`` and ``metric:NAME``
(with ``.min`` or ``.max`` behind it for another number than the last) name columns of what runs have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs.actions.refused import Refused
from runs.models import Metric, RunParameter
from runs.queries.rows import NOUNS, metric_column
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from runs.models import Run

DEFAULT = ("name", "status", "experiment", "compute", "submitter", "created", "duration", "tags")
_MOST = 60
# Those of what runs have, by what stands before the key.
OF_RUNS = ("tag", "property", "param", "metric")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``kind`` says how it is drawn, ``key`` of which label or metric it is."""

    id: str
    label: str
    kind: str = "text"
    key: str = ""
    part: str = ""

    @property
    def kind_word(self) -> str:
        """What it is a column of, where its label does not say."""
        return NOUNS.get(self.kind, self.kind) if self.kind in OF_RUNS else ""

    @property
    def is_number(self) -> bool:
        """Whether it is set right, with figures of one width."""
        return self.kind in ("number", "metric", "duration")


FIXED = {
    column.id: column
    for column in (
        Column("name", "Display name", "name"),
        Column("status", "Status", "status"),
        Column("experiment", "Experiment"),
        Column("compute", "Compute target"),
        Column("submitter", "Submitted by"),
        Column("created", "Created", "time"),
        Column("started", "Started", "time"),
        Column("ended", "Ended", "time"),
        Column("duration", "Duration", "duration"),
        Column("tags", "Tags", "tags"),
        Column("id", "Run id", "code"),
        Column("number", "Run number", "number"),
        Column("description", "Description"),
        Column("parent", "Parent", "code"),
        Column("type", "Run type"),
        Column("exit_code", "Exit code", "number"),
    )
}
_VALUES: dict[str, Callable[[Run], Any]] = {
    "name": lambda run: run.display_name,
    "status": lambda run: run.status,
    "experiment": lambda run: run.experiment.name,
    "compute": lambda run: run.target,
    "submitter": lambda run: run.created_by.username,
    "created": lambda run: run.created_at,
    "started": lambda run: run.started_at,
    "ended": lambda run: run.ended_at,
    "duration": lambda run: run.duration,
    "tags": lambda run: run.tags,
    "id": lambda run: run.run_id,
    "number": lambda run: run.number,
    "description": lambda run: run.description.strip().split("\n", 1)[0][:300],
    "parent": lambda run: run.parent.run_id if run.parent else None,
    "type": lambda run: run.run_type,
    "exit_code": lambda run: run.exit_code,
}


def column(name: str) -> Column | None:
    """Return the column of that id, None where there is none."""
    if name in FIXED:
        return FIXED[name]
    kind, _, key = name.partition(":")
    if not key or len(key) > limits.KEY + 10 or kind not in OF_RUNS:
        return None
    if kind != "metric":
        return Column(name, key, kind, key)
    metric, part = metric_column(key)
    words = {"low": "min ", "high": "max "}.get(part, "")
    return Column(name, f"{words}{metric}", "metric", metric, part)


def columns(names: Iterable[str], field: str = "columns") -> list[Column]:
    """Return the columns of these ids.

    Raises:
        Refused: one that does not exist, or too many.
    """
    wanted = list(dict.fromkeys(names))
    if len(wanted) > _MOST:
        raise Refused(Code.BAD_REQUEST, f"Up to {_MOST} columns can be shown.", field=field)
    found = {name: column(name) for name in wanted}
    for name, known in found.items():
        if known is None:
            raise Refused(
                Code.BAD_REQUEST,
                f'There is no column "{name[:100]}".',
                field=field,
                hint=f"Columns are {', '.join(FIXED)}, tag:KEY, property:KEY, param:KEY, metric:NAME.",
            )
    return [known for known in found.values() if known is not None]


def values(runs: Sequence[Run], shown: Iterable[Column]) -> list[list[Any]]:
    """Return what each run has in each column; None where it has nothing.

    A tag without a value is True. The metrics of all runs are read in one query, and so are their
    parameters.
    """
    wanted = list(shown)
    metrics = _metrics(runs, {c.key for c in wanted if c.kind == "metric"})
    parameters = _parameters(runs, {c.key for c in wanted if c.kind == "param"})
    return [[_value(run, each, metrics, parameters) for each in wanted] for run in runs]


def _value(
    run: Run,
    of: Column,
    metrics: dict[tuple[int, str], Metric],
    parameters: dict[tuple[int, str], str],
) -> Any:
    if of.kind == "tag":
        value = run.tags.get(of.key)
        return True if value is None and of.key in run.tags else value
    if of.kind == "property":
        return run.properties.get(of.key)
    if of.kind == "param":
        return parameters.get((run.pk, of.key))
    if of.kind == "metric":
        metric = metrics.get((run.pk, of.key))
        return None if metric is None else _number(metric, of.part)
    return _VALUES[of.id](run)


def _number(metric: Metric, part: str) -> float | str | None:
    number: float | None = getattr(metric, part)
    return metric.last_text or None if number is None and part == "last_number" else number


def _metrics(runs: Sequence[Run], names: set[str]) -> dict[tuple[int, str], Metric]:
    if not names or not runs:
        return {}
    found = Metric.objects.filter(run__in=[run.pk for run in runs], name__in=names)
    return {(metric.run_id, metric.name): metric for metric in found}


def _parameters(runs: Sequence[Run], keys: set[str]) -> dict[tuple[int, str], str]:
    """Return the parameters of these keys: a run may have a thousand, and the list shows a few."""
    if not keys or not runs:
        return {}
    found = RunParameter.objects.filter(run__in=[run.pk for run in runs], key__in=keys)
    return {(run, key): value for run, key, value in found.values_list("run_id", "key", "value")}
