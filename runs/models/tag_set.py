"""Which keys of tags stand together: kept, so that runs without a tag are found by an index."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from runs.models.scoped import ScopedQuerySet
from studio.contract import limits


class TagSet(models.Model):
    """The keys of all tags of a run, shared by all runs of a workspace that have just these.

    Each run knows its own: ``Run.tag_set``. ``number`` is how many do; a set that no run has is gone.
    ``digest`` is that of the sorted keys. Kept by ``runs.actions.tag_sets``.
    """

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="+", db_index=False
    )
    digest = models.CharField(max_length=64)
    number = models.BigIntegerField(default=0)

    objects = ScopedQuerySet["TagSet"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="one_set_of_tags")
        ]

    def __str__(self) -> str:
        return f"{self.number} runs with {', '.join(tag.key for tag in self.tags.all())}"


class TagOfSet(models.Model):
    """A key in a set."""

    tag_set = models.ForeignKey(TagSet, models.CASCADE, related_name="tags", db_index=False)
    key = models.CharField(max_length=limits.KEY)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tag_set", "key"], name="one_key_per_set")
        ]

    def __str__(self) -> str:
        return self.key
