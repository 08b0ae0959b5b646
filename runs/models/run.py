"""One trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from runs.models.scoped import ScopedQuerySet
from studio.contract import limits, words

if TYPE_CHECKING:
    from datetime import timedelta

STATUSES = [(status.value, status.value) for status in words.Status]
_IN_BIN = Q(deleted_at__isnull=False)
_GOES_ON = Q(ended_at=None, started_at__isnull=False)


class Shelf(models.IntegerChoices):
    """Where a run lies. One number, so that one index holds the list, whatever left it."""

    LISTED = 0, "listed"
    ARCHIVED = 1, "archived"
    BIN = 2, "in the bin"


class RunQuerySet(ScopedQuerySet["Run"]):
    """Runs; the methods read as adjectives.

    ``are_few`` says that an index finds them, so that all of them can be looked at.
    """

    are_few = False

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.are_few = self.are_few
        return clone

    def top_level(self) -> Self:
        """Return runs that are nobody's child."""
        return self.filter(depth=0)

    def present(self) -> Self:
        """Return runs that are not in the bin."""
        # Not by the time of deletion, which no index of the list holds; and not as a range of shelves,
        # which SQLite would enter the index by instead of the one shelf that is asked for.
        return self.exclude(shelf=Shelf.BIN)

    def listed(self) -> Self:
        """Return runs that are neither archived nor in the bin."""
        return self.filter(shelf=Shelf.LISTED)

    def binned(self) -> Self:
        """Return runs that were deleted and can still be brought back."""
        return self.filter(_IN_BIN)

    def in_status(self, *statuses: words.Status) -> Self:
        """Return runs that stand in one of these statuses."""
        return self.filter(status__in=statuses)

    def newest_first(self) -> Self:
        """Return runs in the order of the list; ids are given in order of creation."""
        return self.order_by("-id")

    def with_names(self) -> Self:
        """Fetch what a row of the list shows of other tables."""
        names = ("experiment", "created_by", "compute_target", "parent", "root", "snapshot")
        # A manifest can have 20,000 files; of a snapshot only its id is shown.
        return self.select_related(*names).defer("snapshot__manifest")


