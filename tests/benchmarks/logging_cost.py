"""What one call of ``log`` costs a training: ``python -m tests.benchmarks.logging_cost [--short]``.

Nothing is asserted. Beside it stands a plain append of a line of the same length to a file, so that
the ratio holds on any machine. Calls follow each other without a pause, which is the hardest case:
the thread that sends then works all the time.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from studio.sdk import Experiment, Run, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess


def main() -> None:
    """Start a studio, measure with it and without it, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--short", action="store_true", help="10,000 calls, for every commit")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        studio = StudioProcess(Path(folder, "var"))
        studio.start()
        try:
            _set_up(folder, studio)
            _report(folder, studio, 10_000 if asked.short else asked.calls)
        finally:
            studio.stop()


def _set_up(folder: str, studio: StudioProcess) -> None:
    os.environ["STUDIO_URL"] = studio.url
    os.environ["STUDIO_TOKEN"] = TOKEN
    os.environ["STUDIO_CONFIG_DIR"] = folder


def _report(folder: str, studio: StudioProcess, calls: int) -> None:
    experiment = Experiment(Workspace.get("main"), "benchmark")
    there, away = (
        experiment.start_logging(snapshot_directory=None, outputs=False) for _ in range(2)
    )
    plain = _times(_append(Path(folder, "plain")), calls)
    print(
        f"{'microseconds per call':28}{'median':>9}{'p99':>9}{'max':>10}{'median, in appends':>21}"
    )
    _line("plain append to a file", plain, plain)
    _line("log, the studio is there", _times(_log(there), calls), plain)
    studio.kill()
    start = time.perf_counter()
    away.log("loss", 0.5)
    first = time.perf_counter() - start
    _line("log, the studio is away", _times(_log(away), calls), plain)
    print(f"{'first log, it is away':28}{first * 1e6:9.0f}")
    # Back again, so that what was logged arrives and the process ends without waiting for it.
    studio.start()
    for run in (there, away):
        run.flush()
        run.complete()


def _append(path: Path) -> Callable[[int], object]:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    line = b"x" * 99 + b"\n"
    return lambda number: os.write(file, line)


def _log(run: Run) -> Callable[[int], object]:
    return lambda number: run.log("loss", number / 3, step=number)


def _times(call: Callable[[int], object], count: int) -> list[float]:
    """Return the seconds of each call, the shortest first."""
    took = []
    for number in range(count):
        start = time.perf_counter()
        call(number)
        took.append(time.perf_counter() - start)
    return sorted(took)


def _line(name: str, took: list[float], plain: list[float]) -> None:
    median, late, longest = (took[int(len(took) * part)] for part in (0.5, 0.99, 0.999_999))
    ratio = median / plain[len(plain) // 2]
    print(f"{name:28}{median * 1e6:9.1f}{late * 1e6:9.1f}{longest * 1e6:10.0f}{ratio:21.1f}")


if __name__ == "__main__":
    main()
