"""The processes that a studio starts, watches and stops."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from functools import partial
from typing import TYPE_CHECKING

from runs.management.ties import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runs.management.plan import Program

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# A child that lived this long was well: its next fall is a first one again.
WELL_SECONDS = 30.0
STOP_SECONDS = 4.0


def start(program: Program, folder: Path) -> subprocess.Popen[bytes]:
    """Start a program that ends when this process does, however this process ends."""
    return subprocess.Popen(  # noqa: S603  (our own command)
        program.command,
        cwd=folder,
        env=program.environment,
        stdin=subprocess.DEVNULL,
        process_group=None if program.hears_terminal else 0,
        preexec_fn=partial(end_with_parent, os.getpid()),
    )


class Child:
    """One program that is started again when it ends by itself."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.falls = 0
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id, None between a fall and the next start."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start it now."""
        self._started_at = time.monotonic()
        self._process = start(self._program, self._folder)

    def look_after(self) -> str:
        """Start it again when it fell; return a sentence about it, or an empty text."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_again_at:
                self.start()
            return ""
        code = self._process.poll()
        if code is None:
            return ""
        self.falls = 1 if now - self._started_at > WELL_SECONDS else self.falls + 1
        pause = min(FIRST_PAUSE * 2 ** min(self.falls - 1, 10), LONGEST_PAUSE)
        self._process = None
        self._start_again_at = now + pause
        how = _words_for(code)
        return f"The {self._program.name} ended ({how}); it starts again in {pause:g} s."

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def make_stop(self, *, until: float) -> None:
        """Wait until then, in ``time.monotonic()``; send SIGKILL when it still runs."""
        if self._process is None:
            return
        try:
            self._process.wait(timeout=max(until - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def stop_all(children: Iterable[Child]) -> None:
    """End them together, within ``STOP_SECONDS``."""
    together = list(children)
    for child in together:
        child.ask_to_stop()
    until = time.monotonic() + STOP_SECONDS
    for child in together:
        child.make_stop(until=until)


def _words_for(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