class Run(models.Model):
    """One trial of one experiment, kept for ever.

    ``supervised`` says that a runner leads the process and sets the final status; a run that is not
    supervised belongs to the script that logs to it. ``tags``, ``properties`` and ``parameters`` repeat
    the rows of ``RunTag``, ``RunProperty`` and ``RunParameter`` for showing; the rows are for finding.
    ``revision`` is the
    workspace's change number at the last change of this run. ``deleted_at`` is when it was put into
    the bin: nobody finds it any more, and some days later it is gone. ``seconds`` is how long an ended
    run has taken.
    """

    workspace = models.ForeignKey("runs.Workspace", models.CASCADE, related_name="runs")
    experiment = models.ForeignKey("runs.Experiment", models.CASCADE, related_name="runs")
    run_id = models.CharField(max_length=limits.RUN_ID)
    number = models.PositiveIntegerField()
    display_name = models.CharField(max_length=limits.DISPLAY_NAME, blank=True)
    name = models.CharField(max_length=2 * limits.RUN_ID, blank=True)
    description = models.TextField(blank=True)
    run_type = models.CharField(max_length=64, blank=True)
    status = models.CharField(
        max_length=32, choices=STATUSES, default=words.Status.NOT_STARTED.value
    )

    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    root = models.ForeignKey("self", models.CASCADE, null=True, related_name="descendants")
    depth = models.PositiveSmallIntegerField(default=0)

    created_by = models.ForeignKey("runs.User", models.PROTECT, related_name="runs")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)

    target = models.CharField(max_length=64, default=words.TARGET_SDK)
    compute_target = models.ForeignKey(
        "runs.ComputeTarget", models.SET_NULL, null=True, related_name="runs"
    )
    agent = models.ForeignKey("runs.Agent", models.SET_NULL, null=True, related_name="runs")
    host = models.CharField(max_length=255, blank=True)
    supervised = models.BooleanField(default=False)
    last_beat_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    queueing = models.JSONField(null=True)

    script_name = models.CharField(max_length=limits.FILE_PATH, blank=True)
    definition = models.JSONField(null=True)
    snapshot = models.ForeignKey("runs.Snapshot", models.SET_NULL, null=True, related_name="runs")
    grace_seconds = models.FloatField(default=limits.GRACE_SECONDS)
    max_run_seconds = models.FloatField(default=limits.MAX_RUN_SECONDS)

    exit_code = models.IntegerField(null=True)
    error = models.JSONField(null=True)
    warnings = models.JSONField(default=list)
    tags = models.JSONField(default=dict)
    properties = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    shelf = models.PositiveSmallIntegerField(choices=Shelf.choices, default=Shelf.LISTED)
    deleted_at = models.DateTimeField(null=True)
    counted_in = models.ForeignKey(
        "runs.RunCount", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    tag_set = models.ForeignKey(
        "runs.TagSet", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)
    revision = models.BigIntegerField(default=0)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "run_id"], name="one_run_per_id"),
            models.UniqueConstraint(fields=["experiment", "number"], name="one_run_per_number"),
        ]
        indexes: ClassVar = [
            # What stands behind the id is there to be read: to pass over runs, or count them, without
            # a look at each.
            models.Index(
                fields=["workspace", "shelf", "depth", "-id", "created_at", "status"],
                name="run_list",
            ),
            models.Index(
                fields=[
                    "experiment",
                    "shelf",
                    "depth",
                    "-id",
                    "created_at",
                    "status",
                    "workspace",
                ],
                name="run_list_experiment",
            ),
            models.Index(
                fields=["workspace", "status", "-id", "shelf", "depth"], name="run_status"
            ),
            models.Index(fields=["compute_target", "status", "id"], name="run_queue"),
            models.Index(fields=["workspace", "revision"], name="run_changes"),
            models.Index(fields=["status", "last_beat_at"], name="run_silence"),
            models.Index(fields=["workspace", "-id"], name="run_bin", condition=_IN_BIN),
            models.Index(fields=["deleted_at"], name="run_bin_age", condition=_IN_BIN),
            # To find the few of a kind, and to list all in the order of a column.
            models.Index(fields=["workspace", "display_name", "id"], name="run_name"),
            models.Index(
                fields=["workspace", "target", "-id", "shelf", "depth"], name="run_target"
            ),
            models.Index(
                fields=["workspace", "run_type", "-id", "shelf", "depth"], name="run_type"
            ),
            models.Index(fields=["tag_set", "-id", "shelf", "depth"], name="run_tag_set"),
            models.Index(fields=["workspace", "created_at", "id"], name="run_created"),
            models.Index(fields=["workspace", "started_at", "id"], name="run_started"),
            models.Index(fields=["workspace", "ended_at", "id"], name="run_ended"),
            models.Index(fields=["workspace", "seconds", "id"], name="run_seconds"),
            models.Index(fields=["workspace", "exit_code", "id"], name="run_exit_code"),
            models.Index(
                fields=["workspace", "started_at"], name="run_lasting", condition=_GOES_ON
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.run_id

    @property
    def hidden(self) -> bool:
        """Whether the run is archived."""
        return self.shelf == Shelf.ARCHIVED

    @property
    def is_terminal(self) -> bool:
        """Whether the run has ended."""
        return self.status in words.TERMINAL

    @property
    def is_cancelable(self) -> bool:
        """Whether a cancel would change anything."""
        return words.Status.CANCEL_REQUESTED in words.TRANSITIONS[words.Status(self.status)]

    @property
    def duration(self) -> timedelta | None:
        """Time from start to end, or to now; None before the start."""
        if self.started_at is None:
            return None
        return (self.ended_at or timezone.now()) - self.started_at
