"""What a chart of a million points costs, at any zoom: ``python -m tests.benchmarks.million_points``.

Nothing is asserted. The points go in as a script sends them, and each picture comes through the whole
REST API in this process, but for the web server. The unit is the time of ``SELECT 1``, as in ``ratios``.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.ratios import _get, _median, _set_up

if TYPE_CHECKING:
    from django.test import Client

    from runs.models import Run

PLACE = "/api/v1/workspaces/main/runs/{run}/metrics/loss/points"
TARGET_MS = 50
_BATCH = 1_000


def main() -> None:
    """Log the points into a studio of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(folder)
        _report(asked.points)


def _report(count: int) -> None:
    from django.db import connection
    from django.test import Client

    from runs.actions import tokens
    from runs.management.first_start import find_or_make_home

    home = find_or_make_home()
    key = tokens.issue(home.owner, "benchmark")
    client = Client(headers={"authorization": f"Bearer {key}", "host": "localhost"})
    run, seconds = _fill(count)

    def select_one() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    unit = _median(select_one, times=500)
    print(f"{count:,} points logged in {seconds:.1f} s, {count / seconds:,.0f} a second")
    print(f"1 unit = SELECT 1 = {unit * 1e6:.0f} microseconds; wanted: {TARGET_MS} ms at most")
    for most in (1_000, 2_500):
        _zooms(client, run, count, most, unit)


def _zooms(client: Client, run: Run, count: int, most: int, unit: float) -> None:
    place = PLACE.format(run=run.run_id)
    width = count
    while width >= 100:
        # Not at a border of chunks: windows as people draw them.
        begin = (count - width) // 3 + (17 if width < count else 0)
        call = partial(_get, client, f"{place}?from={begin}&to={begin + width - 1}&most={most}")
        shown = len(call()["values"])
        took, worked = _median(call, times=9), _worked(call, times=25)
        name = f"{width:>11,} points, {shown:>5} shown of {most}"
        told = f"{name:38} {took / unit:8.0f} units {took * 1e3:7.1f} ms"
        print(f"{told}; CPU {statistics.median(worked):5.1f} ms, {max(worked):5.1f} at most")
        width //= 4 if width == count else 2


def _worked(call: Callable[[], object], *, times: int) -> list[float]:
    """Return the milliseconds of CPU of each call: those of a machine that has nothing else to do."""
    took = []
    for _ in range(times):
        start = time.process_time()
        call()
        took.append((time.process_time() - start) * 1e3)
    return took


def _fill(count: int) -> tuple[Run, float]:
    """Log a noisy series as a script does, batch by batch; returns the run and the seconds."""
    from runs.access import Actor
    from runs.actions import metrics, runs
    from runs.actions.metrics import Row
    from runs.actions.runs import NewRun
    from runs.models import Workspace

    workspace = Workspace.objects.get()
    by = Actor.of_user(workspace.memberships.get().user)
    run = runs.create(workspace, by=by, new=NewRun(experiment_name="long", start=True))
    start = time.perf_counter()
    for begin in range(0, count, _BATCH):
        numbers = range(begin, min(begin + _BATCH, count))
        rows = [Row("loss", math.sin(n / 9e4) + math.sin(n * n) / 5, step=n) for n in numbers]
        metrics.append(run, by=by, session="s", sequence=begin, rows=rows)
    return run, time.perf_counter() - start


if __name__ == "__main__":
    main()
