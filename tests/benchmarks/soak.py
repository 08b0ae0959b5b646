"""A team's day in minutes: people who look and scripts that log, all at once, on a real studio.

Counts every answer that nobody should get: an error of the server, a database that is locked, a value
that was accepted and is not there. Prints how long pages took; on a machine that does nothing else
99 of 100 come within 300 ms.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.studio_process import StudioProcess
from tests.benchmarks import postgresql
from tests.benchmarks.load import Load, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

P99_MS = 300.0
_METRICS_TOKEN = "soak"
_ANSWERS = re.compile(r'^studio_requests_total\{.*route="(.*?)",status="(5\d\d)"\} ([\d.]+)', re.M)


def main() -> None:
    """Print what was done and how long it took; exit with 1 where something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        studio_in(Path(folder), on_postgresql=asked.postgresql) as studio,
    ):
        load = Load(studio.url, studio.sign_in_link(), asked.minutes * 60)
        seen = load.carry(writers=asked.writers, readers=asked.readers)
        wrong = [*seen.wrong, *wrong_in(studio)]
    print(f"on {'PostgreSQL' if asked.postgresql else 'SQLite'}, {asked.minutes:g} minutes")
    slow = _print(seen)
    for line in wrong[:50]:
        print(f"  WRONG {line}")
    if slow:
        print(f"  SLOW  99 of 100 pages took up to {slow:.0f} ms; {P99_MS:.0f} are allowed")
    sys.exit(bool(wrong or slow))


@contextlib.contextmanager
def studio_in(folder: Path, *, on_postgresql: bool = False) -> Iterator[StudioProcess]:
    """Start a studio as a team does, on one of the two databases."""
    with contextlib.ExitStack() as stack:
        environment = {"STUDIO_METRICS_TOKEN": _METRICS_TOKEN}
        if on_postgresql:
            url = stack.enter_context(postgresql.for_a_while("soak"))
            environment["DATABASE_URL"] = url.format("soak")
        studio = StudioProcess(folder / "var", environment=environment)
        stack.callback(studio.stop)
        studio.start()
        yield studio


def wrong_in(studio: StudioProcess) -> list[str]:
    """Return what the studio itself says that went wrong, by its figures and its terminal."""
    answer = studio.http.request(
        "GET", f"{studio.url}/metrics", headers={"Authorization": f"Bearer {_METRICS_TOKEN}"}
    )
    figures = answer.data.decode()
    assert "studio_requests_total" in figures, figures[:200]
    found = [f"{n} answers {status} of {route}" for route, status, n in _ANSWERS.findall(figures)]
    told = studio.output.read_text(errors="replace")
    lines = [line for line in told.splitlines() if re.search("locked|Traceback|deadlock", line)]
    return found + lines[:20]


def _print(seen: Seen) -> float:
    """Print counts and times; returns the 99th percentile of the pages if it is too long, else 0."""
    done = ", ".join(f"{count:,} {what}" for what, count in sorted(seen.done.items()))
    print(f"  done  {done}")
    pages: list[float] = []
    for kind, times in sorted(seen.times.items()):
        # What a page asks for behind the scenes has a line of its own.
        if not kind.startswith(("api", "news")):
            pages += times
        print(
            f"  {kind:24} {len(times):7,}   p50 {at(times, 50):6.0f} ms   p99 {at(times, 99):6.0f} ms"
        )
    worst = at(pages, 99)
    print(f"  {'all pages':24} {len(pages):7,}   p50 {at(pages, 50):6.0f} ms   p99 {worst:6.0f} ms")
    return worst if worst > P99_MS else 0.0


def at(times: list[float], percent: int) -> float:
    """Return how many milliseconds so many percent of the times stay within."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1_000 if ordered else 0.0


if __name__ == "__main__":
    main()
