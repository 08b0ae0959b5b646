"""What charts there can be above the list, and how an address or a view writes one.

A chart is a flat object: ``kind``, what the kind needs, and ``wide`` and ``tall`` for its size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runs.actions.refused import Refused
from runs.actions.text import check_text
from runs.actions.view_state import read_state
from runs.queries.columns import columns
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runs.queries.columns import Column

KINDS = {
    "line": "a metric over its steps, a line for each run",
    "bar": "the last value of a metric, a bar for each run",
    "scatter": "two columns against each other, a point for each run",
    "parallel": "several columns side by side, a line through them for each run",
}
# So long may all charts of an address be, as JSON.
LONGEST = 4_000
FEWEST_AXES, MOST_AXES = 2, 12
_NEEDS = {"line": ("metric",), "bar": ("metric",), "scatter": ("x", "y"), "parallel": ("columns",)}
_MAY = {"line": ("log",)}


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. A line and a bar have a ``metric``, a scatter ``x`` and ``y``, the rest ``columns``.

    A bar's metric may be NAME.min or NAME.max; ``x``, ``y`` and ``columns`` are ids of columns.
    ``log`` is a scale of powers of ten.
    """

    kind: str
    metric: str = ""
    x: str = ""
    y: str = ""
    columns: tuple[str, ...] = ()
    log: bool = False
    wide: bool = False
    tall: bool = False

    @property
    def axes(self) -> list[Column]:
        """The columns that it is drawn from; none of a line, whose points are no column."""
        names = {
            "bar": [f"metric:{self.metric}"],
            "scatter": [self.x, self.y],
            "parallel": self.columns,
        }
        return columns(names.get(self.kind, []), "charts")

    @property
    def title(self) -> str:
        """What it shows, in a few words."""
        if self.kind == "line":
            return f"{self.metric} over steps"
        labels = [axis.label for axis in self.axes]
        if self.kind == "scatter":
            return f"{labels[-1]} by {labels[0]}"
        return ", ".join(labels)

    def document(self) -> dict[str, Any]:
        """Return it as an address or a view keeps it: without what is as it is by itself."""
        found: dict[str, Any] = {"kind": self.kind}
        for name in ("metric", "x", "y", "columns", "log", "wide", "tall"):
            value = getattr(self, name)
            if value:
                found[name] = list(value) if name == "columns" else value
        return found


def read(raw: Any) -> Chart:
    """Return the chart that an object describes.

    Raises:
        Refused: what it says cannot be drawn, or is not known.
    """
    if not isinstance(raw, dict):
        raise _refused("A chart is an object.", 'For example {"kind": "line", "metric": "loss"}.')
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise _refused(f'There is no chart of kind "{str(kind)[:50]}".', f"There are {_words()}.")
    needs = _NEEDS[kind]
    unknown = sorted(raw.keys() - {"kind", "wide", "tall", *needs, *_MAY.get(kind, ())})
    if unknown:
        reason = f'A chart of kind {kind} has no "{unknown[0][:50]}".'
        raise _refused(reason, f"It has {', '.join(needs)}, wide and tall.")
    flags = {name: raw.get(name, False) for name in ("log", "wide", "tall")}
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise _refused(f"{name} should be true or false.")
    fields = {name: _columns(raw) if name == "columns" else _text(raw, name) for name in needs}
    chart = Chart(kind, **fields, **flags)  # type: ignore[arg-type]
    if kind == "scatter" and chart.x == chart.y:
        raise _refused("A column against itself is a line.", "Name two columns.")
    if any(axis.kind == "tags" for axis in chart.axes):
        raise _refused("All tags at once cannot be drawn.", "Name one, as in tag:quality.")
    return chart


def parse(text: str) -> tuple[dict[str, Any], ...]:
    """Return the charts of an address, each as a view keeps it.

    Raises:
        Refused: text that is no list of charts, or too long.
    """
    if not text:
        return ()
    if len(text) > LONGEST:
        raise _refused(f"The charts of a page have up to {LONGEST:,} characters, as JSON.")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise _refused("This should be JSON: a list of charts.") from None
    state, dropped = read_state({"charts": raw})
    if dropped:
        raise _refused(dropped[0])
    return tuple(read(each).document() for each in state.charts)


def written(charts: Sequence[dict[str, Any]]) -> str:
    """Return charts as an address has them, "" for none."""
    return json.dumps(list(charts), separators=(",", ":"), ensure_ascii=False) if charts else ""


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value:
        raise _refused(f"A chart of kind {raw['kind']} needs {name}, a text.")
    longest = limits.METRIC_NAME if name == "metric" else limits.KEY + 20
    return check_text(value, "charts", longest)


def _columns(raw: dict[str, Any]) -> tuple[str, ...]:
    value = raw.get("columns")
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _refused("columns should be a list of ids of columns.")
    found = tuple(dict.fromkeys(value))
    if not FEWEST_AXES <= len(found) <= MOST_AXES:
        raise _refused(f"{FEWEST_AXES} to {MOST_AXES} columns can be drawn side by side.")
    for each in found:
        check_text(each, "charts", limits.KEY + 20)
    return found


def _words() -> str:
    return ", ".join(KINDS)


def _refused(reason: str, hint: str = "") -> Refused:
    return Refused(Code.BAD_REQUEST, reason, field="charts", hint=hint)
