"""The tab of the code: the tree of a snapshot, its files with colours, differences, and the zip."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.models import Run, Snapshot, User
from runs.queries import compare_files
from runs.stores import blobs
from tests.conftest import MakeRun
from tests.pages.conftest import Browser, shown_lines
from tests.queries.test_compare import with_source

TRAIN = (
    'import os\n\n\ndef train(rate: float) -> str:\n    """Learn\n    it."""\n    return "<b>"\n'
)
FILES = {"train.py": TRAIN, "lib/model.py": "x = 1\n", "lib/deep/data.json": "{}", "a.txt": "a"}


def tab(run: Run, part: str = "") -> str:
    return f"/w/main/runs/{run.run_id}/code/{part}"


def page(client: Client, run: Run, status: int = 200, **asked: str) -> str:
    """Return the page; ``with_`` and ``as_`` stand for words of Python."""
    answer = client.get(tab(run), {name.rstrip("_"): value for name, value in asked.items()})
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def heading(html: str) -> str:
    (found,) = re.findall(r'id="viewer".*?<h2[^>]*>(.*?)</h2>', html, re.DOTALL)
    return str(found)


@pytest.fixture
def client(browser: Browser, rita: User) -> Client:
    return browser(rita)


@pytest.fixture
def two(make_run: MakeRun) -> tuple[Run, Run]:
    """Two runs of one experiment whose sources differ in three files."""
    before, after = (
        make_run(run_id=name, display_name=name, start=True) for name in ("one", "two")
    )
    with_source(before, {**FILES, "gone.py": "y\n"})
    with_source(after, {**FILES, "train.py": TRAIN.replace("rate", "speed"), "new.py": "z\n"})
    return before, after


def test_the_main_script_is_opened_first_beside_the_tree(
    client: Client, make_run: MakeRun, target: object
) -> None:
    run = make_run(target="studio-local", script_name="lib/model.py")
    with_source(run, FILES)
    html = page(client, run)
    assert heading(html) == "lib/model.py"
    assert '<details id="folder-lib" open>' in html
    assert "?file=lib%2Fdeep%2Fdata.json" in html
    assert "4 files" in html
    assert 'aria-current="page">Code<' in html


def test_without_a_script_what_looks_like_one_is_opened(client: Client, run: Run) -> None:
    with_source(run, FILES)
    assert heading(page(client, run)) == "train.py"


def test_a_file_has_colours_line_numbers_and_marked_lines(client: Client, run: Run) -> None:
    with_source(run, FILES)
    html = page(client, run, file="train.py", line="4-5")
    lines = dict(shown_lines(html))
    assert lines[1] == '<span class="tok-keyword">import</span> os'
    assert lines[5] == '    <span class="tok-string">&quot;&quot;&quot;Learn</span>'
    assert lines[6] == '<span class="tok-string">    it.&quot;&quot;&quot;</span>'
    assert "&lt;b&gt;" in lines[7]
    assert re.findall(r'id="L(\d+)" class="is-marked"', html) == ["4", "5"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [("x", "“x” names no line"), ("99", "there is no line 99"), ("0", "names no line")],
)
def test_a_line_that_is_not_there_is_told(
    client: Client, run: Run, line: str, sentence: str
) -> None:
    with_source(run, FILES)
    assert sentence in page(client, run, file="train.py", line=line)


@pytest.mark.parametrize(
    ("path", "content", "sentence"),
    [
        ("image.png", b"\x89PNG\r\n\x1a\n0", 'src="/w/main/runs/{run}/code/files/image.png?show"'),
        ("model.pt", b"\x80\x02", "A model of PyTorch is a program, and is never opened here."),
        ("blob", b"a\0b", "It is no text."),
        ("empty.py", b"", "This file is empty."),
        ("huge.py", b"x = 1\n" * 50_000, "This is the beginning."),
        ("many.py", b"\n" * 9_000, "This is the beginning."),
        ("README.md", b"# Hello\n", '<h1 id="h-hello">Hello'),
    ],
)
def test_every_kind_of_file_is_shown_or_told_of(
    client: Client, run: Run, path: str, content: bytes, sentence: str
) -> None:
    with_bytes(run, {path: content})
    html = page(client, run, file=path)
    assert sentence.format(run=run.run_id) in html
    assert f"/w/main/runs/{run.run_id}/code/files/{path}" in html


def with_bytes(run: Run, files: dict[str, bytes]) -> None:
    """Give a run a source of any bytes, without the ceremony of the zip."""
    manifest = {}
    for path, content in files.items():
        sha256, size = blobs.put(run.workspace_id, io.BytesIO(content))
        manifest[path] = {"sha256": sha256, "size": size, "executable": False}
    run.snapshot = Snapshot.objects.create(
        workspace=run.workspace, snapshot_id="f" * 64, manifest=manifest, size=1, complete=True
    )
    run.save(update_fields=["snapshot"])


def test_markdown_can_be_read_as_its_text_and_a_line_of_it_be_linked(
    client: Client, run: Run
) -> None:
    with_source(run, {"README.md": "# Hello\nyou"})
    assert dict(shown_lines(page(client, run, as_="text")))[1] == "# Hello"
    html = page(client, run, file="README.md", line="2")
    assert re.findall(r'id="L(\d+)" class="is-marked"', html) == ["2"]


def test_what_is_missing_is_said(client: Client, run: Run, make_run: MakeRun) -> None:
    html = page(client, run)
    assert "This run keeps no source" in html
    assert "ScriptRunConfig(source_directory=" in html
    assert client.get(tab(run, "zip/")).status_code == 404
    with_source(run, FILES)
    assert "This source has no file" in page(client, run, 404, file="nowhere.py")
    assert client.get(tab(run), {"file": "a\0"}).status_code == 404
    child = make_run(parent_run_id=run.run_id)
    assert f'<a href="{tab(run)}">the code of' in page(client, child)
    empty = make_run(start=True)
    with_bytes(empty, {})
    assert "The snapshot is empty" in page(client, empty)
    (lost,) = [each for each in compare_files.files_of(run).items() if each[0] == "train.py"]
    blobs.path_of(run.workspace_id, lost[1].sha256).unlink()
    assert "This file is lost" in page(client, run, file="train.py")
    assert client.get(tab(run, "files/train.py")).status_code == 404


def test_the_source_of_another_run_stands_beside_it(client: Client, two: tuple[Run, Run]) -> None:
    html = page(client, two[1], with_="one")
    kinds = re.findall(r'<details id="changes-(\w+)".*?number">(\d+)</span>', html, re.DOTALL)
    assert kinds == [("changed", "1"), ("added", "1"), ("removed", "1")]
    assert heading(html) == "train.py"
    assert '<td class="diff-sign">+</td><td class="diff-text">def train(speed' in html
    for path, said in (("new.py", "has no such file"), ("gone.py", "has no such file")):
        assert said in page(client, two[1], with_="one", file=path)
    same = page(client, two[1], with_="one", file="a.txt")
    assert "Both runs have the same file." in same
    nowhere = page(client, two[1], 404, with_="one", file="nowhere")
    assert "Neither source has a file" in nowhere


def test_the_run_before_and_the_parent_are_offered(
    client: Client, two: tuple[Run, Run], make_run: MakeRun
) -> None:
    html = page(client, two[1])
    assert 'href="?with=one" title="one">the run before</a>' in html
    assert "its parent" not in html
    child = make_run(parent_run_id="two", start=True)
    with_source(child, FILES)
    assert 'href="?with=two" title="two">its parent</a>' in page(client, child)


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ("same", 200, "The source is identical"),
        ("two", 200, "This is the run itself."),
        ("bare", 200, "That run keeps no source"),
        ("A name", 200, "The source is identical"),
        ("nobody", 404, "There is no run <code>nobody</code>"),
        ("theirs", 404, "There is no run <code>theirs</code>"),
        ("<b>\0", 404, "There is no run <code>&lt;b&gt;"),
    ],
)
def test_a_comparison_that_shows_nothing_says_why(
    client: Client,
    two: tuple[Run, Run],
    make_run: MakeRun,
    charlie: User,
    other_workspace: Any,
    asked: str,
    status: int,
    sentence: str,
) -> None:
    same = make_run(run_id="same", start=True, display_name="A name")
    same.snapshot = two[1].snapshot = Run.objects.get(run_id="two").snapshot
    same.save(update_fields=["snapshot"])
    make_run(run_id="bare")
    make_run(run_id="theirs", by=charlie, inside=other_workspace)
    assert sentence in page(client, two[1], status, with_=asked)


def test_the_zip_holds_every_file_and_whether_it_runs(client: Client, run: Run) -> None:
    with_source(run, FILES, "train.py")
    answer = client.get(tab(run, "zip/"))
    assert answer.streaming
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == FILES
        assert archive.getinfo("train.py").external_attr >> 16 == 0o100755
    inside = client.get(tab(run, "zip/"), {"folder": "lib"})
    with zipfile.ZipFile(io.BytesIO(inside.getvalue())) as archive:
        assert archive.namelist() == ["lib/deep/data.json", "lib/model.py"]
    assert client.get(tab(run, "zip/"), {"folder": "nowhere"}).status_code == 404


def test_a_file_of_the_source_is_never_a_page(client: Client, run: Run) -> None:
    with_source(run, {"page.html": "<script>alert(1)</script>", "x.svg": "<svg/>"})
    answer = client.get(tab(run, "files/page.html"))
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer.getvalue() == b"<script>alert(1)</script>"
    for asked in ("page.html?show", "x.svg?show", "nowhere"):
        assert client.get(tab(run, f"files/{asked}")).status_code == 404
    assert "<script>alert" not in page(client, run, file="page.html")


def test_only_members_see_the_code(browser: Browser, charlie: User, two: tuple[Run, Run]) -> None:
    for part in ("", "zip/", "files/train.py"):
        assert browser(charlie).get(tab(two[0], part)).status_code == 404
        assert Client().get(tab(two[0], part)).status_code == 302


def test_a_search_leaves_what_has_it_in_its_path(client: Client, run: Run) -> None:
    with_source(run, FILES)
    html = page(client, run, find="LIB/")
    assert re.findall(r'class="leaf-name">([\w.]+)</span><span class="faint number">', html)
    assert "?file=a.txt" not in html
    assert "No file has “nothing”" in page(client, run, find="nothing")


def test_the_tree_is_asked_for_again_only_when_the_run_has_changed(
    client: Client, run: Run
) -> None:
    with_source(run, FILES)
    known = client.get(tab(run)).context["changed"]
    part: dict[str, Any] = {"headers": {"HX-Request": "true"}}
    assert client.get(tab(run), {"since": known}, **part).status_code == 204
    html = client.get(tab(run), {"find": "model"}, **part).content.decode()
    assert "?file=lib%2Fmodel.py" in html
    assert "log-text" not in html


def test_a_thousand_files_take_as_many_queries_as_ten_and_a_light_page(
    client: Client, make_run: MakeRun
) -> None:
    def measured(count: int) -> tuple[int, int]:
        runs = [make_run(start=True), make_run(start=True)]
        for run, text in zip(runs, (b"1", b"2"), strict=True):
            sha256, size = blobs.put(run.workspace_id, io.BytesIO(text))
            entry = {"sha256": sha256, "size": size, "executable": False}
            run.snapshot = Snapshot.objects.create(
                workspace=run.workspace,
                snapshot_id=f"{run.pk:064}",
                manifest={f"part{n % 40}/file{n}.py": entry for n in range(count)},
                size=count,
                complete=True,
            )
            run.save(update_fields=["snapshot"])
        queries = bytes_ = 0
        for asked in ({}, {"with": runs[0].run_id}):
            client.get(tab(runs[1]), asked)
            with CaptureQueriesContext(connection) as found:
                bytes_ = max(bytes_, len(client.get(tab(runs[1]), asked).content))
            queries += len(found)
        return queries, bytes_

    few, _ = measured(10)
    many, size = measured(1_000)
    assert many == few <= 40
    assert size < 600_000
    assert measured(20_000)[1] < 900_000
