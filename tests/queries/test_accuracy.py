"""Curves of an accuracy table, against counting by hand."""

from __future__ import annotations

import random
from typing import Any

import pytest

from runs.queries.accuracy import area, curves

STEPS = [n / 10 for n in range(11)]


def counted(scores: list[tuple[float, bool]]) -> list[list[float]]:
    rows = []
    for step in STEPS:
        chosen = [is_true for score, is_true in scores if score >= step]
        left = [is_true for score, is_true in scores if score < step]
        tp, fn = sum(chosen), sum(left)
        rows.append([float(tp), float(len(chosen) - tp), float(len(left) - fn), float(fn)])
    return rows


@pytest.fixture
def scores() -> list[tuple[float, bool]]:
    chance = random.Random(3)
    drawn = [(chance.random(), chance.random()) for _ in range(400)]
    return [(score, luck < score) for score, luck in drawn]


def of_kind(found: list[dict[str, Any]], kind: str) -> dict[str, list[tuple[float, float]]]:
    (curve,) = [each for each in found if each["kind"] == kind]
    return {line["name"]: line["points"] for line in curve["lines"]}


def test_each_curve_has_the_points_that_counting_gives(scores: list[tuple[float, bool]]) -> None:
    table = counted(scores)
    found = curves(["yes"], [table], [table], STEPS)
    positives = sum(is_true for _, is_true in scores)
    negatives, whole = len(scores) - positives, len(scores)
    rates = [(fp / negatives, tp / positives) for tp, fp, _, _ in table]
    assert of_kind(found, "roc") == {"yes": sorted(rates)}
    precise = [(tp / positives, tp / (tp + fp)) for tp, fp, _, _ in table if tp + fp]
    assert of_kind(found, "precision_recall") == {"yes": sorted(precise)}
    gained = [((tp + fp) / whole, tp / positives) for tp, fp, _, _ in table]
    assert of_kind(found, "gain") == {"yes": sorted(gained)}
    assert of_kind(found, "lift") == {"yes": sorted((x, y / x) for x, y in gained if x)}


def test_a_calibrated_classifier_lies_on_the_diagonal(scores: list[tuple[float, bool]]) -> None:
    table = counted(scores)
    points = of_kind(curves(["yes"], [table], [table], STEPS), "calibration")["yes"]
    assert [round(x, 2) for x, _ in points] == [round(n / 10 + 0.05, 2) for n in range(10)]
    assert all(abs(x - y) < 0.2 for x, y in points)


def test_averages_weigh_classes_alike_by_samples_and_samples_alike() -> None:
    few = [[1.0, 9.0, 0.0, 0.0], [1.0, 0.0, 9.0, 0.0], [0.0, 0.0, 9.0, 1.0]]
    many = [[9.0, 1.0, 0.0, 0.0], [3.0, 0.0, 1.0, 6.0], [0.0, 0.0, 1.0, 9.0]]
    found = of_kind(curves(["few", "many"], [few, many], [few, many], [0, 0.5, 1]), "roc")
    middle = {name: points[1] for name, points in found.items()}
    assert middle["Macro average"] == pytest.approx((0, (1 + 1 / 3) / 2))
    assert middle["Weighted average"] == pytest.approx((0, (1 * 1 + 9 / 3) / 10))
    assert middle["Micro average"] == pytest.approx((0, 4 / 10))


def test_a_class_without_samples_has_no_curve_and_no_average() -> None:
    nobody = [[0.0, 0.0, 4.0, 0.0]] * 3
    known = [[2.0, 2.0, 0.0, 0.0], [2.0, 0.0, 2.0, 0.0], [0.0, 0.0, 2.0, 2.0]]
    found = of_kind(curves(["a", "b"], [nobody, known], [nobody, known], [0, 0.5, 1]), "roc")
    assert found["a"] == []
    assert found["Weighted average"] == found["b"] == [(0, 0), (0, 1), (1, 1)]
    assert area(found["b"]) == 1
    assert area([]) == 0
