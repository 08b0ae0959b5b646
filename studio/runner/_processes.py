"""Finding the processes of a run: all below a process, and all that carry the run's marker.

A pid alone is no name, it is used again; a pid with its start time is. A zombie is dead: it only
waits for somebody to read its exit code.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.contract import environ
from studio.runner import _machine

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


def marker(run_id: str, root: Path) -> str:
    """Return how the marker of a run begins; ``root`` is the folder of its agent's runs.

    Another studio on this machine may have a run of the same id.
    """
    return f"{run_id}:{hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]}:"


def of_run(run_id: str, *, below: int | None = None, root: Path | None = None) -> set[Process]:
    """Return every living process of a run: those that carry its marker, and those below a pid."""
    wanted = f"{run_id}:" if root is None else marker(run_id, root)
    living, children = _family()
    found = {pid for pid in living if _is_marked(pid, wanted)}
    if below is not None:
        found |= _descendants(below, children)
    return {living[pid] for pid in found if pid in living and pid != os.getpid()}


def tree_below(pid: int) -> set[int]:
    """Return the pids of all living processes below one."""
    living, children = _family()
    return _descendants(pid, children) & living.keys()


def boot_id() -> str:
    """Return what changes when this machine restarts."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _family() -> tuple[dict[int, Process], dict[int, list[int]]]:
    """Return the living processes by pid, and the pids below each, dead ones too."""
    children: dict[int, list[int]] = defaultdict(list)
    living: dict[int, Process] = {}
    for process, parent, state in _all():
        children[parent].append(process.pid)
        if state != "Z":
            living[process.pid] = process
    return living, children


def _descendants(pid: int, children: dict[int, list[int]]) -> set[int]:
    found: set[int] = set()
    pending = list(children[pid])
    while pending:
        found.add(pid := pending.pop())
        pending += children[pid]
    return found


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
    for pid, started, parent, state in _machine.processes():
        yield Process(pid, started), parent, state


def _is_marked(pid: int, beginning: str) -> bool:
    wanted = f"{environ.MARKER}={beginning}".encode()
    try:
        told = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return False
    return told.startswith(wanted) or b"\0" + wanted in told
