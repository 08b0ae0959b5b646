"""Charts of compared runs over what they were given and what came of it: an axis for each column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runs.queries.columns import column
from runs.views import charts
from runs.views.compare_state import written

if TYPE_CHECKING:
    from runs.models import Run
    from runs.queries.columns import Column
    from runs.queries.compare import Comparison
    from runs.views.charts import Card
    from runs.views.compare_state import CompareState

# Behind the charts of metrics, which are counted from 1.
_FIRST = 1_001
_AXES = 8
# So many of the axes are metrics, even where more parameters differ than there is room for.
_METRICS = 3
_OFFERED = 60


@dataclass(frozen=True, slots=True)
class Axes:
    """The charts, and which columns they have of those ``offered``, each as an address writes it."""

    cards: list[Card]
    offered: list[tuple[Column, str]]
    chosen: tuple[str, ...]
    x: str
    y: str


def of_columns(state: CompareState, found: Comparison) -> Axes | None:
    """Return parallel coordinates and a scatter chart, None where there is nothing to draw them of.

    Unless the address names axes they are the parameters that differ and the metrics of all runs.
    """
    differing, rest = _parameters(found.runs)
    metrics = [f"metric:{name}" for name in found.measured.common]
    room = _AXES - min(len(metrics), _METRICS)
    own = [*differing[:room], *metrics][:_AXES]
    axes = state.axes or tuple(own)
    if len(found.runs) < 2 or len(axes) < 2:
        return None
    x = state.x or next(iter([*differing, *metrics]), axes[0])
    y = state.y or next(each for each in [*metrics, *differing, *axes, ""] if each != x)
    cards = [
        charts.card(_FIRST, {"kind": "parallel", "columns": list(axes), "wide": True}),
        charts.card(_FIRST + 1, {"kind": "scatter", "x": x, "y": y}),
    ]
    names = dict.fromkeys([*axes, x, y, *differing, *metrics, "duration", "created", *rest])
    offered = [(each, written([each.id])) for each in map(column, names) if each is not None]
    return Axes(cards, offered[:_OFFERED], axes, x, y)


def _parameters(runs: list[Run]) -> tuple[list[str], list[str]]:
    """Return the parameters that differ, and the others."""
    names = sorted({name for run in runs for name in run.parameters})
    differing = [n for n in names if len({run.parameters.get(n) for run in runs}) > 1]
    rest = [name for name in names if name not in set(differing)]
    return [f"param:{name}" for name in differing], [f"param:{name}" for name in rest]
