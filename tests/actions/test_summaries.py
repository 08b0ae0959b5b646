"""Summaries of metrics that were logged before there were any."""

from __future__ import annotations

import math
from importlib import import_module

from django.apps import apps

from runs.access import Actor
from runs.actions import metrics
from runs.actions.metrics import Row
from runs.models import Metric, MetricSummary, Run, User
from studio.contract.words import MetricKind


def test_a_studio_of_before_gets_the_same_summaries(run: Run, alice: User) -> None:
    for start in range(0, 18_000, 1_000):
        rows = [Row("loss", math.sin(n), step=n) for n in range(start, start + 1_000)]
        metrics.append(run, by=Actor.of_user(alice), session="s", sequence=start, rows=rows)
    table = [Row("table", {"x": n}, MetricKind.TABLE) for n in range(1_000)]
    metrics.append(run, by=Actor.of_user(alice), session="s", sequence=18_000, rows=table)
    kept = [(s.level, s.number, bytes(s.body)) for s in MetricSummary.objects.order_by("pk")]
    assert {level for level, _, _ in kept} == {1, 2}
    MetricSummary.objects.all().delete()
    import_module("runs.migrations.0006_metric_summaries").summarise(apps, None)
    made = [(s.level, s.number, bytes(s.body)) for s in MetricSummary.objects.all()]
    assert sorted(made) == sorted(kept)
    assert {s.metric.name for s in MetricSummary.objects.all()} == {"loss"}
    assert Metric.objects.count() == 2
