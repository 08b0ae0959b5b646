"""What the page shows of a file: a preview, or a sentence that says why there is none."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from runs.access import Actor
from runs.actions import files
from runs.models import Run, RunFile, User
from runs.stores import blobs
from tests.pages.conftest import Browser

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def client(browser: Browser, alice: User) -> Client:
    return browser(alice)


def shown(client: Client, run: Run, by: Actor, name: str, data: bytes, more: str = "") -> str:
    files.put(run, by=by, path=name, stream=io.BytesIO(data), overwrite=True)
    answer = client.get(f"/w/main/runs/{run.run_id}/logs/?file={name}{more}")
    assert answer.status_code == 200
    html = answer.content.decode()
    return html[html.index('id="viewer"') :]


def test_markdown_is_drawn_and_cannot_run(client: Client, run: Run, by: Actor) -> None:
    text = b"# Report\n\n**bold** [x](javascript:alert(1))\n\n<script>alert(1)</script>"
    html = shown(client, run, by, "a.md", text)
    assert "<strong>bold</strong>" in html
    assert "<script>" not in html
    assert 'href="javascript:' not in html
    assert "**bold**" in shown(client, run, by, "a.md", text, "&as=text")


def test_json_folds_and_is_escaped(client: Client, run: Run, by: Actor) -> None:
    data = {"a<b": ["<i>", 1, None, {"deep": [True]}], "empty": {}}
    html = shown(client, run, by, "a.json", json.dumps(data).encode())
    assert "<summary>{ 2 items }</summary>" in html
    assert "a&lt;b" in html
    assert "&lt;i&gt;" in html
    assert "<i>" not in html


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[" * 5_000 + b"]" * 5_000,
        b"[" + b"1," * 9_000 + b"1]",
        b'{"a": "' + b"x" * 5_000_000,
    ],
    ids=["broken", "deep", "long", "cut"],
)
def test_json_that_cannot_fold_is_shown_as_text(
    client: Client, run: Run, by: Actor, data: bytes
) -> None:
    html = shown(client, run, by, "a.json", data)
    assert 'class="log-text"' in html
    assert len(html) < 300_000


def test_tables_show_their_first_thousand_rows(client: Client, run: Run, by: Actor) -> None:
    rows = b"step,loss\n" + b"".join(b'%d,"0,%d"\n' % (n, n) for n in range(1, 2_001))
    html = shown(client, run, by, "a.csv", rows)
    assert '<th scope="col">loss</th>' in html
    assert html.count("<tr>") == 1_001
    assert "These are the first 1000 rows." in html
    assert "<td>0,1000</td>" in html
    small = shown(client, run, by, "b.tsv", b"a\tb\n1\t<b>\n")
    assert "<td>&lt;b&gt;</td>" in small
    assert "first" not in small
    assert "<td>2</td>" in shown(client, run, by, "c.csv", b"a;b\n1;2\n")


def test_a_wide_or_broken_table_is_no_fault(client: Client, run: Run, by: Actor) -> None:
    wide = shown(client, run, by, "a.csv", b",".join(b"c%d" % n for n in range(150)))
    assert "50 more columns are not shown." in wide
    assert 'class="log-text"' in shown(client, run, by, "b.csv", b'a,"' + b"x" * 200_000)


def test_a_notebook_is_shown_and_nothing_of_it_runs(client: Client, run: Run, by: Actor) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Hello\n", "*there*"]},
        {
            "cell_type": "code",
            "execution_count": 3,
            "source": "print('<b>')",
            "outputs": [
                {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m <i>\n"]},
                {"data": {"text/html": "<script>alert(1)</script>", "text/plain": "plain"}},
                {"data": {"image/png": base64.b64encode(PNG).decode(), "text/plain": "a plot"}},
                {"data": {"image/png": '"><script>alert(1)</script>'}},
                {"output_type": "error", "traceback": ["ValueError: no"]},
            ],
        },
        "no cell",
    ]
    html = shown(client, run, by, "a.ipynb", json.dumps({"cells": cells}).encode())
    assert "<em>there</em>" in html
    assert "print(&#x27;&lt;b&gt;&#x27;)" in html
    assert '<span class="ansi-red">red</span> &lt;i&gt;' in html
    assert "plain" in html
    assert "ValueError: no" in html
    assert f"data:image/png;base64,{base64.b64encode(PNG).decode()}" in html
    assert "<script>" not in html
    for broken in (b"[]", b'{"cells": 1}', b"{"):
        assert 'class="log-text"' in shown(client, run, by, "b.ipynb", broken)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.txt", b"", "This file is empty."),
        ("a.bin", b"\0\1", "It is no text."),
        ("a.txt", b"\xff\xfe\xff", "It is no text."),
        ("a.png", b"\0not a png", "It is named .png, and is something else."),
        ("a.json", b"\0\1", "It is named .json, and is something else."),
        ("a.parquet", b"PAR1\0", "It is named .parquet and is none, or it is damaged."),
        ("a.pdf", b"\0no pdf", "It is named .pdf, and is something else."),
        ("a.pkl", b"\x80\x04", "A pickle is a program"),
        ("model", b"\0", "It is no text."),
    ],
)
def test_what_has_no_preview_says_why_and_is_offered(
    client: Client, run: Run, by: Actor, name: str, data: bytes, said: str
) -> None:
    html = shown(client, run, by, name, data)
    assert said in html
    assert f"/files/{name}" in html


def test_an_image_that_is_none_is_shown_as_what_it_is(client: Client, run: Run, by: Actor) -> None:
    assert "?show" in shown(client, run, by, "a.png", PNG)
    html = shown(client, run, by, "b.png", b"no image")
    assert "no image</span>" in html
    assert "?show" not in html


def test_a_sound_can_be_heard_and_is_served_harmless(client: Client, run: Run, by: Actor) -> None:
    assert "<audio controls" in shown(client, run, by, "a.wav", b"RIFF\0\0\0\0WAVE")
    answer = client.get(f"/w/main/runs/{run.run_id}/files/a.wav?show")
    assert isinstance(answer, StreamingHttpResponse)
    assert answer["Content-Type"] == "audio/wav"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    page = client.get(f"/w/main/runs/{run.run_id}/logs/?file=a.wav")
    assert "media-src 'self'" in page["Content-Security-Policy"]


def test_a_pdf_stands_in_a_frame_and_is_served_shut_off(
    client: Client, run: Run, by: Actor
) -> None:
    html = shown(client, run, by, "a.pdf", b"%PDF-1.7\n")
    place = f"/w/main/runs/{run.run_id}/files/a.pdf"
    assert f'<iframe class="viewer-document" src="{place}?show" title="a.pdf">' in html
    answer = client.get(f"{place}?show")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "inline"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = "default-src 'none'; sandbox; frame-ancestors 'self'"
    assert answer["Content-Security-Policy"] == policy
    page = client.get(f"/w/main/runs/{run.run_id}/logs/?file=a.pdf")
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    for name in ("logs/", "code/", "metrics/", "history/"):
        page = client.get(f"/w/main/runs/{run.run_id}/{name}")
        assert ("frame-src" in page["Content-Security-Policy"]) is (name in ("logs/", "code/"))


ENDINGS = (
    *("txt", "md", "json", "ipynb", "csv", "tsv", "png", "jpg", "gif", "webp", "wav", "mp3"),
    *("pdf", "parquet", "zip", "gz", "npy", "npz", "pkl", "pt", "svg", "html", "bin", "yaml"),
)
# Each as it is, and cut in two.
_WHOLE = {
    "md": b"# Title\n" * 50,
    "json": b'{"a": [1, 2, 3]}',
    "ipynb": b'{"cells": []}',
    "csv": b"a,b\n1,2\n",
    "png": PNG,
    "jpg": b"\xff\xd8\xff" + b"\0" * 50,
    "wav": b"RIFF\0\0\0\0WAVE",
    "pdf": b"%PDF-1.7\n" + b"\xff" * 50,
    "parquet": b"PAR1" + b"\0" * 50 + b"PAR1",
}
STRANGE: dict[str, Callable[[str], bytes]] = {
    "nothing": lambda ending: b"",
    "bytes": lambda ending: bytes(range(256)) * 4,
    "NULs": lambda ending: b"\0" * 10_000,
    "text": lambda ending: b"just a few words\n",
    "cut": lambda ending: _WHOLE.get(ending, b"PK\3\4 text")[:-7],
    "one line": lambda ending: b"[" + b"1, " * 2_000_000,
    "many lines": lambda ending: b"{\n" * 1_000_000,
    "UTF-16": lambda ending: "a,b\n1,2\n".encode("utf-16"),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("what", STRANGE)
def test_any_file_of_any_name_is_shown_or_offered(
    client: Client, run: Run, by: Actor, ending: str, what: str
) -> None:
    html = shown(client, run, by, f"outputs/a.{ending}", STRANGE[what](ending))
    viewer = html[: html.index("</section>")]
    kinds = ("log-text", "viewer-page", "viewer-table", "viewer-image", "viewer-document")
    has_preview = any(f'class="{kind}"' in viewer for kind in kinds)
    assert has_preview or '<div class="empty">' in viewer
    assert f"/files/outputs/a.{ending}" in viewer
    assert len(viewer) < 1_500_000
    if what == "nothing":
        assert "This file is empty." in viewer


def test_a_file_whose_bytes_are_gone_says_so(client: Client, run: Run, by: Actor) -> None:
    shown(client, run, by, "a.txt", b"text")
    blobs.path_of(run.workspace_id, RunFile.objects.get().sha256).unlink()
    html = client.get(f"/w/main/runs/{run.run_id}/logs/?file=a.txt").content.decode()
    assert "Its bytes are gone" in html
