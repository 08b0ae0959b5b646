"""Measured series: one row of latest values per metric, and the points in packed chunks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from studio.contract import limits, words

KINDS = [(kind.value, kind.value) for kind in words.MetricKind]


class Metric(models.Model):
    """One named series of one run, with what the list and the filters need of it.

    ``last_number`` is null when the last value is no finite number; ``last_text`` then says it.
    """

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    experiment = models.ForeignKey(
        "runs.Experiment", models.CASCADE, related_name="+", db_index=False
    )
    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="metrics", db_index=False)
    name = models.CharField(max_length=limits.METRIC_NAME)
    kind = models.CharField(max_length=32, choices=KINDS)
    description = models.CharField(max_length=limits.VALUE, blank=True)
    count = models.PositiveBigIntegerField(default=0)
    last_number = models.FloatField(null=True)
    last_text = models.CharField(max_length=limits.METRIC_TEXT, blank=True)
    last_step = models.BigIntegerField(null=True)
    last_at = models.DateTimeField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "name"], name="one_metric_per_name")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "name", "last_number", "run"], name="metric_in_workspace"
            ),
            models.Index(
                fields=["experiment", "name", "last_number", "run"], name="metric_in_experiment"
            ),
            models.Index(fields=["workspace", "name", "low", "run"], name="metric_low"),
            models.Index(fields=["workspace", "name", "high", "run"], name="metric_high"),
        ]

    def __str__(self) -> str:
        return self.name


class MetricChunk(models.Model):
    """A stretch of one series, packed by ``runs.stores.metrics``."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["metric", "number"], name="one_chunk_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}[{self.number}]"


class MetricSummary(models.Model):
    """Summaries of a stretch of one series, packed by ``runs.stores.pyramid``; written once."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="summaries", db_index=False)
    level = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["metric", "level", "number"], name="one_summary_per_stretch"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}/{self.level}[{self.number}]"
