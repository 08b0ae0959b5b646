"""The cells of a comparison: thousands on a page, so each is written in one go, like those of lists."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.safestring import mark_safe

from runs.queries.compare import delta
from runs.templatetags.runs import ago, figure, icon, size, span, status

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from runs.models import Run
    from runs.queries.compare import Comparison, Delta, Section
    from runs.queries.compare_files import File
    from runs.queries.compare_rows import Row
    from runs.views.compare_state import CompareState

register = template.Library()

# On a page of a hundred runs each letter of a cell is there twenty thousand times.
_NOTHING = '<i title="Nothing">–</i>'
_DIFFERS = "<b>≠</b> "
_SHORT, _FEW_LINES = 240, 6
_BASE = (
    '<span class="compare-is-base" title="The others are compared with this run">{}Baseline</span>'
)
_DIRECTIONS = {
    "up": ("arrow-up", "more is better", "Change to less is better"),
    "down": ("arrow-down", "less is better", "Change to no direction"),
    "": ("chevrons-up-down", "no direction is set", "Change to more is better"),
}


@register.simple_tag
def compare_heads(found: Comparison) -> SafeString:
    """Draw the head of each column: a run, and buttons that change what is compared with what."""
    last = len(found.runs) - 1
    drawn = [
        _head(run, is_base=place == found.base, is_first=not place, is_last=place == last)
        for place, run in enumerate(found.runs)
    ]
    return mark_safe("\n".join(drawn))  # noqa: S308 (each head escapes what people wrote)


def _head(run: Run, *, is_base: bool, is_first: bool, is_last: bool) -> str:
    name, place = escape(run.display_name), reverse("run", args=[run.workspace.name, run.run_id])
    buttons = (
        [] if is_base else [_button("baseline", run, "flag", "Make {} the baseline", part=True)]
    )
    buttons += [] if is_first else [_button("left", run, "chevron-left", "Move {} to the left")]
    buttons += [] if is_last else [_button("right", run, "chevron-right", "Move {} to the right")]
    buttons += [_button("leave", run, "x", "Leave out {}")]
    return (
        f'<th scope="col" class="compare-head{" compare-base" * is_base}" '
        f'data-run-number="{run.pk}"><div class="compare-run"><span class="compare-swatch" '
        f'data-swatch="{run.pk}"></span><a class="name" href="{escape(place)}" title="{name}">'
        f'{name}</a></div><div class="id" title="{run.run_id}">{run.run_id}</div>'
        f'<div class="compare-state">{status(run.status)}<span class="compare-buttons" '
        f'role="group" aria-label="{name}">{_BASE.format(icon("flag")) if is_base else ""}{"".join(buttons)}'
        "</span></div></th>"
    )


def _button(step: str, run: Run, picture: str, told: str, *, part: bool = False) -> str:
    words = escape(told.format(run.display_name))
    return (
        f'<button class="copy" form="compare-steps" name="{step}" value="{run.run_id}" '
        f'{"data-part " if part else ""}aria-label="{words}" title="{words}">{icon(picture)}</button>'
    )


@register.simple_tag
def compare_rows(section: Section, found: Comparison, state: CompareState) -> SafeString:
    """Draw the rows of a section."""
    drawn = [_row(row, found, state) for row in section.rows]
    return mark_safe("\n".join(drawn))  # noqa: S308 (each cell escapes what people wrote)


def _row(row: Row, found: Comparison, state: CompareState) -> str:
    way = _way(row, state)
    cells = [_cell(row, place, found, way) for place in range(len(row.values))]
    looks = ["is-differing"] if row.differs else []
    looks += [f"is-{row.kind}"] if row.kind in ("metric", "duration", "code") else []
    look = f' class="{" ".join(looks)}"' if looks else ""
    return f"<tr{look}>{_label(row, state)}{''.join(cells)}</tr>"


def _label(row: Row, state: CompareState) -> str:
    name = escape(row.label)
    told = '<span class="sr"> differs</span>' if row.differs else ""
    return (
        f'<th scope="row" tabindex="-1"><div class="compare-label">'
        f'<span class="compare-name" title="{name}">{name}</span>{told}{_direction(row, state)}'
        "</div></th>"
    )


def _direction(row: Row, state: CompareState) -> str:
    """Draw the button that says which way a metric is better; each click goes to the next."""
    if row.label != row.metric or not any(isinstance(value, float) for value in row.values):
        return ""
    way = _way(row, state)
    picture, now, following = _DIRECTIONS[way]
    told = f"{escape(row.metric)}: {now}. {following}"
    return (
        f'<button class="copy compare-way{" is-on" if way else ""}" form="compare-steps" '
        f'name="turn" value="{escape(row.metric)}" data-part aria-label="{told}" title="{told}">'
        f"{icon(picture)}</button>"
    )


def _way(row: Row, state: CompareState) -> str:
    return "up" if row.metric in state.up else "down" if row.metric in state.down else ""


def _cell(row: Row, place: int, found: Comparison, way: str) -> str:
    value, base = row.values[place], row.values[found.base]
    if row.kind == "file":
        drawn = _file(row, place, found)
    elif value is None or value == "":
        drawn = _NOTHING
    else:
        drawn = _KINDS.get(row.kind, _text)(value)
    if place == found.base:
        return f'<td class="compare-base">{drawn}</td>'
    away = delta(row, place, found.base)
    if away is not None and away.difference:
        drawn += _delta(away, row.kind, way)
    differs = row.differs and value != base
    if row.kind == "file" and not (found.runs[place].snapshot_id and _has_source(found)):
        differs = False
    return f'<td class="is-off">{_DIFFERS}{drawn}</td>' if differs else f"<td>{drawn}</td>"


def _has_source(found: Comparison) -> bool:
    return found.runs[found.base].snapshot_id is not None


def _delta(away: Delta, kind: str, way: str) -> str:
    told = f"{abs(away.difference):.4g}"
    if kind == "duration":
        told = span(timedelta(seconds=abs(away.difference)))
    if away.percent is not None:
        percent = f"{away.percent:+,.0f}" if abs(away.percent) >= 1_000 else f"{away.percent:+.3g}"
        told += f" ({percent} %)"
    told = f"{'+' if away.difference > 0 else '-'}{told}"
    if not way:
        return f" <small>{told}</small>"
    is_better = (away.difference > 0) == (way == "up")
    look, word = ("good", "better") if is_better else ("bad", "worse")
    return f' <small class="compare-{look}">{told} {word}</small>'


def _file(row: Row, place: int, found: Comparison) -> str:
    run, base = found.runs[place], found.runs[found.base]
    file: File | None = row.values[place]
    there: File | None = row.values[found.base]
    if run.snapshot_id is None:
        return '<span class="faint">no snapshot</span>'
    if file is None:
        return '<span class="faint">not here</span>'
    told = f'<code title="{file.sha256}">{file.sha256[:8]}</code> '
    told += f'<span class="faint">{size(file.size)}{", executable" * file.executable}</span>'
    if place == found.base or base.snapshot_id is None:
        return told
    if file == there:
        return '<span class="faint">same</span>'
    if there is None:
        is_only = sum(value is not None for value in row.values) == 1
        return f"{'only here' if is_only else 'not in the baseline'} {told}"
    asked = urlencode({"runs": f"{base.run_id},{run.run_id}", "file": row.label}, safe=",")
    place_ = reverse("compare_diff", args=[run.workspace.name])
    return f'changed {told} <a href="{escape(place_)}?{escape(asked)}">Difference</a>'


def _text(value: Any) -> str:
    if value is True:
        return '<span title="Without a value">✓</span>'
    text = str(value)
    if len(text) <= _SHORT and text.count("\n") < _FEW_LINES:
        return escape(text)
    begin = "\n".join(text[:_SHORT].split("\n")[:_FEW_LINES])
    return (
        f'<details class="compare-long"><summary><bdi class="compare-text">{escape(begin)}</bdi>'
        f'<span class="faint">… more</span></summary>'
        f'<bdi class="compare-text">{escape(text)}</bdi></details>'
    )


def _metric_value(value: Any) -> str:
    return figure(value) if isinstance(value, float) else _text(value)


def _duration(value: Any) -> str:
    return span(timedelta(seconds=value))


_KINDS: dict[str, Any] = {
    "status": status,
    "time": ago,
    "metric": _metric_value,
    "duration": _duration,
}
