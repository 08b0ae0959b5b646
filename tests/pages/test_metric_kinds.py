"""Metrics whose value is a file: drawn if they can be, told and shown as they are if not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from runs.access import Actor
from runs.actions import files
from runs.actions.metrics import Row
from runs.models import Run, User
from studio.contract.words import MetricKind
from tests.pages.conftest import Browser, Log, tab, told

FOUR = [[5, 1, 3, 1], [4, 0, 4, 2], [0, 0, 4, 6]]


@pytest.fixture
def keep(run: Run, alice: User, log: Log) -> Callable[[MetricKind, str, Any], None]:
    """Log a metric that is a file, with any content."""

    def keep(kind: MetricKind, name: str, content: Any) -> None:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        files.put(run, by=Actor.of_user(alice), path=name, stream=io.BytesIO(raw))
        log(Row(name, name, kind))

    return keep


GOOD: dict[MetricKind, dict[str, Any]] = {
    MetricKind.CONFUSION_MATRIX: {"class_labels": ["a", "b"], "matrix": [[3, 1], [0, 4]]},
    MetricKind.ACCURACY_TABLE: {
        "class_labels": ["a", "b"],
        "probability_tables": [FOUR, FOUR],
        "percentile_tables": [FOUR, FOUR],
        "probability_thresholds": [0, 0.5, 1],
        "percentile_thresholds": [0, 0.5, 1],
    },
    MetricKind.RESIDUALS: {"bin_edges": [-1, 0, 1], "bin_counts": [2, 3.5]},
    MetricKind.PREDICTIONS: {
        "bin_averages": [1, 2],
        "bin_errors": [0.1, 0.2],
        "bin_counts": [5, 6],
        "bin_edges": [0, 1, 2],
    },
}


@pytest.mark.parametrize("kind", GOOD)
def test_each_kind_of_file_is_ready_to_be_drawn(
    browser: Browser,
    rita: User,
    run: Run,
    keep: Callable[[MetricKind, str, Any], None],
    kind: MetricKind,
) -> None:
    version = {"schema_type": kind.value, "schema_version": "1.0.0", "data": GOOD[kind]}
    keep(kind, "it", version)
    found = told(browser, rita, tab(run, "drawing/"), name="it")
    assert (found["problem"], found["raw"], found["path"]) == ("", "", "it")
    assert found["data"]


BROKEN: list[tuple[MetricKind, Any, str]] = [
    (MetricKind.RESIDUALS, b"{", "no JSON"),
    (MetricKind.RESIDUALS, b"\xff\xfe", "no text"),
    (MetricKind.RESIDUALS, [], "an object"),
    (MetricKind.RESIDUALS, {"schema_type": "predictions", "data": {}}, "schema_type"),
    (MetricKind.RESIDUALS, {"data": []}, "named data"),
    (MetricKind.RESIDUALS, {"data": {"bin_counts": [1, 2], "bin_edges": [1, 2]}}, "one number more"),
    (MetricKind.RESIDUALS, {"data": {"bin_counts": [1], "bin_edges": [2, 1]}}, "go up"),
    (MetricKind.RESIDUALS, {"data": {"bin_counts": ["1"], "bin_edges": [1, 2]}}, "bin_counts[0]"),
    (MetricKind.RESIDUALS, b'{"data": {"bin_counts": [NaN], "bin_edges": [1, 2]}}', "no number"),
    (MetricKind.CONFUSION_MATRIX, {"data": {"class_labels": ["a"], "matrix": [[1, 2]]}}, "1 rows"),
    (MetricKind.CONFUSION_MATRIX, {"data": {"class_labels": ["a"], "matrix": [[-1]]}}, "below 0"),
    (MetricKind.CONFUSION_MATRIX, {"data": {"class_labels": [], "matrix": []}}, "class_labels"),
    (MetricKind.CONFUSION_MATRIX, {"data": {"class_labels": ["a"], "matrix": [1]}}, "matrix[0]"),
    (MetricKind.ACCURACY_TABLE,
     {"data": {**GOOD[MetricKind.ACCURACY_TABLE], "probability_tables": [FOUR]}}, "for each of 2"),
    (MetricKind.ACCURACY_TABLE,
     {"data": {**GOOD[MetricKind.ACCURACY_TABLE], "percentile_tables": [FOUR, [[1]]]}}, "thresholds"),
    (MetricKind.ACCURACY_TABLE,
     {"data": {**GOOD[MetricKind.ACCURACY_TABLE], "percentile_tables": [FOUR, [[1], [1], [1]]]}},
     "four counts"),
    (MetricKind.PREDICTIONS, {"data": {**GOOD[MetricKind.PREDICTIONS], "bin_errors": [1]}},
     "bin_errors"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content", "said"), BROKEN)
def test_what_cannot_be_drawn_is_told_and_shown_as_it_is(
    browser: Browser,
    rita: User,
    run: Run,
    keep: Callable[[MetricKind, str, Any], None],
    kind: MetricKind,
    content: Any,
    said: str,
) -> None:
    keep(kind, "it", content)
    found = told(browser, rita, tab(run, "drawing/"), name="it")
    assert said in found["problem"]
    assert found["data"] is None
    if said != "no text":
        raw = content.decode() if isinstance(content, bytes) else json.dumps(content)
        assert found["raw"] == raw


def test_a_file_that_is_gone_is_told(browser: Browser, rita: User, run: Run, log: Log) -> None:
    log(Row("it", "nowhere", MetricKind.RESIDUALS))
    found = told(browser, rita, tab(run, "drawing/"), name="it")
    assert "nowhere" in found["problem"]


def test_of_several_files_each_can_be_seen(
    browser: Browser, rita: User, run: Run, keep: Callable[[MetricKind, str, Any], None], log: Log
) -> None:
    keep(MetricKind.RESIDUALS, "it", {"data": GOOD[MetricKind.RESIDUALS]})
    log(Row("it", "other", MetricKind.RESIDUALS))
    assert "other" in told(browser, rita, tab(run, "drawing/"), name="it")["problem"]
    assert not told(browser, rita, tab(run, "drawing/"), name="it", start=0)["problem"]
