"""What the run list costs with 1,000, 100,000 and a million runs: ``python -m tests.benchmarks.run_list``.

Nothing is asserted. Each request goes through the whole studio in this process, but for the web server.
SQL is the time until the database has answered with its first rows. Each size has a database of its
own, kept for the next time: a file below ``--folder``, or with DATABASE_URL, in which ``{}`` stands for
the number of runs, one that is there and empty, as in postgres:///bench_{}.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from django.test import Client

SIZES = (1_000, 100_000, 1_000_000)
FAR = 10_000  # pages of 50
_TIMES = 15
# No more of a call that takes so long.
_SECONDS = 6.0
_MEASURED = ("median_ms", "p95_ms", "sql_ms", "queries")

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
    parser.add_argument("--folder", default=Path(tempfile.gettempdir(), "run-list-benchmark"))
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        print(json.dumps(_measure(asked.runs[0])))
        return
    found: dict[str, dict[str, Figures]] = {}
    for size in asked.runs:
        for case, figures in _measured(Path(asked.folder), size).items():
            found.setdefault(case, {})[str(size)] = figures
    print(json.dumps(found) if asked.json else _table(found, [str(size) for size in asked.runs]))


def _measured(folder: Path, size: int) -> dict[str, Figures]:
    """Measure one size in a process of its own, which knows no other database."""
    place = folder / str(size)
    (place / "static").mkdir(parents=True, exist_ok=True)
    surroundings = {
        **os.environ,
        "STUDIO_DATA_DIR": str(place),
        "DJANGO_SETTINGS_MODULE": "studio.settings",
    }
    if "DATABASE_URL" in surroundings:
        surroundings["DATABASE_URL"] = surroundings["DATABASE_URL"].replace("{}", str(size))
    if not (place / "filled").exists():
        for command in (["migrate", "-v0"], ["bench_data", "--runs", str(size)]):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                env=surroundings, check=True, stdout=sys.stderr,
            )  # fmt: skip
        (place / "filled").touch()
    own = [sys.executable, "-m", "tests.benchmarks.run_list", "--inside", "--runs", str(size)]
    told = subprocess.run(own, env=surroundings, check=True, stdout=subprocess.PIPE).stdout
    figures: dict[str, Figures] = json.loads(told)
    return figures


def _measure(size: int) -> dict[str, Figures]:
    import django

    django.setup()
    from django.test import Client
    from django.test.utils import override_settings

    from runs.actions import tokens
    from runs.management.first_start import find_or_make_home

    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    home = find_or_make_home()
    key = tokens.issue(home.owner, "benchmark")
    with override_settings(STORAGES=plain):
        person = Client(headers={"host": "localhost"})
        person.force_login(home.owner)
        program = Client(headers={"authorization": f"Bearer {key}", "host": "localhost"})
        return {case: _timed(call) for case, call in _calls(person, program, size).items()}


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


def _timed(call: Callable[[], Any]) -> Figures:
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

    call()
    end = clock() + _SECONDS
    with connection.execute_wrapper(run):
        while len(took) < _TIMES and (clock() < end or not took):
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
    return "\n".join(lines)


if __name__ == "__main__":
    main()
