"""The preview of a Parquet file: its beginning as a table, whatever is in it and whoever made it."""

from __future__ import annotations

import importlib.util
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from runs.access import Actor
from runs.models import Run, User
from runs.queries import parquet, previews
from runs.stores import parquet_worker
from tests.pages.conftest import Browser
from tests.pages.test_previews import shown

needs_extra = pytest.mark.skipif(
    not parquet.is_installed(), reason="the extra [parquet] is not here"
)
DAMAGED = "It is named .parquet and is none, or it is damaged."


@pytest.fixture
def client(browser: Browser, alice: User) -> Client:
    return browser(alice)


def made(columns: dict[str, Any], **how: Any) -> bytes:
    import pyarrow as arrow
    from pyarrow import parquet as writer

    sink = io.BytesIO()
    writer.write_table(arrow.table(columns), sink, **how)
    return sink.getvalue()


@needs_extra
def test_a_table_shows_its_first_rows_its_types_and_how_many_rows_it_has(
    client: Client, run: Run, by: Actor
) -> None:
    columns = {
        "step": range(2_345),
        "na<me": [f"<b>{n}" for n in range(2_345)],
        "none": [None] * 2_345,
    }
    data = made({name: list(values) for name, values in columns.items()}, row_group_size=70)
    html = shown(client, run, by, "a.parquet", data)
    assert "2,345 rows, 3 columns" in html
    assert html.count("<tr>") == 2 + previews.ROWS
    assert "These are the first 1000 rows." in html
    assert "<td>999</td><td>&lt;b&gt;999</td><td></td>" in html
    assert '<th scope="col">na&lt;me</th>' in html
    assert '<td class="faint" title="int64">int64</td>' in html
    small = shown(client, run, by, "b.parquet", made({"a": [1]}))
    assert "1 row, 1 column<" in small
    assert "These are the first" not in small


@needs_extra
def test_values_of_every_kind_are_written_briefly(client: Client, run: Run, by: Actor) -> None:
    import pyarrow as arrow

    nanoseconds = arrow.array([1_700_000_000_000_000_001], arrow.timestamp("ns"))
    far = arrow.array([2**62], arrow.timestamp("us"))
    columns = {
        "list": [list(range(1_000))],
        "struct": [{"a": 1}],
        "map": arrow.array([[("k", 2)]], arrow.map_(arrow.string(), arrow.int64())),
        "bytes": [b"x" * 5_000],
        "long": ["é" * 5_000],
        "time": [datetime(2026, 11, 21, tzinfo=UTC)],
        "exact": [Decimal("1.50")],
        "word": arrow.array(["cat"]).dictionary_encode(),
        "ns": nanoseconds,
        "far": far,
        "nan": [float("nan")],
        "yes": [True],
    }
    html = shown(client, run, by, "a.parquet", made(columns))
    assert "<td>[0, 1, 2, 3" in html
    assert "19, …]</td>" in html
    assert "<td>{a: 1}</td><td>[{key: k, value: 2}]</td><td>5,000 bytes</td>" in html
    assert f"<td>{'é' * 300}…</td>" in html
    assert "<td>2026-11-21 00:00:00+00:00</td><td>1.50</td><td>cat</td>" in html
    assert "<td>nan</td><td>True</td>" in html


@needs_extra
def test_a_wide_table_shows_its_first_columns(client: Client, run: Run, by: Actor) -> None:
    data = made({f"column.{n}": [n] for n in range(300)})
    html = shown(client, run, by, "a.parquet", data)
    assert "200 more columns are not shown." in html
    assert ">column.99</th>" in html
    assert ">column.100</th>" not in html
    assert "1 row, 300 columns" in html


@needs_extra
def test_a_damaged_file_says_so(client: Client, run: Run, by: Actor) -> None:
    whole = made({"a": list(range(5_000))})
    length = int.from_bytes(whole[-8:-4], "little")
    broken = {
        "cut": whole[: len(whole) // 2],
        "empty": b"PAR1PAR1",
        "no end": whole[:-4] + b"XXXX",
        "long end": whole[:-8] + b"\xff\xff\xff\x7fPAR1",
        "torn end": whole[: -8 - length] + b"\xff" * length + whole[-8:],
        "torn page": whole[:4] + b"\xff" * 200 + whole[204:],
    }
    for name, data in broken.items():
        html = shown(client, run, by, "a.parquet", data)
        assert DAMAGED in html, name
        assert "/files/a.parquet" in html


@needs_extra
def test_a_file_that_unpacks_to_more_than_is_allowed_is_not_read(
    client: Client, run: Run, by: Actor
) -> None:
    bomb = made({"a": ["x" * 400_000_000]}, compression="zstd", use_dictionary=False)
    assert len(bomb) < 1_000_000
    html = shown(client, run, by, "a.parquet", bomb)
    assert "It takes more memory or time to read its beginning" in html


@needs_extra
def test_little_of_a_table_is_shown_when_its_rows_are_long(
    client: Client, run: Run, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {f"c{n}": ["y" * 1_000] * 500 for n in range(100)}
    html = shown(client, run, by, "a.parquet", made(row))
    assert 0 < html.count("<tr>") < 100
    assert len(html) < 4_000_000


@needs_extra
def test_no_more_than_some_are_read_at_once(
    client: Client, run: Run, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_worker, "_WAIT_SECONDS", 0.01)
    with parquet_worker._AT_ONCE, parquet_worker._AT_ONCE:
        html = shown(client, run, by, "a.parquet", made({"a": [1]}))
    assert "Too many such files are being read" in html


def test_without_the_extra_it_is_named(
    client: Client, run: Run, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pyarrow" else find(name)
    )
    html = shown(client, run, by, "a.parquet", b"PAR1 and more PAR1")
    assert "run-studio[parquet]" in html
    assert "/files/a.parquet" in html
