"""The cells of the run list: some hundred on a page, so each is written in one go.

As templates they took three quarters of the time of a page.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from django import template
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.text import Truncator

from runs.templatetags.runs import ago, duration, plain_value, status

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.utils.safestring import SafeString

register = template.Library()

_SHORT, _LONG = 60, 120


@register.simple_tag
def cells(row: Any, workspace: Any) -> SafeString:
    """Draw the cells of a row of the list."""
    drawn = [_KINDS.get(cell.column.kind, _text)(cell, row, workspace) for cell in row.cells]
    return mark_safe("\n".join(drawn))  # noqa: S308 (each cell escapes what people wrote)


def _name(_: Any, row: Any, workspace: Any) -> str:
    run = row.run
    link = reverse("run", args=[workspace.name, run.run_id])
    run_id = escape(run.run_id)
    return (
        f'<td class="cell-name"><a class="name" href="{link}">{escape(run.display_name)}</a>'
        f'<span class="id" title="{run_id}">{run_id}</span></td>'
    )


def _status(cell: Any, row: Any, _: Any) -> str:
    word = row.run.status
    return (
        f'<td class="cell-status"><a class="only" href="{escape(cell.only)}" title="Only {word}">'
        f"{status(word)}</a></td>"
    )


def _time(cell: Any, _: Any, __: Any) -> str:
    return f'<td class="cell-time">{ago(cell.value)}</td>'


def _duration(_: Any, row: Any, __: Any) -> str:
    return f'<td class="cell-time right">{duration(row.run)}</td>'


def _tags(_: Any, row: Any, __: Any) -> str:
    chips = [_chip(*tag) for tag in row.tags]
    count = len(row.run.tags)
    if count > len(row.tags):
        chips.append(
            f'<span class="chip" title="{count} tags in all">+{count - len(row.tags)}</span>'
        )
    return f'<td class="cell-tags"><div class="chips">{"".join(chips)}</div></td>'


def _chip(key: str, value: str | None, only: str, without: str) -> str:
    told = escape(key) if value is None else f"{escape(key)}: {_cut(value, _LONG)}"
    inner = f'<span class="chip-key">{_cut(key, _SHORT)}</span>'
    if value is not None:
        inner += f'<span class="chip-value">{_cut(value, _SHORT)}</span>'
    return (
        f'<a class="chip chip-link" href="{escape(only)}" data-exclude="{escape(without)}" '
        f'title="Only runs with {told} (Alt-click: only runs without)">{inner}</a>'
    )


def _cut(text: str, length: int) -> str:
    return escape(text if len(text) <= length else Truncator(text).chars(length))


def _text(cell: Any, _: Any, __: Any) -> str:
    look = "cell-text"
    if cell.column.is_number:
        look += " right number"
    if cell.column.kind == "code":
        look += " mono"
    value = escape(plain_value(cell.value))
    if not cell.only:
        return f'<td class="{look}"><span>{value}</span></td>'
    return (
        f'<td class="{look}"><a class="only" href="{escape(cell.only)}" '
        f'title="Only runs with the same {escape(cell.column.label)}">{value}</a></td>'
    )


_KINDS: dict[str, Callable[[Any, Any, Any], str]] = {
    "name": _name,
    "status": _status,
    "time": _time,
    "duration": _duration,
    "tags": _tags,
}
