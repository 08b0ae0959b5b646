"""Following a run at a terminal: its log, and below it a line that says how it goes."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from studio.cli import printing, terminal
from studio.cli.ending import FAILED, INTERRUPTED, CommandError
from studio.cli.tables import span
from studio.contract.words import Status
from studio.sdk import _wait

if TYPE_CHECKING:
    import argparse

    from studio.sdk import Run

_ERASE = "\r\x1b[K"


def follow(asked: argparse.Namespace, run: Run) -> None:
    """Show the log of a run until it ends, then print the run.

    Raises:
        CommandError: the run has failed or was canceled, or Ctrl-C: then it goes on.
    """
    screen = ProgressScreen()
    try:
        _wait.stream(run, screen)
    except KeyboardInterrupt:
        raise CommandError(
            f"You stopped watching; the run {run.id} goes on.\n"
            f"  watch it again:  studio run monitor-logs -r {run.id}\n"
            f"  stop it:         studio run cancel -r {run.id}",
            INTERRUPTED,
        ) from None
    finally:
        screen.erase()
    printing.show(asked, run._told)
    if run.status != Status.COMPLETED:
        raise CommandError(_how_it_ended(run), FAILED)


class ProgressScreen(_wait.Screen):
    """Shows a log on stdout and, while there is nothing new, a line of progress on stderr.

    The line is drawn on a terminal only, and never into a line of the log that is not complete.
    """

    def __init__(self) -> None:
        super().__init__()
        self._draws = terminal.is_terminal(sys.stderr)
        self._shares = self._draws and terminal.is_terminal(sys.stdout)
        self._is_drawn = False
        self._is_at_start = True
        self._since = time.monotonic()

    def say(self, text: str) -> None:
        """Show a text where the line of progress was."""
        if not text:
            return
        self.erase()
        super().say(text)
        self._is_at_start = text.endswith("\n")

    def pause(self, run: Run) -> None:
        """Say how the run goes."""
        if self._draws and (self._is_at_start or not self._shares):
            line = terminal.cut(self._progress(run), terminal.width(sys.stderr) - 1)
            if terminal.has_colours(sys.stderr):
                line = line.replace(run.status, terminal.paint(run.status, run.status), 1)
            self._draw(_ERASE + line)
            self._is_drawn = True
        super().pause(run)

    def erase(self) -> None:
        """Take the line of progress away."""
        if self._is_drawn:
            self._draw(_ERASE)
            self._is_drawn = False

    def _progress(self, run: Run) -> str:
        told = run._told
        ran = told["durationSeconds"]
        waited = time.monotonic() - self._since
        line = f"{run.status} for {span(waited if ran is None else ran)}"
        why = (told["queueingInfo"] or {}).get("message")
        if ran is None and why:
            line = f"{line}: {terminal.harmless(str(why))}"
        return f"{line}  (Ctrl-C stops watching, not the run)"

    def _draw(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def _how_it_ended(run: Run) -> str:
    if run.status == Status.CANCELED:
        return f"The run {run.id} was canceled."
    error = (run._told["error"] or {}).get("error") or {}
    why = error.get("message") or error.get("code") or "no reason was given"
    return f"The run {run.id} has failed: {why}"
