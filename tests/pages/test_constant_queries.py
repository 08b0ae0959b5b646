"""Every tab of a run, and a comparison, asks the database as often for a thousand of anything as for ten."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.models import (
    LogFile,
    Metric,
    MetricChunk,
    Run,
    RunEvent,
    RunFile,
    RunParameter,
    RunProperty,
    RunTag,
    Snapshot,
    User,
)
from runs.stores import blobs
from runs.stores.metrics import Stretch, pack
from studio.contract.words import EventKind, MetricKind
from tests.conftest import MakeRun
from tests.pages.conftest import Browser

FEW, MANY = 10, 1_000
TABS = ("", "metrics/", "images/", "children/", "logs/", "code/", "history/", "json/", "head/")


def labels(
    run: Run, count: int, name: str, model: type[RunTag | RunProperty | RunParameter]
) -> None:
    """Give a run labels, as rows for finding and as a document for showing."""
    setattr(run, name, {f"k{n}": f"v{n}" for n in range(count)})
    run.save(update_fields=[name])
    make: Any = model
    make.objects.bulk_create(
        make(
            workspace=run.workspace,
            experiment=run.experiment,
            run=run,
            key=f"k{n}",
            value=f"v{n}",
            value_start=f"v{n}",
        )
        for n in range(count)
    )


def tags(run: Run, count: int) -> None:
    labels(run, count, "tags", RunTag)


def properties(run: Run, count: int) -> None:
    labels(run, count, "properties", RunProperty)


def parameters(run: Run, count: int) -> None:
    labels(run, count, "parameters", RunParameter)


def series(run: Run, count: int, kind: MetricKind, value: float | str = 1.0) -> None:
    made = Metric.objects.bulk_create(
        Metric(
            workspace=run.workspace,
            experiment=run.experiment,
            run=run,
            name=f"part{n % 40}/{kind}{n}",
            kind=kind.value,
            count=1,
            last_number=value if isinstance(value, float) else None,
            low=value if isinstance(value, float) else None,
            high=value if isinstance(value, float) else None,
        )
        for n in range(count)
    )
    body = pack(Stretch([value], [0], [0.0]))
    MetricChunk.objects.bulk_create(
        MetricChunk(metric=each, number=0, count=1, body=body) for each in made
    )


def metrics(run: Run, count: int) -> None:
    series(run, count, MetricKind.SCALAR)


def images(run: Run, count: int) -> None:
    series(run, count, MetricKind.IMAGE, "images/one.png")


def files(run: Run, count: int) -> None:
    sha256, size = blobs.put(run.workspace_id, io.BytesIO(b"x"))
    RunFile.objects.bulk_create(
        RunFile(run=run, path=f"outputs/{n % 40}/{n}.txt", sha256=sha256, size=size)
        for n in range(count)
    )


def logs(run: Run, count: int) -> None:
    LogFile.objects.bulk_create(
        LogFile(run=run, path=f"logs/{n % 40}/{n}.txt") for n in range(count)
    )


def source(run: Run, count: int) -> None:
    sha256, size = blobs.put(run.workspace_id, io.BytesIO(b"y"))
    entry = {"sha256": sha256, "size": size, "executable": False}
    run.snapshot = Snapshot.objects.create(
        workspace=run.workspace,
        snapshot_id=f"{run.pk:064}",
        manifest={f"part{n % 40}/file{n}.py": entry for n in range(count)},
        size=count,
        complete=True,
    )
    run.save(update_fields=["snapshot"])


def children(run: Run, count: int) -> None:
    Run.objects.bulk_create(
        Run(
            workspace=run.workspace,
            experiment=run.experiment,
            created_by=run.created_by,
            parent=run,
            root=run,
            depth=1,
            run_id=f"{run.run_id}-{n}",
            number=1_000 * run.number + n,
            display_name=f"child {n}",
        )
        for n in range(count)
    )


def events(run: Run, count: int, kind: EventKind) -> None:
    RunEvent.objects.bulk_create(
        RunEvent(
            run=run,
            actor_kind="user",
            actor_name="Alice",
            user=run.created_by,
            kind=kind.value,
            reason=f"said {n}",
            data={"display_name": [f"{n}", f"{n + 1}"]} if kind is EventKind.EDIT else {},
        )
        for n in range(count)
    )


def comments(run: Run, count: int) -> None:
    events(run, count, EventKind.COMMENT)


def edits(run: Run, count: int) -> None:
    events(run, count, EventKind.EDIT)


def asked(client: Client, run: Run, other: Run) -> dict[str, int]:
    """Return how many queries each page of a run takes."""
    place = f"/w/main/runs/{run.run_id}/"
    pages = {tab or "overview": place + tab for tab in TABS}
    pages["compare"] = f"/w/main/compare/?runs={run.run_id},{other.run_id}"
    found = {}
    for name, address in pages.items():
        with CaptureQueriesContext(connection) as caught:
            answer = client.get(address)
        assert answer.status_code == 200, address
        found[name] = len(caught)
    return found


@pytest.mark.parametrize(
    "grow",
    [tags, properties, parameters, metrics, images, files, logs, source, children, comments, edits],
)
def test_no_tab_asks_more_often_of_a_thousand(
    browser: Browser, alice: User, make_run: MakeRun, grow: Callable[[Run, int], None]
) -> None:
    client = browser(alice)
    other = make_run(run_id="other", start=True)
    few, many = make_run(run_id="few", start=True), make_run(run_id="many", start=True)
    grow(other, FEW)
    grow(few, FEW)
    grow(many, MANY)
    # What a first page looks up once for all is there for both.
    asked(client, other, few)
    told = asked(client, few, other)
    assert asked(client, many, other) == told
    assert max(told.values()) <= 40
