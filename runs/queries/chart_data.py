"""What a chart is drawn from: its axes, one entry for each run, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

from runs.queries.columns import values
from runs.queries.lines import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runs.models import Run
    from runs.queries.charts import Chart
    from runs.queries.columns import Column

Drawable = float | str | None


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis. ``type`` is value, time (milliseconds since 1970) or category."""

    label: str
    type: str = "value"

    def document(self) -> dict[str, str]:
        """Return it as JSON has it."""
        return {"label": self.label, "type": self.type}


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn of one run: a line of ``points``, or its ``values`` on each axis.

    ``cells`` is its row of the table.
    """

    run: Run
    cells: list[Any]
    points: list[tuple[int, float]] | None = None
    values: list[Drawable] | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn; ``summary`` says it in words and ``heads`` are those of the table."""

    axes: list[Axis]
    heads: list[str]
    marks: list[Mark]
    summary: str


def drawing(chart: Chart, runs: Sequence[Run]) -> Drawing:
    """Return what the chart shows of these runs; those that have nothing to show are left out."""
    return _of_lines(chart, runs) if chart.kind == "line" else _of_columns(chart, runs)


def _of_lines(chart: Chart, runs: Sequence[Run]) -> Drawing:
    found = lines(runs, chart.metric)
    marks = []
    for run in runs:
        if run.pk in found:
            metric, points = found[run.pk]
            last = metric.last_text if metric.last_number is None else metric.last_number
            cells = [last, metric.last_step, metric.low, metric.high, metric.count]
            marks.append(Mark(run, cells, points=points))
    ends = [(mark.run, mark.points[-1][1]) for mark in marks if mark.points]
    said = f"Line chart of {chart.title}. {_missing(marks, runs)} {_span('Last values', ends)}"
    heads = ["Last", "Last step", "Least", "Most", "Points"]
    return Drawing([Axis("step"), Axis(chart.metric)], heads, marks, said.strip())


def _of_columns(chart: Chart, runs: Sequence[Run]) -> Drawing:
    axes = chart.axes
    rows = values(runs, axes)
    drawn = [_drawable([row[n] for row in rows]) for n in range(len(axes))]
    marks = []
    for place, run in enumerate(runs):
        numbers = [column[place] for _, column in drawn]
        given = [number is not None for number in numbers]
        # A line goes past an axis that a run has nothing on; a point or a bar cannot.
        if any(given) if chart.kind == "parallel" else all(given):
            marks.append(Mark(run, list(map(_plain, rows[place])), values=numbers))
    shown = [Axis(_label(axis), kind) for axis, (kind, _) in zip(axes, drawn, strict=True)]
    names = {"bar": "Bar chart", "scatter": "Scatter chart", "parallel": "Parallel coordinates"}
    said = f"{names[chart.kind]} of {chart.title}. {_missing(marks, runs)}"
    if len(axes) <= FEW_AXES:
        for n, axis in enumerate(shown):
            numbers_ = [(m.run, v) for m in marks if isinstance(v := (m.values or [])[n], float)]
            said += f" {_span(axis.label, numbers_)}" if axis.type == "value" else ""
    return Drawing(shown, [axis.label for axis in shown], marks, said.strip())


# Of more axes the words would be longer than anybody hears out; the table has them.
FEW_AXES = 3


def _drawable(column: list[Any]) -> tuple[str, list[Drawable]]:
    """Return what a column is drawn on, and its values there."""
    given = [value for value in column if value is not None and value != ""]
    if given and all(isinstance(value, datetime) for value in given):
        return "time", [value and value.timestamp() * 1000 for value in column]
    numbers: list[Drawable] = [_number(value) for value in column]
    if all(number is not None for number in map(_number, given)):
        return "value", numbers
    if any(isinstance(value, float) for value in given):
        # A measured value that is no number, NaN for one, has no place among those that are.
        return "value", numbers
    return "category", [None if value in (None, "") else _words(value) for value in column]


def _number(value: Any) -> float | None:
    """Return the number that a value is, or that its text says."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, bool) or (isinstance(value, str) and len(value) > 40):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _words(value: Any) -> str:
    return "yes" if value is True else str(value)[:100]


def _plain(value: Any) -> Any:
    """Return a cell of the table as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, timedelta):
        return round(value.total_seconds(), 3)
    return value if value is None or isinstance(value, int | float) else _words(value)


def _label(axis: Column) -> str:
    return f"{axis.label} (s)" if axis.kind == "duration" else axis.label


def _missing(marks: Sequence[Mark], runs: Sequence[Run]) -> str:
    if not runs:
        return "No run is listed."
    if len(marks) == len(runs):
        return f"{_count(len(runs))}."
    return f"{len(marks)} of {_count(len(runs))}; the others have nothing to show here."


def _count(number: int) -> str:
    return f"{number} run{'' if number == 1 else 's'}"


def _span(what: str, values: Iterable[tuple[Run, float]]) -> str:
    found = sorted(values, key=lambda pair: pair[1])
    if not found:
        return ""
    (low_run, low), (high_run, high) = found[0], found[-1]
    if len(found) == 1:
        return f"{what}: {low:.4g}."
    return (
        f"{what} from {low:.4g} ({low_run.display_name}) to {high:.4g} ({high_run.display_name})."
    )
