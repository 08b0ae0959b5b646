"""What a log of gigabytes costs: to open it, to go to a line, to search it; in time and in memory.

Its reader is a process of its own, that has read a small log first, as a server has; while it reads the
large one, its own memory (USS: what would be free without it) is looked at from here.

.venv/bin/python -m tests.benchmarks.big_log [--gigabytes 2] [--folder /tmp]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
from django.conf import settings

django.setup()

from runs.actions.refused import Refused  # noqa: E402 (models need a Django that is set up)
from runs.models import LogFile  # noqa: E402
from runs.queries import log_lines, log_search  # noqa: E402
from runs.queries.log_search import Wish  # noqa: E402
from runs.stores import logs  # noqa: E402

_PIECE_LINES = 8_000
_NEEDLE = "needle in a haystack"
_MOST_MEMORY = 50 * 1024 * 1024
_LOOK_EVERY = 0.01
_PRIVATE = re.compile(r"^Private_\w+: +(\d+) kB", re.MULTILINE)


def main() -> None:
    """Make a log, use it, and print what that took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--gigabytes", type=float, default=2.0)
    options.add_argument("--folder", default=None, help="where there is room for it")
    asked = options.parse_args()
    folder = tempfile.mkdtemp(prefix="big-log-", dir=asked.folder)
    settings.DATA_DIR = Path(folder)
    try:
        small, log = (LogFile(run_id=n, path="user_logs/std_log.txt") for n in (1, 2))
        write(small, 4 * _PIECE_LINES * 140)
        timed("write it", lambda: write(log, int(asked.gigabytes * 1024**3)))
        print(f"{log.size:,} bytes, {log.lines:,} lines")
        before, most = watched_reader(folder, small, log)
        grown = most - before
        print(f"memory: {grown / 1e6:.1f} MB more at the most than {before / 1e6:.0f} MB before")
        if grown > _MOST_MEMORY:
            raise SystemExit("It took too much memory.")
    finally:
        shutil.rmtree(folder)


def watched_reader(folder: str, small: LogFile, log: LogFile) -> tuple[int, int]:
    """Let a fresh process read; returns its memory before it read the large log, and the most after."""
    start = multiprocessing.get_context("spawn")
    here, there = start.Pipe()
    sizes = [(each.run_id, each.size, each.lines) for each in (small, log)]
    reader = start.Process(target=read_both, args=(folder, sizes, there))
    reader.start()
    # Without this, the end of the reader would not end the wait for it.
    there.close()
    here.recv()
    before = most = memory_of(reader.pid)
    here.send("go on")
    while reader.is_alive():
        most = max(most, memory_of(reader.pid))
        reader.join(_LOOK_EVERY)
    if reader.exitcode:
        raise SystemExit(reader.exitcode)
    return before, most


def read_both(folder: str, sizes: list[tuple[int, int, int]], told: Any) -> None:
    """Read a small log, say so, and read the large one when told to."""
    settings.DATA_DIR = Path(folder)
    small, log = (
        LogFile(run_id=run, path="user_logs/std_log.txt", size=size, lines=lines)
        for run, size, lines in sizes
    )
    measure(small, is_quiet=True)
    told.send("ready")
    told.recv()
    measure(log)


def measure(log: LogFile, *, is_quiet: bool = False) -> None:
    """Do with the log what people do, and say how long each took."""
    with (
        open(os.devnull, "w") if is_quiet else nullcontext(sys.stdout) as out,
        redirect_stdout(out),
    ):
        use(log)


def use(log: LogFile) -> None:
    """Do with the log what people do."""
    timed("open it at its end", lambda: log_lines.last(log), most=1.0)
    for line in (1, 1_000, log.lines // 2, 10_000_000, log.lines - 1):
        timed(f"open it at line {line:,}", partial(log_lines.around, log, line), most=1.0)
    timed("read on", lambda: log_lines.after(log, log.lines // 3), most=1.0)
    timed("read back", lambda: log_lines.before(log, log.lines // 3), most=1.0)
    needle = Wish(_NEEDLE, is_exact=True)
    timed("find a line near the start", lambda: log_search.search(log, needle, limit=1), most=1.0)
    timed(
        "find one near the end, from there", lambda: log_search.search_back(log, needle), most=1.0
    )
    for wish in (
        needle,
        Wish("NEEDLE IN"),
        Wish(is_errors=True),
        Wish(r"loss \d\.9999\d", is_regex=True),
    ):
        name = wish.text or "errors"
        try:
            found = timed(f"count all lines with {name!r}", partial(counted, log, wish))
        except Refused as refused:
            # An expression has a second or two of the clock, which others may need as well.
            print(f"count all lines with {name!r}: refused, {refused.detail}")
            continue
        print(f"  {found[0]:,} lines in {found[1]} looks, the longest {found[2]:.2f} s")
    index = logs.path_of(log).with_name(f"{logs.path_of(log).name}.lines")
    print(f"index: {index.stat().st_size:,} bytes")
    index.unlink()
    timed("make the index again", lambda: log_lines.around(log, log.lines // 2))


def counted(log: LogFile, wish: Wish) -> tuple[int, int, float]:
    """Return how many lines have it, in how many looks, and how long the longest took."""
    count, looks, place, longest = 0, 0, 1, 0.0
    while True:
        began = time.perf_counter()
        found = log_search.search(log, wish, first=place, limit=0)
        longest = max(longest, time.perf_counter() - began)
        count, looks, place = count + found.count, looks + 1, found.next
        if found.is_complete:
            return count, looks, longest


def write(log: LogFile, size: int) -> None:
    """Append to the log, as a runner does, until it is as long."""
    number = 0
    while log.size < size:
        lines = (
            f"2026-11-21 10:00:00 INFO step {n} loss 0.{n * 7919 % 100_000:05} lr 0.001 {'.' * 80}\n"
            for n in range(number, number + _PIECE_LINES)
        )
        data = "".join(lines).encode()
        if number in (0, size // len(data) * _PIECE_LINES):
            data = data.replace(b"INFO", f"ERROR {_NEEDLE}".encode(), 1)
        logs.append(log, data)
        log.size, log.lines = log.size + len(data), log.lines + _PIECE_LINES
        number += _PIECE_LINES


def timed(what: str, work: Callable[[], Any], *, most: float = 0) -> Any:
    """Do it, and say how long it took."""
    began = time.perf_counter()
    result = work()
    took = time.perf_counter() - began
    print(f"{what:48} {took * 1000:10.1f} ms")
    if most and took > most:
        raise SystemExit(f"This should take {most:g} s at most.")
    return result


def memory_of(pid: int | None) -> int:
    """Return the memory that a process has for itself, in bytes; 0 once it has ended."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, _PRIVATE.findall(told))) * 1024


if __name__ == "__main__":
    main()
