"""The curves of an accuracy table: how good a classifier is at every threshold, class by class.

The counts of each class at each threshold are those of the class against all others: true positives,
false positives, true negatives, false negatives.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

Counts = list[float]
# The counts of one class, threshold by threshold.
Table = list[Counts]
Points = list[tuple[float, float]]
# A point of a curve for each threshold, None where it has none there.
Pairs = list[tuple[float, float] | None]

_CURVES: dict[str, tuple[str, str, str, str]] = {
    "roc": ("ROC", "False positive rate", "True positive rate", "diagonal"),
    "precision_recall": ("Precision-recall", "Recall", "Precision", ""),
    "lift": ("Lift", "Part of the samples", "Lift", "one"),
    "gain": ("Cumulative gain", "Part of the samples", "Part of the positives", "diagonal"),
    "calibration": ("Calibration", "Predicted probability", "Part of positives", "diagonal"),
}


def curves(
    labels: list[str], by_probability: list[Table], by_percentile: list[Table], steps: list[float]
) -> list[dict[str, Any]]:
    """Return the five kinds of curves; ``steps`` are the thresholds of the probabilities."""
    found = []
    for kind, (title, x, y, ideal) in _CURVES.items():
        tables = by_percentile if kind in ("lift", "gain") else by_probability
        pairs = [_pairs(kind, table, steps) for table in tables]
        every = [*zip(labels, pairs, strict=True), *_averages(kind, tables, pairs, steps)]
        lines = [
            {"name": name, "points": sorted(pair for pair in along if pair is not None)}
            for name, along in every
        ]
        told = {"kind": kind, "title": title, "x": x, "y": y, "ideal": ideal, "lines": lines}
        found.append(told)
    return found


def area(points: Points) -> float:
    """Return the area under a curve, whose points are ordered from left to right."""
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))


def _averages(
    kind: str, tables: list[Table], pairs: list[Pairs], steps: list[float]
) -> list[tuple[str, Pairs]]:
    """Return the averages over classes: each class alike, by its samples, and each sample alike."""
    if len(tables) < 2:
        return []
    support = [table[0][0] + table[0][3] if table else 0.0 for table in tables]
    together = [
        [sum(counts[n] for counts in row) for n in range(4)] for row in zip(*tables, strict=True)
    ]
    return [
        ("Macro average", _mean(pairs, [1.0] * len(pairs))),
        ("Weighted average", _mean(pairs, support)),
        ("Micro average", _pairs(kind, together, steps)),
    ]


def _mean(pairs: list[Pairs], weights: list[float]) -> Pairs:
    """Return the mean point at each threshold, of the classes that have one there."""
    found: Pairs = []
    for row in zip(*pairs, strict=True):
        given = [(w, pair) for w, pair in zip(weights, row, strict=True) if pair and w]
        whole = sum(weight for weight, _ in given)
        if given:
            x, y = (sum(w * pair[n] for w, pair in given) / whole for n in range(2))
            found.append((x, y))
    return found


def _pairs(kind: str, table: Table, steps: list[float]) -> Pairs:
    """Return the point of a curve at each threshold, None where it has none."""
    if kind == "calibration":
        rows = sorted(zip(steps, table, strict=True))
        return [_calibration(low, a, high, b) for (low, a), (high, b) in pairwise(rows)]
    return [_pair(kind, *row) for row in table]


def _pair(kind: str, tp: float, fp: float, tn: float, fn: float) -> tuple[float, float] | None:
    """Return the point of a curve at one threshold, None where it has none."""
    whole, positives, chosen = tp + fp + tn + fn, tp + fn, tp + fp
    recall = _part(tp, positives)
    if kind == "roc":
        across = _part(fp, fp + tn)
        return None if across is None or recall is None else (across, recall)
    if kind == "precision_recall":
        precision = _part(tp, chosen)
        return None if precision is None or recall is None else (recall, precision)
    part = _part(chosen, whole)
    if part is None or recall is None:
        return None
    if kind == "gain":
        return part, recall
    return (part, recall / part) if part else None


def _calibration(low: float, a: Counts, high: float, b: Counts) -> tuple[float, float] | None:
    """Return how often the class was there, for the samples between two thresholds."""
    seen = (a[0] + a[1]) - (b[0] + b[1])
    return ((low + high) / 2, (a[0] - b[0]) / seen) if seen > 0 else None


def _part(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
