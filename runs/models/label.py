"""Tags, properties and parameters as rows, for finding runs by them.

The indexes hold ``value_start``, not ``value``: an index row of PostgreSQL ends at 2,704 bytes.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from studio.contract import limits


class RunTag(models.Model):
    """A label that may change. A tag without a value has ``value`` None, not an empty text."""

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    experiment = models.ForeignKey(
        "runs.Experiment", models.CASCADE, related_name="+", db_index=False
    )
    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="tag_rows", db_index=False)
    key = models.CharField(max_length=limits.KEY)
    value = models.CharField(max_length=limits.VALUE, null=True)  # noqa: DJ001 (None and "" differ)

    value_start = models.CharField(max_length=limits.VALUE_START, null=True)  # noqa: DJ001

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "key"], name="one_tag_per_key")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "key", "value_start", "run"], name="tag_in_workspace"
            ),
            models.Index(
                fields=["experiment", "key", "value_start", "run"], name="tag_in_experiment"
            ),
        ]

    def __str__(self) -> str:
        return self.key if self.value is None else f"{self.key}: {self.value}"


class RunProperty(models.Model):
    """A fact that is added once and never changes."""

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    experiment = models.ForeignKey(
        "runs.Experiment", models.CASCADE, related_name="+", db_index=False
    )
    run = models.ForeignKey(
        "runs.Run", models.CASCADE, related_name="property_rows", db_index=False
    )
    key = models.CharField(max_length=limits.KEY)
    value = models.CharField(max_length=limits.VALUE)
    value_start = models.CharField(max_length=limits.VALUE_START)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "key"], name="one_property_per_key")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "key", "value_start", "run"], name="property_in_workspace"
            ),
            models.Index(
                fields=["experiment", "key", "value_start", "run"], name="property_in_experiment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


class RunParameter(models.Model):
    """What a run was configured with: logged once, never changed.

    ``number`` is what the text says, None where it is no finite number.
    """

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    experiment = models.ForeignKey(
        "runs.Experiment", models.CASCADE, related_name="+", db_index=False
    )
    run = models.ForeignKey(
        "runs.Run", models.CASCADE, related_name="parameter_rows", db_index=False
    )
    key = models.CharField(max_length=limits.KEY)
    value = models.CharField(max_length=limits.PARAMETER_VALUE)
    value_start = models.CharField(max_length=limits.VALUE_START)
    number = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "key"], name="one_parameter_per_key")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "key", "value_start", "run"], name="parameter_in_workspace"
            ),
            models.Index(
                fields=["experiment", "key", "value_start", "run"], name="parameter_in_experiment"
            ),
            models.Index(
                fields=["workspace", "key", "number", "run"], name="parameter_number_workspace"
            ),
            # In whose order the texts of a column are listed, without a walk past its numbers.
            models.Index(
                fields=["workspace", "key", "value_start", "run"],
                name="parameter_text",
                condition=models.Q(number=None),
            ),
            models.Index(
                fields=["experiment", "key", "number", "run"], name="parameter_number_experiment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"
