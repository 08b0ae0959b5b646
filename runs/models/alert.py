"""Alerts: who wants to be told of what, and each message that tells it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from runs.models.scoped import ScopedQuerySet
from studio.contract import limits

if TYPE_CHECKING:
    from runs.models.run import Run
    from runs.models.user import User


class Kind(StrEnum):
    """What a rule waits for: a status, a run that lasts, a metric beyond a number."""

    STATUS = "status"
    LONGER = "longer"
    METRIC = "metric"


class Channel(StrEnum):
    """How a message goes out."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    SLACK = "slack"


class Sending(StrEnum):
    """How far a message is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


KINDS = [(kind.value, kind.value) for kind in Kind]
CHANNELS = [(channel.value, channel.value) for channel in Channel]
SENDINGS = [(state.value, state.value) for state in Sending]
OPERATORS = (">", ">=", "<", "<=")
OPEN = (Sending.WAITING.value, Sending.SENDING.value)
_OPEN = Q(state__in=OPEN)
_ENABLED = Q(enabled=True)
_BELL = Q(run__isnull=False)


class AlertRuleQuerySet(ScopedQuerySet["AlertRule"]):
    """Rules, and who may see them."""

    def enabled(self) -> Self:
        """Return those that are not switched off."""
        return self.filter(_ENABLED)

    def bells(self) -> Self:
        """Return those that listen to one run only."""
        return self.filter(_BELL)

    def listening_to(self, run: Run) -> Self:
        """Return those that a change of this run may concern."""
        return self.enabled().filter(Q(run=None) | Q(run=run.pk), workspace_id=run.workspace_id)

    def shown_to(self, user: User) -> Self:
        """Return the person's own rules and those of the workspace."""
        return self.filter(Q(owner=user) | Q(for_all=True))


class AlertRule(models.Model):
    """What somebody wants to be told of, and where.

    ``for_all`` is a rule of the workspace, else it is ``owner``'s alone. A rule with ``run`` is a
    bell: it listens to that run only. ``query`` narrows the runs, ``children`` adds child runs. Kind
    status has ``statuses``; longer has ``seconds``; metric has ``metric``, ``operator`` and
    ``value``. ``target`` is an address of the web, or addresses of e-mail divided by commas; empty
    means the owner's own. ``salt`` makes the key that webhooks are signed with. Kinds that are no
    event fire for what crosses after ``armed_at``; of metrics the changes up to ``seen`` are known.
    ``problem`` says why the rule cannot be held against runs any more.
    """

    workspace = models.ForeignKey("runs.Workspace", models.CASCADE, related_name="alert_rules")
    owner = models.ForeignKey("runs.User", models.CASCADE, related_name="alert_rules")
    for_all = models.BooleanField(default=False)
    name = models.CharField(max_length=limits.VIEW_NAME)
    run = models.ForeignKey("runs.Run", models.CASCADE, null=True, related_name="bells")
    query = models.CharField(max_length=limits.ALERT_QUERY, blank=True)
    children = models.BooleanField(default=False)
    kind = models.CharField(max_length=8, choices=KINDS, default=Kind.STATUS.value)
    statuses = models.JSONField(default=list)
    seconds = models.FloatField(null=True)
    metric = models.CharField(max_length=limits.METRIC_NAME, blank=True)
    operator = models.CharField(max_length=2, blank=True)
    value = models.FloatField(null=True)
    channel = models.CharField(max_length=8, choices=CHANNELS, default=Channel.EMAIL.value)
    target = models.CharField(max_length=limits.ALERT_TARGET, blank=True)
    salt = models.CharField(max_length=32, blank=True)
    digest_minutes = models.PositiveIntegerField(default=0)
    enabled = models.BooleanField(default=True)
    problem = models.CharField(max_length=300, blank=True)
    armed_at = models.DateTimeField(default=timezone.now)
    seen = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "run"], condition=_BELL, name="one_bell_per_person"
            )
        ]
        indexes: ClassVar = [
            # Asked with every change of a status: is anybody to be told?
            models.Index(fields=["workspace", "run"], condition=_ENABLED, name="alert_listening"),
        ]

    def __str__(self) -> str:
        return self.name


class AlertFired(models.Model):
    """A run that a rule has told of, of a kind that is told once for each run."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="fired", db_index=False)
    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "run"], name="one_alert_per_run")
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} told of {self.run_id}"


class Delivery(models.Model):
    """One message to one address: what the outbox holds until it is sent, and then the log of it.

    ``is_collecting`` may get more items until it is due. Whoever sends it holds it until
    ``held_until``; messages of one rule to one address leave one after the other. Nobody tries any
    more after ``gives_up_at``. ``answer`` is the status code of the other side.
    """

    workspace = models.ForeignKey(
        "runs.Workspace", models.CASCADE, related_name="deliveries", db_index=False
    )
    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="deliveries", db_index=False)
    uid = models.CharField(max_length=32, unique=True)
    channel = models.CharField(max_length=8, choices=CHANNELS)
    target = models.CharField(max_length=limits.ALERT_TARGET)
    title = models.CharField(max_length=300)
    size = models.PositiveIntegerField(default=1)
    is_collecting = models.BooleanField(default=False)
    is_test = models.BooleanField(default=False)
    asked_by = models.ForeignKey("runs.User", models.SET_NULL, null=True, related_name="+")
    replay_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=SENDINGS, default=Sending.WAITING.value)
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    gives_up_at = models.DateTimeField()
    holder = models.CharField(max_length=64, blank=True)
    held_until = models.DateTimeField(null=True)
    answer = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet["Delivery"].as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=_OPEN, name="delivery_queue"),
            models.Index(fields=["rule", "target", "id"], condition=_OPEN, name="delivery_lane"),
            models.Index(fields=["rule", "-id"], name="delivery_log"),
            models.Index(fields=["workspace", "target", "created_at"], name="delivery_flood"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.title}"


class DeliveryItem(models.Model):
    """One thing that a message tells: what happened to a run, as it was when it happened.

    ``event`` is the number of its ``RunEvent``, if one stands behind it.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="items")
    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="+")
    event = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    from_status = models.CharField(max_length=32, blank=True)
    to_status = models.CharField(max_length=32)
    note = models.CharField(max_length=limits.ERROR_MESSAGE, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.to_status}"
