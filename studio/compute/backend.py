"""What a backend can do. In every one the runner runs beside the script and reports by itself."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class State(StrEnum):
    """How a runner stands, as its backend sees it."""

    RUNNING = "running"
    FINISHED = "finished"
    LOST = "lost"


class Survivors(Exception):  # noqa: N818 (who they are)
    """Processes of a run that even SIGKILL does not end."""


class Backend(Protocol):
    """Places runners. A handle is the run's folder."""

    def submit(self, folder: Path) -> None:
        """Start the runner of a prepared folder. Raises ``OSError`` when it cannot."""
        ...

    def states(self, folders: Sequence[Path]) -> dict[Path, State]:
        """Return how each runner stands."""
        ...

    def cancel(self, folder: Path) -> int:
        """End all processes of a run whose runner is lost; returns how many there were.

        Raises:
            Survivors: some cannot be ended; to be tried again.
        """
        ...
