"""A description as it is shown."""

from __future__ import annotations

from django.db import models


class Description(models.Model):
    """The HTML of a run's description, made when it was saved. Apart, so that no list reads it.

    ``renderer`` is the version of what made it; 0 says that nothing has yet.
    """

    run = models.OneToOneField(
        "runs.Run", models.CASCADE, related_name="drawn_description", primary_key=True
    )
    html = models.TextField(blank=True)
    renderer = models.PositiveSmallIntegerField(default=0, db_index=True)

    def __str__(self) -> str:
        return f"the description of {self.run_id}"
