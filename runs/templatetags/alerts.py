"""What templates say about alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from runs.actions.alerts import shown_address, shown_target
from runs.alerts.words import span
from runs.models.alert import Channel, Kind

if TYPE_CHECKING:
    from runs.models import AlertRule, Delivery

register = template.Library()

_CHANNELS = {Channel.EMAIL: "e-mail", Channel.WEBHOOK: "webhook", Channel.SLACK: "Slack"}


@register.filter
def alert_words(rule: AlertRule) -> str:
    """Say what a rule tells of."""
    runs = "runs and child runs" if rule.children else "runs"
    if rule.kind == Kind.LONGER:
        return f"{runs} that take longer than {span(rule.seconds or 0)}"
    if rule.kind == Kind.METRIC:
        return f"{runs} whose {rule.metric} is {rule.operator} {rule.value:g}"
    return f"{runs} that become {', '.join(rule.statuses)}"


@register.filter
def channel_word(channel: str) -> str:
    """Say by which way messages go."""
    return _CHANNELS[Channel(channel)]


@register.filter
def alert_target(rule: AlertRule) -> str:
    """Say where a rule sends to, fit to be seen by everybody."""
    return shown_target(rule)


@register.filter
def delivery_target(delivery: Delivery) -> str:
    """Say where a message went, fit to be seen by everybody."""
    return shown_address(delivery.channel, delivery.target)
