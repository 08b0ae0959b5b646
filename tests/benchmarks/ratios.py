"""What the studio costs, as ratios that hold on any machine: ``python -m tests.benchmarks.ratios [--short]``.

Nothing is asserted. The unit is the time of ``SELECT 1`` in the same process, so that a slow machine
and a fast one print about the same figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

    from runs.models import Workspace

EXPERIMENTS = 20
ROWS = 1_000


def main() -> None:
    """Fill a studio of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--short", action="store_true", help="5,000 runs, for every commit")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(folder)
        _report(5_000 if asked.short else asked.runs)


def _set_up(folder: str) -> None:
    Path(folder, "static").mkdir()
    os.environ["STUDIO_DATA_DIR"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "studio.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _report(count: int) -> None:
    from django.db import connection
    from django.test import Client

    from runs.actions import tokens
    from runs.management.first_start import find_or_make_home

    home = find_or_make_home()
    _fill(home.workspace, count)
    key = tokens.issue(home.owner, "benchmark")
    client = Client(headers={"authorization": f"Bearer {key}", "host": "localhost"})

    def select_one() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    unit = _median(select_one, times=500)
    print(f"{count} runs; 1 unit = SELECT 1 = {unit * 1e6:.0f} microseconds")
    for name, call in [*_lists(client, count), *_appends(client)]:
        seconds = _median(call, times=20)
        print(f"{name:46} {seconds / unit:8.0f} units  {seconds * 1e3:7.2f} ms")


def _lists(client: Client, count: int) -> list[tuple[str, Callable[[], object]]]:
    from runs.models import Run
    from runs.queries.cursors import encode

    runs = "/api/v1/workspaces/main/runs"
    middle = Run.objects.order_by("pk")[count // 2].pk
    queries = {
        "list: first page of 50": "limit=50",
        "list: a page from the middle": f"limit=50&cursor={encode((middle, middle))}",
        "list: one experiment": "limit=50&experiment=experiment-3",
        "list: a common status": "limit=50&status=Completed",
        "list: a status that no run has": "limit=50&status=Provisioning",
        "list: a submitter that nobody is": "limit=50&submitter=nobody",
    }
    return [(name, partial(_get, client, f"{runs}?{query}")) for name, query in queries.items()]


def _appends(client: Client) -> list[tuple[str, Callable[[], object]]]:
    def batches_of(rows: int, names: int = 1) -> Callable[[], object]:
        run = _post(client, "/api/v1/workspaces/main/runs", {"experimentName": "e", "start": True})
        place = f"/api/v1/workspaces/main/runs/{run['runId']}/metrics"
        sent = 0

        def append() -> None:
            nonlocal sent
            batch = [
                {"name": f"loss-{n % names}", "value": 0.5 + n / 7, "step": n} for n in range(rows)
            ]
            _post(client, place, {"session": "s", "sequence": sent, "rows": batch})
            sent += rows

        return append

    return [
        ("metrics: append 1 row", batches_of(1)),
        (f"metrics: append {ROWS} rows", batches_of(ROWS)),
        (f"metrics: append a row to {ROWS} metrics", batches_of(ROWS, ROWS)),
    ]


def _fill(workspace: Workspace, count: int) -> None:
    """Store runs as many as asked, of several experiments and statuses."""
    from runs.access import Actor
    from runs.actions.experiments import get_or_create
    from runs.models import Run

    owner = workspace.memberships.get().user
    by = Actor.of_user(owner)
    experiments = [
        get_or_create(workspace, f"experiment-{n}", by=by)[0] for n in range(EXPERIMENTS)
    ]
    Run.objects.bulk_create(
        (
            Run(
                workspace=workspace,
                experiment=experiments[n % EXPERIMENTS],
                run_id=f"run-{n}",
                number=n // EXPERIMENTS + 1,
                display_name=f"run {n}",
                status="Failed" if n % 10 == 0 else "Completed",
                created_by=owner,
                tags={"quality": "good"},
            )
            for n in range(count)
        ),
        batch_size=2_000,
    )


def _get(client: Client, path: str) -> dict[str, Any]:
    return _ok(client.get(path))


def _post(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return _ok(client.post(path, json.dumps(body), content_type="application/json"))


def _ok(answer: Any) -> dict[str, Any]:
    if answer.status_code >= 300:
        raise RuntimeError(f"{answer.status_code}: {answer.content!r}")
    document: dict[str, Any] = answer.json()
    return document


def _median(call: Callable[[], object], *, times: int) -> float:
    """Return the median seconds of one call, after two that do not count."""
    took = []
    for n in range(times + 2):
        start = time.perf_counter()
        call()
        if n >= 2:
            took.append(time.perf_counter() - start)
    return statistics.median(took)


if __name__ == "__main__":
    main()
