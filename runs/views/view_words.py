"""What a view shows, part by part in words: to be read in its history, and compared in a conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runs.queries import charts

if TYPE_CHECKING:
    from runs.actions.view_state import ViewState

_ROWS = {None: "as the number of runs has it", True: "that differ", False: "all"}


def parts_of(state: ViewState) -> dict[str, str]:
    """Return the parts of a list, or of a comparison, by their names."""
    return _of_list(state) if state.compare is None else _of_comparison(state, state.compare)


def _of_list(state: ViewState) -> dict[str, str]:
    shown = ", ".join(column.id for column in state.columns) or "those of the studio"
    return {
        "Filter": state.filter or "none",
        "Columns": shown,
        "Sort": ", ".join(state.sort) or "newest first",
        "Group": state.group or "none",
        "Child runs": "shown" if state.children else "left out",
        "Density": state.density,
        "Charts": charts.written(state.charts) or "none",
    }


def _of_comparison(state: ViewState, how: dict[str, Any]) -> dict[str, str]:
    def names(part: str, otherwise: str) -> str:
        return ", ".join(how.get(part, ())) or otherwise

    return {
        "Compares": ", ".join(state.selected),
        "Baseline": how.get("base") or "the first run",
        "Rows": _ROWS[how.get("differ")],
        "Search": how.get("find") or "none",
        "More is better": names("up", "none"),
        "Less is better": names("down", "none"),
        "Closed sections": names("closed", "none"),
        "Axes": names("axes", "as the page chooses"),
        "Scatter": " by ".join(filter(None, [how.get("y"), how.get("x")])) or "as the page chooses",
    }
