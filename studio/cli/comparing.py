"""``studio run compare``: runs side by side at a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from studio.cli import tables
from studio.cli.connecting import workspace_of
from studio.cli.ending import NOT_FOUND, CommandError
from studio.cli.printing import show as print_result
from studio.sdk import UserErrorException

if TYPE_CHECKING:
    import argparse

_SHA = 8
# So many percent are said without digits behind the point.
_MANY = 1_000


def compare(asked: argparse.Namespace) -> None:
    """Print what runs have, a column for each; ≠ stands at what is not as in the baseline."""
    workspace = workspace_of(asked)
    try:
        told = workspace.compare_runs(asked.runs, base=asked.base, only_differences=asked.differ)
    except UserErrorException as error:
        is_missing = str(error).startswith("There is no run")
        raise CommandError(str(error), *([NOT_FOUND] if is_missing else [])) from None
    print_result(asked, told, _drawn(told, is_part=asked.differ))


def _drawn(told: dict[str, Any], *, is_part: bool) -> str:
    ids = [run["runId"] for run in told["runs"]]
    base = ids.index(told["base"])
    columns = [tables.Column("", "label", is_whole=True)]
    columns += [
        tables.Column(run["displayName"] + " (baseline)" * (place == base), str(place))
        for place, run in enumerate(told["runs"])
    ]
    rows = [{"label": "Run id", **{str(place): each for place, each in enumerate(ids)}}]
    for section in told["sections"]:
        rows += [_row(row, section, base) for row in section["rows"]]
    drawn = tables.grid(rows, tuple(columns))
    equal = sum(section["equal"] for section in told["sections"])
    left_out = sum(section["leftOut"] for section in told["sections"])
    notes = [f"{_count(equal)} equal and not shown."] if is_part and equal else []
    notes += [f"{_count(left_out)} too many to be shown: -o json."] if left_out else []
    return "\n".join([drawn, *notes])


def _row(row: dict[str, Any], section: dict[str, Any], base: int) -> dict[str, str]:
    name = section["title"] if section["name"] in ("attributes", "description") else section["name"]
    is_plain = section["name"] in ("attributes", "metrics", "description")
    cells = {"label": row["label"] if is_plain else f"{name.lower()}: {row['label']}"}
    for place, value in enumerate(row["values"]):
        said = _said(row["kind"], value) + _delta(row["deltas"][place])
        differs = row["differs"] and value != row["values"][base]
        cells[str(place)] = f"≠ {said}".rstrip() if differs else said
    return cells


def _said(kind: str, value: Any) -> str:
    if value is None:
        return "-"
    if value is True:
        return "✓"
    if kind == "time":
        return f"{datetime.fromisoformat(value).astimezone():%Y-%m-%d %H:%M:%S}"
    if kind == "duration":
        return tables.span(value)
    if kind == "file":
        return str(value)[:_SHA]
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _delta(delta: dict[str, float | None] | None) -> str:
    if delta is None or not delta["difference"]:
        return ""
    said, percent = f"{delta['difference']:+.4g}", delta["percent"]
    if percent is not None:
        said += f", {percent:+,.0f} %" if abs(percent) >= _MANY else f", {percent:+.3g} %"
    return f" ({said})"


def _count(rows: int) -> str:
    return f"{rows} row is" if rows == 1 else f"{rows} rows are"
