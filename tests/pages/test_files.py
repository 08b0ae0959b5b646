"""Outputs + logs."""

from __future__ import annotations

import io
import re

import pytest
from django.http import StreamingHttpResponse

from runs.access import Actor
from runs.actions import files
from runs.models import Run, RunFile, User
from tests.pages.conftest import Browser, print_to, shown_lines


def test_the_scripts_log_is_chosen_and_system_logs_are_closed(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    print_to(run, by, b"one\ntwo\n")
    print_to(run, by, b"x\n", "system_logs/runner.txt")
    files.put(run, by=by, path="outputs/model.bin", stream=io.BytesIO(b"\0\1"))
    html = browser(alice).get(f"/w/main/runs/{run.run_id}/logs/").content.decode()
    assert shown_lines(html) == [(1, "one"), (2, "two")]
    assert re.search(r'id="folder-user_logs" open', html)
    assert re.search(r'id="folder-system_logs">', html)
    assert (
        html.index("folder-user_logs")
        < html.index("folder-outputs")
        < html.index("folder-system_logs")
    )


@pytest.mark.parametrize("name", ["evil.html", "evil.svg", "evil.js", "photo.png", "a\u202eb.txt"])
def test_a_download_is_never_a_page(
    browser: Browser, alice: User, run: Run, by: Actor, name: str
) -> None:
    files.put(run, by=by, path=f"outputs/{name}", stream=io.BytesIO(b"<script>alert(1)</script>"))
    answer = browser(alice).get(f"/w/main/runs/{run.run_id}/files/outputs/{name}")
    assert isinstance(answer, StreamingHttpResponse)
    assert b"".join(answer) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


def test_only_known_images_are_shown(browser: Browser, alice: User, run: Run, by: Actor) -> None:
    for name in ("a.png", "a.svg"):
        files.put(run, by=by, path=name, stream=io.BytesIO(b"..."))
    client = browser(alice)
    png = client.get(f"/w/main/runs/{run.run_id}/files/a.png?show")
    assert (png["Content-Type"], png["Content-Disposition"]) == ("image/png", "inline")
    assert client.get(f"/w/main/runs/{run.run_id}/files/a.svg?show").status_code == 404


def test_text_is_shown_and_other_bytes_are_offered(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    files.put(run, by=by, path="a.json", stream=io.BytesIO("{ä}".encode()))
    files.put(run, by=by, path="b.bin", stream=io.BytesIO(b"\0"))
    client = browser(alice)
    address = f"/w/main/runs/{run.run_id}/logs/"
    assert "{ä}" in client.get(f"{address}?file=a.json").content.decode()
    assert "No preview" in client.get(f"{address}?file=b.bin").content.decode()
    assert client.get(f"{address}?file=../../etc/passwd").status_code == 404


def test_a_run_without_files_says_what_will_come(browser: Browser, alice: User, run: Run) -> None:
    html = browser(alice).get(f"/w/main/runs/{run.run_id}/logs/").content.decode()
    assert "appears here as soon as" in html


def test_a_path_of_five_hundred_folders_is_shown(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    path = "/".join(["a"] * 500)
    files.put(run, by=by, path=path, stream=io.BytesIO(b"deep"))
    client = browser(alice)
    html = client.get(f"/w/main/runs/{run.run_id}/logs/").content.decode()
    assert html.count("<details") == 6
    assert f'title="{path}"' in html


def test_folders_of_one_name_in_two_places_are_two(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    for path in ("outputs/a/x", "logs/a/x"):
        files.put(run, by=by, path=path, stream=io.BytesIO(b"x"))
    html = browser(alice).get(f"/w/main/runs/{run.run_id}/logs/").content.decode()
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_thousand_files_do_not_make_the_page_heavy(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    files.put(run, by=by, path="outputs/first", stream=io.BytesIO(b"x"))
    print_to(run, by, b"still shown\n")
    one = run.files.get()
    RunFile.objects.bulk_create(
        RunFile(run=run, path=f"outputs/{n}", sha256=one.sha256, size=one.size) for n in range(999)
    )
    client = browser(alice)
    html = client.get(f"/w/main/runs/{run.run_id}/logs/").content.decode()
    assert html.count("outputs/") < 600
    assert ">900 more<" in html
    assert "1001 files" in html
    assert "still shown" in html
    assert client.get(f"/w/main/runs/{run.run_id}/logs/?file=outputs/998").status_code == 200


def test_a_text_that_is_not_shown_to_its_end_says_so(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    files.put(run, by=by, path="long.txt", stream=io.BytesIO(b"x\n" * 100_000))
    files.put(run, by=by, path="short.txt", stream=io.BytesIO(b"x\n"))
    address = f"/w/main/runs/{run.run_id}/logs/"
    html = browser(alice).get(f"{address}?file=long.txt").content.decode()
    assert "This is the beginning." in html
    assert len(html) < 150_000
    assert "the beginning" not in browser(alice).get(f"{address}?file=short.txt").content.decode()


@pytest.mark.parametrize("asked", ["logs/?file=%00", "files/a%00b", "logs/lines/?file=%00&last"])
def test_a_nul_names_no_file(browser: Browser, alice: User, run: Run, asked: str) -> None:
    assert browser(alice).get(f"/w/main/runs/{run.run_id}/{asked}").status_code == 404
