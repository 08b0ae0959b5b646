"""The tree of files: search, thousands of files, what is open, and downloads of many at once."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import files
from runs.models import Run, RunFile, User
from runs.stores import blobs
from runs.zipping import safe_name, zip_pieces
from tests.pages.conftest import Browser, print_to


@pytest.fixture
def client(browser: Browser, alice: User) -> Client:
    return browser(alice)


@pytest.fixture
def page(run: Run) -> str:
    return f"/w/main/runs/{run.run_id}/logs/"


def put(run: Run, by: Actor, *paths: str) -> None:
    for path in paths:
        files.put(run, by=by, path=path, stream=io.BytesIO(path.encode()))


def many(run: Run, by: Actor, count: int) -> None:
    put(run, by, "outputs/first")
    one = run.files.get(path="outputs/first")
    RunFile.objects.bulk_create(
        RunFile(run=run, path=f"outputs/step-{n:05}.pt", sha256=one.sha256, size=one.size)
        for n in range(count)
    )


def leaves(html: str) -> list[str]:
    return re.findall(r'<li><a href="\?file=[^"]*"[^>]* title="([^"]+)"', html)


def unpacked(answer: Any) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_search_finds_files_anywhere_in_their_path(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    put(run, by, "outputs/Model/a.bin", "outputs/b.txt", "logs/model.txt")
    html = client.get(f"{page}?find=model").content.decode()
    assert leaves(html) == ["logs/model.txt", "outputs/Model/a.bin"]
    assert 'value="model"' in html
    assert "No file has “%_” in its path" in client.get(f"{page}?find=%25_").content.decode()


def test_thousands_of_files_stay_usable(client: Client, page: str, run: Run, by: Actor) -> None:
    many(run, by, 5_000)
    html = client.get(page).content.decode()
    assert len(leaves(html)) == 100
    assert ">4901 more<" in html
    assert len(html) < 200_000
    chosen = client.get(f"{page}?file=outputs/step-04711.pt").content.decode()
    assert "outputs/step-04711.pt" in leaves(chosen)
    assert leaves(client.get(f"{page}?find=step-04711").content.decode()) == [
        "outputs/step-04711.pt"
    ]
    assert len(leaves(client.get(f"{page}?all=outputs").content.decode())) == 5_001


def test_what_is_beyond_the_tree_is_told_and_found(
    client: Client, page: str, run: Run, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.queries.files._MOST", 20)
    many(run, by, 50)
    html = client.get(page).content.decode()
    assert "51 files" in html
    assert "31 of them are not shown" in html
    assert "step-00049" in client.get(f"{page}?find=step-00049").content.decode()


@pytest.mark.parametrize("more", ["", "?open=outputs/first&open=outputs/step-00001.pt"])
def test_ten_and_a_thousand_files_cost_the_same_queries(
    client: Client, page: str, run: Run, by: Actor, more: str
) -> None:
    many(run, by, 10)
    client.get(page + more)
    counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(page + more).status_code == 200
        counts.append(len(caught))
        one = run.files.get(path="outputs/first")
        RunFile.objects.bulk_create(
            RunFile(run=run, path=f"more-{turn}/{n}", sha256=one.sha256, size=one.size)
            for n in range(1_000)
        )
    assert counts[0] == counts[1]


def test_open_files_are_tabs_in_the_address(client: Client, page: str, run: Run, by: Actor) -> None:
    put(run, by, "a.txt", "b.txt", "c.txt")
    print_to(run, by, b"log\n")
    html = client.get(f"{page}?file=b.txt&open=a.txt&open=b.txt&open=gone.txt").content.decode()
    tabs = html[html.index('aria-label="Open files"') :]
    assert re.findall(r'title="([a-z.]+)"', tabs)[:2] == ["a.txt", "b.txt"]
    assert 'href="?file=a.txt&amp;open=a.txt"' in tabs
    assert 'href="?file=b.txt&amp;open=b.txt"' in tabs
    assert 'href="?file=c.txt&amp;open=a.txt&amp;open=b.txt"' in html
    assert "Open files" not in client.get(page).content.decode()


def test_a_file_that_is_not_there_is_told_beside_those_that_are(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    put(run, by, "a.txt")
    answer = client.get(f"{page}?file=gone<b>.txt")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert "This run has no file <code>gone&lt;b&gt;.txt</code>" in html
    assert "a.txt" in leaves(html)


def test_a_folder_and_all_files_are_downloaded_as_a_zip(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    put(run, by, "outputs/a", "outputs/in/b", "outputs2/c", "d")
    print_to(run, by, b"log\n")
    address = page.replace("/logs/", "/archive/")
    whole = client.get(address)
    assert whole["Content-Type"] == "application/zip"
    assert whole["Content-Disposition"] == f'attachment; filename="{run.run_id}.zip"'
    assert unpacked(whole) == {
        "outputs/a": b"outputs/a",
        "outputs/in/b": b"outputs/in/b",
        "outputs2/c": b"outputs2/c",
        "d": b"d",
        "user_logs/std_log.txt": b"log\n",
    }
    assert set(unpacked(client.get(f"{address}?folder=outputs"))) == {"outputs/a", "outputs/in/b"}
    assert client.get(f"{address}?folder=nowhere").status_code == 404


def test_a_zip_is_whole_though_the_bytes_of_one_file_are_gone(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    put(run, by, "a", "b")
    blobs.path_of(run.workspace_id, run.files.get(path="a").sha256).unlink()
    found = unpacked(client.get(page.replace("/logs/", "/archive/")))
    assert found["b"] == b"b"
    assert b"are gone" in found["a"]


def test_a_zip_is_made_piece_by_piece() -> None:
    piece = b"x" * 100_000
    longest = max(map(len, zip_pieces([("a", False, (piece for _ in range(300)))])))
    assert longest < 300_000


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("outputs/a.txt", "outputs/a.txt"),
        ("../../etc/passwd", "_/_/etc/passwd"),
        ("/etc/passwd", "_/etc/passwd"),
        ("C:/a", "C_/a"),
        ("a\\..\\b", "a_.._b"),
        ("a//b/.", "a/_/b/_"),
        ("a\nb", "a_b"),
        ("a:b", "a_b"),
        ("ab:c", "ab:c"),
    ],
)
def test_no_name_in_a_zip_leads_out_of_the_folder(path: str, name: str) -> None:
    assert safe_name(path) == name


def test_a_stranger_gets_no_zip(
    browser: Browser, page: str, run: Run, by: Actor, charlie: User
) -> None:
    put(run, by, "a")
    assert browser(charlie).get(page.replace("/logs/", "/archive/")).status_code == 404
