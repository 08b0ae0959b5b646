"""The table of the run list: some hundred cells on a page, so each is written in one go.

As templates they took three quarters of the time of a page. What the page can say of itself, as what a
link leads to, is not said in each cell: ``static/js/lib/told.js`` says it where somebody points.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from django import template
from django.utils.safestring import mark_safe
from django.utils.text import Truncator

from runs.templatetags.runs import ago, duration, icon, plain_value, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.utils.safestring import SafeString

    from runs.queries.log_hits import LogHit
    from runs.views.list_page import Band, Head
    from runs.views.list_rows import Cell, Group, Row, Tag

register = template.Library()

_LONG = 120
_SHORT = 12


@register.simple_tag
def heads(shown: Iterable[Head]) -> SafeString:
    """Draw the heads of the columns."""
    return mark_safe("\n".join(map(_head, shown)))  # noqa: S308 (each head escapes what people wrote)


@register.simple_tag
def bands(shown: Iterable[Band], width: int, may_select: bool, place: str = "") -> SafeString:
    """Draw the rows of a page of so many columns, below the heads of their groups.

    ``place`` is where the runs of the workspace stand, if not where the page does.
    """
    draw = _Drawing(may_select=may_select, place=place)
    parts: list[str] = []
    for band in shown:
        if band.head is not None:
            parts.append(_group(band.head, width + may_select))
        parts += map(draw.row, band.rows)
    return mark_safe("\n".join(parts))  # noqa: S308 (each part escapes what people wrote)


@register.simple_tag
def rows_below(
    shown: Iterable[Row], parent: int, level: int, may_select: bool, place: str
) -> SafeString:
    """Draw the children of a run, so many levels below the row that stands in the list."""
    draw = _Drawing(may_select=may_select, place=place, parent=f"{parent}-", level=level)
    return mark_safe("\n".join(map(draw.row, shown)))  # noqa: S308 (as above)


class _Drawing:
    """Draws rows; a cell that many runs have alike is drawn once."""

    def __init__(self, *, may_select: bool, place: str, parent: str = "", level: int = 0) -> None:
        self._may_select = may_select
        self._place = escape(place)
        # One run can stand in the list and below another.
        self._row, self._name_id = ("below-" if level else "run-") + parent, f"n{parent}"
        self._level = level
        self._cells: dict[int, str] = {}
        self._chips: dict[int, str] = {}

    def row(self, row: Row) -> str:
        key = f"{row.run.pk}"
        level = f' data-level="{self._level}"' if self._level else ""
        parts = [f'<tr id="{self._row}{key}"{level}>']
        if self._may_select:
            parts.append(
                f'<td class="cell-check"><input type="checkbox" data-select="{escape(row.run.run_id)}" '
                f'aria-labelledby="pick {self._name_id}{key}"></td>'
            )
        for cell in row.cells:
            draw = _OF_RUNS.get(cell.column.kind)
            parts.append(self._shared(cell) if draw is None else draw(self, cell, row))
        parts.append("</tr>")
        return "".join(parts)

    def _shared(self, cell: Cell) -> str:
        drawn = self._cells.get(id(cell))
        if drawn is None:
            drawn = self._cells[id(cell)] = _ALIKE.get(cell.column.kind, _text)(cell)
        return drawn

    def name(self, _: Cell, row: Row) -> str:
        run = row.run
        level = f'<span class="sr">level {self._level}: </span>' if self._level else ""
        twig = ""
        if row.family is not None:
            twig = (
                f'<button class="twig" type="button" aria-expanded="false" '
                f'title="{escape(row.family.told)}"></button>'
            )
        # All runs stands where its runs do, so that an address there needs no more than the id.
        page = f"{self._place}{quote(run.run_id, safe='')}/"
        return (
            f'<td class="cell-name">{twig}{level}<a class="name" id="{self._name_id}{run.pk}" '
            f'href="{page}">{escape(run.display_name)}</a>'
            f'<span class="id">{escape(run.run_id)}</span>{_hit(page, row.hit)}</td>'
        )

    def tags(self, _: Cell, row: Row) -> str:
        chips = [self._chips.get(id(tag)) or self._chip(tag) for tag in row.tags]
        count = len(row.run.tags)
        if count > len(row.tags):
            told = f"{count} tags in all"
            chips.append(f'<span class="chip" title="{told}">+{count - len(row.tags)}</span>')
        return f'<td class="cell-tags"><div class="chips">{"".join(chips)}</div></td>'

    def duration(self, _: Cell, row: Row) -> str:
        return f'<td class="cell-time right">{duration(row.run)}</td>'

    def _chip(self, tag: Tag) -> str:
        value = "" if tag.value is None else f"<span>{_cut(tag.value)}</span>"
        drawn = f'<a class="chip" href="{escape(tag.only)}"><span>{_cut(tag.key)}</span>{value}</a>'
        self._chips[id(tag)] = drawn
        return drawn


def _hit(page: str, hit: LogHit | None) -> str:
    """Draw the line of a log that the run was found by, as a link to it in the log."""
    if hit is None:
        return ""
    # The narrow cell shows little before what was sought; the title shows all.
    before = hit.before if len(hit.before) <= _SHORT else f"…{hit.before[-_SHORT:]}"
    place = f"{page}logs/?file={quote(hit.path, safe='/')}&amp;line={hit.line}"
    return (
        f'<a class="hit-line" href="{place}" title="{escape(f"{hit.path}:{hit.line} {hit.text}")}">'
        f'<span class="hit-number">{hit.line}</span> {escape(before)}'
        f"<mark>{escape(hit.found)}</mark>{escape(hit.after)}</a>"
    )


def _head(head: Head) -> str:
    column, shown = head.column, head.shown
    order = f' aria-sort="{head.order}"' if head.order else ""
    width = f' data-width="{shown.width}"' if shown.width else ""
    pinned = " data-pinned" if shown.pinned else ""
    label = escape(column.label)
    arrow = icon(head.icon) if head.icon else ""
    sort = (
        f'<a class="sort" href="{escape(head.sort)}"><span>{label}</span>{arrow}</a>'
        if head.sort
        else f'<span class="sort" tabindex="0">{label}</span>'
    )
    return (
        f'<th scope="col" data-column="{escape(head.written)}"{order} '
        f'class="kind-{column.kind}{" right" * column.is_number}"{width}{pinned}>{sort}</th>'
    )


def _group(head: Group, width: int) -> str:
    more = "+" if head.is_more else ""
    runs = f"{head.count:,}{more} run{'s' * (head.count != 1)}"
    is_open = "false" if head.is_closed else "true"
    return (
        f'<tr class="group"><th scope="rowgroup" colspan="{width}"><a class="group-head" '
        f'href="{escape(head.toggle)}" role="button" aria-expanded="{is_open}" data-keep="closed">'
        f'<span class="faint">{escape(head.column.label)}</span> '
        f"{_cut(plain_value(head.value))}"
        f'<span class="group-count">{runs}</span></a></th></tr>'
    )


def _status(cell: Cell) -> str:
    return (
        f'<td class="cell-status"><a class="only" href="{escape(cell.only)}">'
        f"{status(cell.value)}</a></td>"
    )


def _time(cell: Cell) -> str:
    return f'<td class="cell-time">{ago(cell.value)}</td>'


def _text(cell: Cell) -> str:
    look = "cell-text"
    if cell.column.is_number:
        look += " right number"
    if cell.column.kind == "code":
        look += " mono"
    value = escape(plain_value(cell.value))
    if not cell.only:
        return f'<td class="{look}"><span>{value}</span></td>'
    return f'<td class="{look}"><a class="only" href="{escape(cell.only)}">{value}</a></td>'


def _cut(text: str) -> str:
    return escape(text if len(text) <= _LONG else Truncator(text).chars(_LONG))


_OF_RUNS: dict[str, Callable[[_Drawing, Cell, Row], str]] = {
    "name": _Drawing.name,
    "tags": _Drawing.tags,
    "duration": _Drawing.duration,
}
_ALIKE: dict[str, Callable[[Cell], str]] = {"status": _status, "time": _time}
