"""Runs as Parquet, where its extra is installed; a clear word where it is not."""

from __future__ import annotations

import importlib.util
import io
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from runs.access import Actor
from runs.actions import lifecycle, metrics
from runs.actions.metrics import Row
from runs.models import User
from runs.queries import parquet
from runs.queries.columns import columns
from tests.api.bulk_calls import read
from tests.api.conftest import Call
from tests.conftest import MakeRun

PLACE = "/workspaces/main/export?format=parquet"
needs_extra = pytest.mark.skipif(
    not parquet.is_installed(), reason="the extra [parquet] is not here"
)


@pytest.fixture
def call(api: Callable[..., Call], alice: User, workspace: object) -> Call:
    return api(alice)


def table(data: bytes) -> Any:
    from pyarrow import parquet as reader

    return reader.read_table(io.BytesIO(data))


@needs_extra
def test_every_kind_of_column_has_a_type_of_its_own(
    call: Call, make_run: MakeRun, alice: User
) -> None:
    by = Actor.of_user(alice)
    run = make_run(run_id="a", start=True, tags={"quality": "=good", "flag": None})
    logged: dict[str, float | str] = {"loss": 0.5, "odd": float("nan"), "word": "fine"}
    for name, value in logged.items():
        metrics.append(run, by=by, session=name, sequence=0, rows=[Row(name, value)])
    lifecycle.complete(run, by=by)
    make_run(run_id="b")
    names = "id,number,created,duration,tags,tag:quality,tag:flag,metric:loss.min,metric:odd,metric:word"
    answer: Any = call("GET", f"{PLACE}&columns={names}&sort=id")
    assert answer["Content-Type"] == "application/vnd.apache.parquet"
    assert answer["Content-Disposition"].endswith('.parquet"')
    found = table(answer.getvalue())
    assert dict(zip(found.schema.names, map(str, found.schema.types), strict=True)) == {
        "id": "string",
        "number": "int64",
        "created": "timestamp[us, tz=UTC]",
        "duration": "double",
        "tags": "string",
        "tag:quality": "string",
        "tag:flag": "string",
        "metric:loss.min": "double",
        "metric:odd": "double",
        "metric:word": "double",
    }
    first, second = found.to_pylist()
    assert (first["id"], first["tag:quality"], first["tag:flag"]) == ("a", "=good", "true")
    assert (first["metric:loss.min"], first["metric:word"]) == (0.5, None)
    assert first["metric:odd"] != first["metric:odd"]
    assert first["tags"] == '{"quality": "=good", "flag": null}'
    assert first["duration"] >= 0
    assert abs((datetime.now(UTC) - first["created"]).total_seconds()) < 600
    assert (second["id"], second["duration"], second["metric:loss.min"]) == ("b", None, None)


@needs_extra
def test_nothing_found_is_a_table_without_rows(call: Call) -> None:
    answer: Any = call("GET", f"{PLACE}&columns=id,created")
    assert table(answer.getvalue()).num_rows == 0


@needs_extra
def test_the_memory_of_a_file_does_not_grow_with_its_runs() -> None:
    import pyarrow

    shown = columns(["id", "created", "metric:loss", "tag:quality"])
    page = [[f"run-{n}", datetime.now(UTC), n / 7, "good" * 9] for n in range(500)]

    def most(pages: int) -> tuple[int, int]:
        tracemalloc.start()
        size = sum(map(len, parquet.write(shown, (page for _ in range(pages)))))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert size > 0
        return peak, pyarrow.default_memory_pool().max_memory()

    most(20)
    few, of_arrow = most(40)
    many, of_arrow_then = most(200)
    assert many < 1.3 * few
    assert of_arrow_then <= 1.3 * of_arrow


def test_without_the_extra_it_is_named_and_not_offered(
    call: Call, alice: User, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(alice)
    find = importlib.util.find_spec

    def offers() -> bool:
        return "format=parquet" in client.get("/w/main/runs/").content.decode()

    assert offers() is parquet.is_installed()
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pyarrow" else find(name)
    )
    problem = read(call("GET", PLACE), 501)
    assert (problem["code"], problem["field"]) == ("not_installed", "format")
    assert "[parquet]" in problem["detail"]
    assert "run-studio[parquet]" in problem["hint"]
    assert not offers()
    page = client.get("/w/main/export/?format=parquet", follow=True).content.decode()
    assert "extra [parquet] is not installed" in page
