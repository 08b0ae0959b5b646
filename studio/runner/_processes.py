"""Finding the processes of a run: all below a process, and all that carry the run's marker.

A pid alone is no name, it is used again; a pid with its start time is. A zombie is dead: it only
waits for somebody to read its exit code.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.contract import environ

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """One process; ``started`` is in clock ticks since boot."""

    pid: int
    started: int

    def lives(self) -> bool:
        """Whether this very process is still there."""
        found = _look(self.pid)
        return found is not None and found[0] == self and found[2] != "Z"

    def signal(self, number: int) -> None:
        """Send a signal, unless the process has gone."""
        if self.lives():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)


def this_process() -> Process:
    """Return the process that asks."""
    return by_pid(os.getpid()) or Process(os.getpid(), 0)


def by_pid(pid: int) -> Process | None:
    """Return the living process that has this pid now."""
    found = _look(pid)
    return None if found is None or found[2] == "Z" else found[0]


def of_run(run_id: str, *, below: int | None = None) -> set[Process]:
    """Return every living process of a run: those that carry its marker, and those below a pid."""
    children: dict[int, list[int]] = defaultdict(list)
    living: dict[int, Process] = {}
    for process, parent, state in _all():
        children[parent].append(process.pid)
        if state != "Z":
            living[process.pid] = process
    found = {pid for pid in living if _is_marked(pid, run_id)}
    pending = list(children[below]) if below is not None else []
    while pending:
        pid = pending.pop()
        found.add(pid)
        pending += children[pid]
    return {living[pid] for pid in found if pid in living and pid != os.getpid()}


def boot_id() -> str:
    """Return what changes when this machine restarts."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _all() -> Iterator[tuple[Process, int, str]]:
    if not _PROC.is_dir():
        yield from _all_by_psutil()
        return
    for name in os.listdir(_PROC):
        if name.isdigit():
            found = _look(int(name))
            if found is not None:
                yield found


def _look(pid: int) -> tuple[Process, int, str] | None:
    """Return a process, its parent's pid and its state."""
    if not _PROC.is_dir():
        return next((found for found in _all_by_psutil() if found[0].pid == pid), None)
    try:
        # The name in parentheses may hold anything, so only what follows the last one is parsed.
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return Process(pid, int(fields[19])), int(fields[1]), fields[0]


def _all_by_psutil() -> Iterator[tuple[Process, int, str]]:
    import psutil

    for process in psutil.process_iter(["pid", "ppid", "create_time", "status"]):
        told = process.info
        state = "Z" if told["status"] == psutil.STATUS_ZOMBIE else "S"
        yield Process(told["pid"], int(told["create_time"] or 0)), told["ppid"] or 0, state


def _is_marked(pid: int, run_id: str) -> bool:
    wanted = f"{environ.MARKER}={run_id}:".encode()
    try:
        told = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return False
    return told.startswith(wanted) or b"\0" + wanted in told
