"""What could not be delivered when a run or a process ended, told in one line."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kept:
    """Values, lines of a log or the end of one run that are in a file and not yet at the studio."""

    run_id: str
    url: str
    path: Path
    values: int = 0
    lines: int = 0
    is_end: bool = False
    reason: str = ""


def tell(kept: Sequence[Kept]) -> None:
    """Say in one line on stderr how much is kept where, and what delivers it."""
    if not kept:
        return
    runs = sorted({item.run_id for item in kept})
    whose = f"run {runs[0]}" if len(runs) == 1 else f"{len(runs)} runs"
    reasons = sorted({item.reason for item in kept if item.reason})
    why = f" ({' '.join(reasons)})" if reasons else ""
    print(
        f"Run Studio: {_how_much(kept)} of {whose} did not reach the studio at {kept[0].url}{why}. "
        f"They are kept in {_where(kept)}; `studio sync` delivers them.",
        file=sys.stderr,
    )


def _how_much(kept: Sequence[Kept]) -> str:
    values, lines = sum(item.values for item in kept), sum(item.lines for item in kept)
    counts = ((values, "value", "values"), (lines, "line of the log", "lines of the log"))
    parts = [f"{n:,} {one if n == 1 else many}" for n, one, many in counts if n]
    if any(item.is_end for item in kept):
        parts.append("the end")
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _where(kept: Sequence[Kept]) -> str:
    paths = [item.path for item in kept if not item.is_end] or [kept[0].path]
    if len(paths) <= 2:
        return " and ".join(str(path) for path in paths)
    folders = sorted({path.parent for path in paths})
    return str(folders[0] if len(folders) == 1 else folders[0].parent)
