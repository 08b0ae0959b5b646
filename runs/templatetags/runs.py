"""What templates say about runs."""

from __future__ import annotations

import functools
import json
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from runs.queries import definition
from runs.queries.tree import label_term
from studio.contract import secrets
from studio.contract.words import Status

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from django.utils.safestring import SafeString

register = template.Library()

# The look of a status: its colour and its icon. The word stands beside them, always.
_LOOKS: dict[str, tuple[str, str]] = {
    Status.NOT_STARTED: ("waiting", "circle-dashed"),
    Status.STARTING: ("waiting", "hourglass"),
    Status.PROVISIONING: ("waiting", "hourglass"),
    Status.PREPARING: ("waiting", "package-check"),
    Status.QUEUED: ("waiting", "clock"),
    Status.RUNNING: ("running", "loader-circle"),
    Status.FINALIZING: ("running", "loader-circle"),
    Status.NOT_RESPONDING: ("warning", "unplug"),
    Status.CANCEL_REQUESTED: ("warning", "circle-stop"),
    Status.COMPLETED: ("good", "circle-check"),
    Status.FAILED: ("bad", "circle-x"),
    Status.CANCELED: ("quiet", "ban"),
}


@register.simple_tag
@functools.cache
def icon(name: str) -> SafeString:
    """Draw an icon of the sprite; it says nothing to a screen reader."""
    place = static("img/icons.svg")
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', place, name
    )


@register.simple_tag
@functools.cache
def status(word: str) -> SafeString:
    """Draw a status: colour, icon and word."""
    look, name = _LOOKS.get(word, ("quiet", "circle-question-mark"))
    return format_html(
        '<span class="status status-{}">{}<span>{}</span></span>', look, icon(name), word
    )


@register.simple_tag
def status_dot(word: str) -> SafeString:
    """Draw the icon of a status in its colour; the word has to stand beside it."""
    look, name = _LOOKS.get(word, ("quiet", "circle-question-mark"))
    return format_html('<span class="status status-{}">{}</span>', look, icon(name))


@register.filter
def as_json(value: Any) -> str:
    """Return a value as JSON, for a field of a form."""
    return json.dumps(value)


# The statuses of a bucket of the list share the look of its best known one.
_BUCKETS = {
    "Running": Status.RUNNING,
    "Completed": Status.COMPLETED,
    "Failed": Status.FAILED,
    "Canceled": Status.CANCELED,
    "Queued": Status.QUEUED,
    "Other": Status.NOT_RESPONDING,
}


@register.simple_tag
def sparks(statuses: list[str]) -> SafeString | str:
    """Draw how the newest runs went, a square each; in words for those who do not see them."""
    if not statuses:
        return "–"
    told = ", ".join(f"{count} {word}" for word, count in Counter(statuses).most_common())
    squares = format_html_join(
        "",
        '<i class="spark status-{}"></i>',
        ((_LOOKS.get(s, ("quiet", ""))[0],) for s in statuses),
    )
    return format_html(
        '<span class="sparks" role="img" aria-label="{}" title="{}">{}</span>', told, told, squares
    )


@register.simple_tag
def bucket_icon(name: str) -> SafeString:
    """Draw the icon of a bucket of statuses, in its colour."""
    look, picture = _LOOKS[_BUCKETS[name]]
    return format_html('<span class="status status-{}">{}</span>', look, icon(picture))


@register.simple_tag
def plain_value(value: Any) -> str:
    """Say a value of a column: a number short, a tag without value as a tick, nothing as a dash."""
    if value is None or value == "":
        return "–"
    if value is True:
        return "✓"
    return figure(value) if isinstance(value, float) else str(value)


@register.simple_tag
def progress(task: Any) -> int:
    """Say how many runs a task has come to."""
    return int(task.done + task.refused)


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    """Draw how long ago a time was; the page keeps that true."""
    if moment is None:
        return "–"
    shown = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    said = ago_words((timezone.now() - moment).total_seconds())
    # Nothing to escape: these are figures. The page says the whole of it where somebody points.
    return mark_safe(f'<time datetime="{shown}" data-ago>{said}</time>')  # noqa: S308


def ago_words(seconds: float) -> str:
    """Say how long ago something was, as ``static/js/lib/times.js`` does: else each row moves once."""
    if seconds < 10:
        return "just now"
    units = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
    unit, count = next((unit, int(seconds / each)) for unit, each in units if seconds >= each)
    if unit == "day" and count == 1:
        return "yesterday"
    return f"{count} {unit}{'s' * (count != 1)} ago"


@register.simple_tag
def duration(run: Any) -> SafeString | str:
    """Draw how long a run took, or takes: then it goes on counting."""
    time: timedelta | None = run.duration
    if time is None:
        return "–"
    if run.ended_at is not None:
        return mark_safe(f'<span class="number">{span(time)}</span>')  # noqa: S308 (figures only)
    started = run.started_at.isoformat()
    return format_html(
        '<time class="number" datetime="{}" data-since>{}</time>', started, span(time)
    )


@register.filter
def span(time: timedelta | None) -> str:
    """Say a length of time: 0.4 s, 12 s, 3 m 12 s, 5 h 2 m, 3 d 4 h."""
    if time is None:
        return ""
    seconds = max(time.total_seconds(), 0)
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} m"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


@register.filter
def clock(moment: datetime) -> str:
    """Say the time of day to the millisecond."""
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"


@register.filter
def size(count: int) -> str:
    """Say a number of bytes."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return (
                f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
            )
        amount /= 1000
    return f"{amount:.1f} TB"


@register.filter
def grouped(number: int) -> str:
    """Say a count, its thousands apart."""
    return f"{number:,}"


@register.filter
def figure(number: float) -> str:
    """Say a number in up to six digits."""
    return f"{number:.6g}"


@register.filter
def in_query(text: str) -> str:
    """Return text as it stands in the query of an address."""
    return quote(text, safe="")


@register.filter
def variables(defined: Any) -> list[str]:
    """Return the environment variables of a definition as NAME=value, those that are secrets veiled."""
    found = definition.variables(defined)
    return [f"{name}={secrets.veil(name, value)}" for name, value in found.items()]


@register.filter
def tag_term(key: str, value: str | None) -> str:
    """Return the condition that a run has this tag, as a query has it."""
    return label_term("tag", key, value)


@register.filter
def shell(parts: Any) -> str:
    """Return a command as one would type it; a definition may hold anything in its place."""
    return definition.typed(parts)


@register.inclusion_tag("_toast.html", takes_context=True)
def toast(context: dict[str, Any], message: Any) -> dict[str, Any]:
    """Draw what ``runs.views.toasts`` says."""
    try:
        ways = json.loads(message.extra_tags or "{}")
    except ValueError:
        ways = {}
    request = context["request"]
    return {"message": message, "request": request, "csrf_token": context["csrf_token"], **ways}
