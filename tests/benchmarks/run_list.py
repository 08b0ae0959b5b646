"""What the run list costs with 1,000, 100,000 and a million runs: ``python -m tests.benchmarks.run_list``.

Nothing is asserted. Each request goes through the whole studio in this process, but for the web server.
SQL is the time until the database has answered with its first rows. Each size has a database of its
own, kept for the next time: a file below ``--folder``, or with DATABASE_URL, in which ``{}`` stands for
the number of runs, one that is there and empty, as in postgres:///bench_{}. With ``--postgresql`` it is
in a PostgreSQL server that is started for it, with its data below ``--folder`` too.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.benchmarks import postgresql

if TYPE_CHECKING:
    from django.test import Client

SIZES = (1_000, 100_000, 1_000_000)
FAR = 10_000  # pages of 50
_TIMES = 15
# No more of a call that takes so long.
_SECONDS = 6.0
_MEASURED = ("median_ms", "p95_ms", "sql_ms", "queries")

EXPORT = "export of all runs"
Figures = dict[str, float]
QUERIES = {
    "newest": "",
    "one tag": "tag:team=vision",
    "tag that nothing has": "tag:team=nobody",
    "tag + experiment + compute": "tag:team=vision experiment:bench-tune-3 compute:gpu-cluster",
    "property": "property:node=node-3",
    "metric > x and parameter = y": "metric:accuracy>0.9 param:lr=0.01",
    "rare range of a parameter": "param:seed>998 param:lr=0.0003 param:optimizer=sgd",
    "parameter that no run has": "param:lr=0.5",
    "rare metric range": "metric:accuracy>0.99999",
    "rare least of a metric": "metric:accuracy.min>0.89999",
    "text: rare": "heisenbug",
    "text: common": "baseline",
    "text: two letters": "mi",
    "text: none": "nowhere-to-be-found",
    "log: rare": 'log:"cuda out of memory"',
    "log: common": "log:epoch",
    "log: none of common parts": 'log:"step 4000 loss 0.9999 acc"',
    "log: none": "log:nowhere-to-be-found",
    "log: not": 'tag:team=vision -log:"cuda out of memory"',
    "duration, none": "duration:>90d",
    "created, none": "created:<2001-01-01",
    "created, older half": "created:<-180d",
    "compute, none": "compute:nowhere",
    "name, none": "name:nobody*",
    "not a tag": "-tag:team=vision",
    "not a tag that all have": "-tag:team",
    "one of two empty": "tag:a OR tag:b",
    "experiment + tag that nothing there has": "experiment:bench-tune-3 tag:team=nobody",
    "status": "status:failed",
}
SORTS = ("-metric:accuracy", "name", "-started", "-ended", "-duration", "status", "compute",
         "experiment", "tag:team", "param:lr", "-param:optimizer")  # fmt: skip


def main() -> None:
    """Fill what is not filled, measure, and print the table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=SIZES)
    default = Path(tempfile.gettempdir(), "run-list-benchmark")
    parser.add_argument("--folder", type=Path, default=default)
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument(
        "--postgresql", action="store_true", help="start a server, and measure that"
    )
    parser.add_argument("--inside", choices=_INSIDE, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        print(json.dumps(_INSIDE[asked.inside](asked.runs[0])))
        return
    with contextlib.ExitStack() as running:
        url = os.environ.get("DATABASE_URL")
        if asked.postgresql:
            names = [f"bench_{size}" for size in asked.runs]
            started = running.enter_context(postgresql.server(asked.folder, names))
            url = started.replace("{}", "bench_{}")
        found = _all(asked.folder, asked.runs, url)
    sizes = [str(size) for size in asked.runs]
    print(json.dumps(found) if asked.json else _table(found, sizes))


def _all(folder: Path, sizes: list[int], url: str | None) -> dict[str, dict[str, Figures]]:
    found: dict[str, dict[str, Figures]] = {}
    for size in sizes:
        for case, figures in _measured(folder, size, url).items():
            found.setdefault(case, {})[str(size)] = figures
    return found


def _measured(folder: Path, size: int, url: str | None) -> dict[str, Figures]:
    """Measure one size in processes of their own, which know no other database."""
    place = folder / str(size)
    (place / "static").mkdir(parents=True, exist_ok=True)
    surroundings = {
        **os.environ,
        "STUDIO_DATA_DIR": str(place),
        "DJANGO_SETTINGS_MODULE": "studio.settings",
    }
    surroundings.pop("DATABASE_URL", None)
    if url is not None:
        surroundings["DATABASE_URL"] = url.replace("{}", str(size))
    commands = [["migrate", "-v0"]]
    if not (place / "filled").exists():
        commands.append(["bench_data", "--runs", str(size)])
    for command in commands:
        subprocess.run(
            [sys.executable, "manage.py", *command],
            env=surroundings, check=True, stdout=sys.stderr,
        )  # fmt: skip
    (place / "filled").touch()
    found: dict[str, Figures] = {}
    for part in _INSIDE:
        own = [sys.executable, "-m", __spec__.name, "--inside", part, "--runs", str(size)]
        told = subprocess.run(own, env=surroundings, check=True, stdout=subprocess.PIPE).stdout
        found |= json.loads(told)
    return found


def _pages(size: int) -> dict[str, Figures]:
    with _studio() as (person, program):
        return {case: _timed(call) for case, call in _calls(person, program, size).items()}


def _export(_: int) -> dict[str, Figures]:
    """Return what one export of all runs takes, and by how much the process has grown at its peak."""
    with _studio() as (person, _program):
        person.get("/w/main/runs/?view=default")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        def call() -> None:
            answer: Any = person.get("/w/main/export/?format=csv&view=default&children=true")
            for _part in answer.streaming_content:
                pass

        figures = _timed(call, least=1)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {EXPORT: {**figures, "grown_mib": round(grown / 1_024, 1)}}


@contextlib.contextmanager
def _studio() -> Iterator[tuple[Client, Client]]:
    """Yield what asks as a person's browser does, and what asks by a token."""
    import django

    django.setup()
    from django.test import Client
    from django.test.utils import override_settings

    from runs.actions import tokens
    from runs.management.first_start import find_or_make_home
    from runs.management.warm import warm

    warm()
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    home = find_or_make_home()
    key = tokens.issue(home.owner, "benchmark")
    with override_settings(STORAGES=plain):
        person = Client(headers={"host": "localhost"})
        person.force_login(home.owner)
        yield person, Client(headers={"authorization": f"Bearer {key}", "host": "localhost"})


_INSIDE = {"pages": _pages, "export": _export}


def _calls(person: Client, program: Client, size: int) -> dict[str, Callable[[], Any]]:
    page, api = "/w/main/runs/", "/api/v1/workspaces/main/runs"

    def get(client: Client, path: str, **asked: str) -> Callable[[], Any]:
        def call() -> Any:
            answer = client.get(f"{path}?{urlencode(asked)}")
            if answer.status_code != 200:
                raise RuntimeError(f"{path} {asked}: {answer.status_code}")
            return answer

        return call

    calls: dict[str, Callable[[], Any]] = {}
    for case, query in QUERIES.items():
        calls[case] = get(person, page, filter=query, view="default")
        calls[f"{case} (JSON)"] = get(program, api, filter=query)
    for sort in SORTS:
        calls[f"sort {sort}"] = get(person, page, sort=sort, view="default")
    calls["sort -metric:accuracy, one tag"] = get(
        person, page, sort="-metric:accuracy", filter="tag:team=vision", view="default"
    )
    calls["group experiment"] = get(person, page, group="experiment", view="default")
    far = _far(min(FAR * 50, size // 2))
    calls["page 10,000"] = get(person, page, after=far, view="default")
    calls["page 10,000 (JSON)"] = get(program, api, cursor=far)
    complete = "/w/main/complete/"
    for case, text in {"tag": "tag:", "tag value": "tag:team=", "tag value, begun": "tag:dataset=co",
                       "property value": "property:node=", "parameter value": "param:seed=",
                       "metric": "metric:a"}.items():  # fmt: skip
        calls[f"completion of a {case}"] = get(person, complete, filter=text)
    return calls


def _far(count: int) -> str:
    """Return the cursor behind the newest so many runs."""
    from runs.models import Run
    from runs.queries import cursors

    last = Run.objects.order_by("-pk")[count].pk
    return cursors.encode((last, last))


def _timed(call: Callable[[], Any], least: int = 2) -> Figures:
    """Return the figures of a call; ``least`` of one is itself what is measured, with none before."""
    from django.db import connection

    took: list[float] = []
    spent: list[list[float]] = []
    clock = time.perf_counter

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = clock()
        try:
            return execute(sql, params, many, context)
        finally:
            spent[-1].append(clock() - began)

    if least > 1:
        call()
    end = clock() + _SECONDS
    with connection.execute_wrapper(run):
        while len(took) < (_TIMES if least > 1 else 1) and (clock() < end or not took):
            spent.append([])
            began = clock()
            call()
            took.append(clock() - began)
    slow = statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
    times = (statistics.median(took), slow, statistics.median(map(sum, spent)))
    figures = [*(round(seconds * 1e3, 2) for seconds in times), max(map(len, spent))]
    return dict(zip(_MEASURED, figures, strict=True))


def _table(found: dict[str, dict[str, Figures]], sizes: list[str]) -> str:
    heads = "".join(f"{f'{int(size):,} runs':>26}" for size in sizes)
    lines = [
        f"{'median / p95 / SQL ms, queries':44}{heads}{'most : least':>14}",
    ]
    for case, figures in found.items():
        cells = "".join(
            "{:>26}".format(
                "{median_ms:.1f} / {p95_ms:.1f} / {sql_ms:.1f}, {queries}".format(**figures[s])
            )
            for s in sizes
        )
        ratio = figures[sizes[-1]]["median_ms"] / figures[sizes[0]]["median_ms"]
        lines.append(f"{case:44}{cells}{ratio:14.1f}")
    grown = [f"{int(size):,} runs {found[EXPORT][size]['grown_mib']} MiB" for size in sizes]
    lines.append(f"memory that the export of all takes: {', '.join(grown)}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
