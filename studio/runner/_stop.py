"""Stopping a run with proof: SIGTERM, grace, SIGKILL, and a look that nothing is left."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Protocol

from studio.contract.words import Step
from studio.runner import _processes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from studio.runner._processes import Process

_LOOK_EVERY = 0.05
# A process that SIGKILL does not end hangs in the kernel; nobody waits for it for ever.
_KILL_SECONDS = 10.0
_PIDS_TOLD = 50


class Tell(Protocol):
    """Takes one step of a stop."""

    def __call__(self, step: Step, message: str, processes: set[Process]) -> None:
        """Keep it."""
        ...


def stop(
    find: Callable[[], set[Process]],
    grace: float,
    tell: Tell,
    reap: Callable[[], None] = lambda: None,
) -> bool:
    """Stop every process that ``find`` finds, now and later; returns whether all are gone.

    ``grace`` is how many seconds they have to end by themselves. ``reap`` buries dead children.
    """
    living = find()
    if living:
        tell(Step.TERM_SENT, f"SIGTERM sent to {_count(living)}.", living)
        _signal(living, signal.SIGTERM)
        living = _wait(find, grace, reap)
    if living:
        tell(Step.GRACE_OVER, f"{_count(living)} still alive after {grace:g} s.", living)
        tell(Step.KILL_SENT, f"SIGKILL sent to {_count(living)}.", living)
        living = _kill(find, reap)
    if living:
        tell(Step.SURVIVORS, f"{_count(living)} cannot be ended, even by SIGKILL.", living)
        return False
    tell(Step.GONE, "0 processes left.", set())
    return True


def told_of(processes: set[Process]) -> dict[str, object]:
    """Return what a step says about processes."""
    pids = sorted(process.pid for process in processes)
    return {"count": len(pids), "pids": pids[:_PIDS_TOLD], "time": time.time()}


def _wait(
    find: Callable[[], set[Process]], seconds: float, reap: Callable[[], None]
) -> set[Process]:
    end = time.monotonic() + seconds
    while True:
        reap()
        living = find()
        if not living or time.monotonic() >= end:
            return living
        time.sleep(_LOOK_EVERY)


def _kill(find: Callable[[], set[Process]], reap: Callable[[], None]) -> set[Process]:
    # Again and again: a process may have made another one between our look and our signal.
    end = time.monotonic() + _KILL_SECONDS
    while (living := find()) and time.monotonic() < end:
        _signal(living, signal.SIGKILL)
        time.sleep(_LOOK_EVERY)
        reap()
    return living


def _signal(processes: set[Process], number: int) -> None:
    for process in processes:
        process.signal(number)


def _count(processes: set[Process]) -> str:
    return f"{len(processes)} process{'' if len(processes) == 1 else 'es'}"


def processes_of(folder: Path) -> Callable[[], set[Process]]:
    """Return a function that finds the processes of a run, by the folder that it has or had."""
    return lambda: _processes.of_run(folder.name, root=folder.parent)
