"""Messages to Slack, and to what takes the same: Mattermost, Rocket.Chat, Zulip."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings

from runs.actions.text import one_line
from runs.alerts import telling
from runs.alerts.webhook import AGENT
from runs.outside.asking import post

if TYPE_CHECKING:
    from runs.alerts.telling import Message, Told
    from runs.models import Delivery

_SHOWN = 20
_ERROR = 500


def send(delivery: Delivery) -> int:
    """Return the status code that the receiver answers with. Raises ``OutsideError``."""
    text = written(telling.message(delivery, _SHOWN))
    headers = {"Content-Type": "application/json", "User-Agent": AGENT}
    body = json.dumps({"text": text}).encode()
    return post(delivery.target, body, headers, allowed=settings.WEBHOOK_ALLOW)


def written(message: Message) -> str:
    """Return the text of a message, with links in Slack's own writing."""
    name = _plain(message.delivery.rule.name)
    if message.is_test:
        return f"This is a test of the alert <{message.alerts}|{name}> of Run Studio."
    if len(message.told) == 1:
        return _line(message.told[0])
    lines = [f"*{_plain(message.summary)}* (<{message.link}|{_plain(message.workspace)}>)"]
    lines += [f"• {_line(told)}" for told in message.told]
    if message.total > len(message.told):
        lines.append(f"and {message.total - len(message.told):,} more.")
    return "\n".join(lines)


def _line(told: Told) -> str:
    parts = [f"<{told.link}|{_plain(str(told.run))}> of {_plain(told.run.experiment.name)}"]
    parts.append(f"*{told.status}*" + (f" after {told.duration}" if told.duration else ""))
    if told.error or told.note:
        parts.append(_plain((told.error or told.note)[:_ERROR]))
    return ": ".join(parts)


def _plain(text: str) -> str:
    """Return a text that can write no link and call nobody."""
    escaped = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("|", "¦")
