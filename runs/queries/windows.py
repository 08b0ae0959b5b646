"""A window of a metric as an address asks for it, and the answer as JSON has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runs.actions.refused import Refused
from runs.actions.text import UNSTORABLE
from runs.queries.points import FEWEST, MOST, USUAL, Window, points
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runs.models import Metric, Run

# What the axis of a chart may be; relative is the time since the run began.
AXES = ("step", "time", "relative")
NAMES = ("x", "from", "to", "after", "most")
_NUMBER = re.compile(r"-?\d{1,19}(\.\d{1,20})?(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_LARGEST = 2**63


def metric_of(run: Run, name: str) -> Metric:
    """Return the metric of that name; refuses one that the run does not have."""
    return metrics_of(run, [name])[0]


def metrics_of(run: Run, names: Sequence[str]) -> list[Metric]:
    """Return the metrics of these names, in that order; refuses one that the run does not have."""
    asked = [name for name in names if not UNSTORABLE.search(name)]
    known = {metric.name: metric for metric in run.metrics.filter(name__in=asked)}
    for name in names:
        if name not in known:
            reason = f'This run has no metric "{name[:200]}".'
            raise Refused(Code.NOT_FOUND, reason, field="name")
    return [known[name] for name in names]


def read(asked: Mapping[str, str], run: Run) -> Window:
    """Return the window that texts ask for: ``x``, ``from``, ``to``, ``after``, ``most``.

    Raises:
        Refused: one of them is no number, or an axis that there is not.
    """
    x = asked.get("x") or "step"
    if x not in AXES:
        hint = f"There are {', '.join(AXES)}."
        raise Refused(Code.BAD_REQUEST, "There is no such axis.", field="x", hint=hint)
    shift = origin(run) if x == "relative" else 0
    low, high = (
        None if bound is None else bound + shift
        for bound in (_number(asked, "from"), _number(asked, "to"))
    )
    most = _whole(asked, "most", USUAL, FEWEST, MOST)
    after = _whole(asked, "after", 0, 0, _LARGEST)
    return Window("step" if x == "step" else "time", low, high, after, most)


def origin(run: Run) -> float:
    """Return when relative time begins: when the run did, in seconds since 1970."""
    return (run.started_at or run.created_at).timestamp()


def document(run: Run, metric: Metric, window: Window) -> dict[str, Any]:
    """Return the points of a window."""
    found = points(metric, window)
    return {
        "name": metric.name,
        "kind": metric.kind,
        "total": metric.count,
        "count": found.count,
        "notFinite": found.not_finite,
        "isAll": found.is_all,
        "origin": origin(run),
        "steps": found.steps,
        "times": found.times,
        "values": found.values,
        "valueTexts": {str(place): text for place, text in found.texts.items()},
        "means": found.means,
        "counts": found.counts,
    }


def _number(asked: Mapping[str, str], name: str) -> int | float | None:
    text = asked.get(name, "")
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise Refused(Code.BAD_REQUEST, f"{name} should be a number.", field=name)
    # A step may be so large that a float has no room for its last digits.
    number = int(text) if text.lstrip("-").isdigit() else float(text)
    if not -_LARGEST <= number <= _LARGEST:
        raise Refused(Code.BAD_REQUEST, f"{name} is beyond any step.", field=name)
    return number


def _whole(asked: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    number = _number(asked, name)
    if number is None:
        return usual
    if not isinstance(number, int) or not least <= number <= most:
        reason = f"{name} should be a whole number from {least:,} to {most:,}."
        raise Refused(Code.BAD_REQUEST, reason, field=name)
    return number
