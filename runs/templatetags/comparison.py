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

    from runs.queries.compare import Comparison, Delta, Section
    from runs.queries.compare_files import File
    from runs.queries.compare_rows import Row
    from runs.views.compare_state import CompareState

register = template.Library()

_NOTHING = '<span class="faint" title="Nothing">–</span>'
_DIFFERS = '<span class="compare-mark" title="Not as in the baseline">≠</span>'
_SHORT, _FEW_LINES = 240, 6
_DIRECTIONS = {
    "up": ("arrow-up", "more is better", "Change to less is better"),
    "down": ("arrow-down", "less is better", "Change to no direction"),
    "": ("chevrons-up-down", "no direction is set", "Change to more is better"),
}


@register.simple_tag
def compare_rows(section: Section, found: Comparison, state: CompareState) -> SafeString:
    """Draw the rows of a section."""
    drawn = [_row(row, found, state) for row in section.rows]
    return mark_safe("\n".join(drawn))  # noqa: S308 (each cell escapes what people wrote)


def _row(row: Row, found: Comparison, state: CompareState) -> str:
    cells = [_cell(row, place, found, state) for place in range(len(row.values))]
    look = ' class="is-differing"' if row.differs else ""
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
        f'<a class="copy compare-way{" is-on" if way else ""}" data-part '
        f'href="{escape(state.directed(row.metric))}" aria-label="{told}" title="{told}">'
        f"{icon(picture)}</a>"
    )


def _way(row: Row, state: CompareState) -> str:
    return "up" if row.metric in state.up else "down" if row.metric in state.down else ""


def _cell(row: Row, place: int, found: Comparison, state: CompareState) -> str:
    value, base = row.values[place], row.values[found.base]
    if row.kind == "file":
        drawn = _file(row, place, found)
    elif value is None or value == "":
        drawn = _NOTHING
    else:
        drawn = _KINDS.get(row.kind, _text)(value)
    away = delta(row, place, found.base)
    if away is not None and away.difference:
        drawn += _delta(away, row.kind, _way(row, state))
    differs = row.differs and value != base
    if row.kind == "file" and not (found.runs[place].snapshot_id and _has_source(found)):
        differs = False
    looks = ["compare-base"] if place == found.base else []
    looks += ["compare-differs"] if differs else []
    look = f' class="{" ".join(looks)}"' if looks else ""
    return f"<td{look}>{_DIFFERS if differs else ''}{drawn}</td>"


def _has_source(found: Comparison) -> bool:
    return found.runs[found.base].snapshot_id is not None


def _delta(away: Delta, kind: str, way: str) -> str:
    told = f"{abs(away.difference):.4g}"
    if kind == "duration":
        told = span(timedelta(seconds=abs(away.difference)))
    if away.percent is not None:
        percent = f"{away.percent:+,.0f}" if abs(away.percent) >= 1_000 else f"{away.percent:+.3g}"
        told += f" ({percent} %)".replace("-", "−", 1)
    told = f"{'+' if away.difference > 0 else '−'}{told}"
    if not way:
        return f' <span class="compare-delta">{told}</span>'
    is_better = (away.difference > 0) == (way == "up")
    look, word = ("good", "better") if is_better else ("bad", "worse")
    return f' <span class="compare-delta compare-{look}">{told} {word}</span>'


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
        return f'<span class="compare-text">{escape(text)}</span>'
    begin = "\n".join(text[:_SHORT].split("\n")[:_FEW_LINES])
    return (
        f'<details class="compare-long"><summary><span class="compare-text">{escape(begin)}</span>'
        f'<span class="faint">… more</span></summary>'
        f'<span class="compare-text">{escape(text)}</span></details>'
    )


def _code(value: Any) -> str:
    return f'<span class="mono">{_text(value)}</span>'


def _metric_value(value: Any) -> str:
    if isinstance(value, float):
        return f'<span class="number">{figure(value)}</span>'
    return _text(value)


def _duration(value: Any) -> str:
    return f'<span class="number">{span(timedelta(seconds=value))}</span>'


_KINDS: dict[str, Any] = {
    "status": status,
    "time": ago,
    "metric": _metric_value,
    "duration": _duration,
    "code": _code,
}
