"""Outputs + logs."""

from __future__ import annotations

import io
import re

import pytest
from django.http import StreamingHttpResponse

from runs.access import Actor
from runs.actions import files, logs
from runs.models import Run, RunFile, User
from runs.queries import log_lines
from tests.pages.conftest import Browser

LOG = "user_logs/std_log.txt"


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor.of_user(alice)


def print_to(run: Run, by: Actor, data: bytes, path: str = LOG) -> None:
    sent = sum(log.size for log in run.logs.filter(path=path))
    logs.append(run, by=by, path=path, session="s", sequence=sent, data=data)


def shown(html: str) -> list[tuple[int, str]]:
    found = re.findall(r'log-no">(\d+)</span><span class="log-text">(.*?)</span></li>', html)
    return [(int(number), text) for number, text in found]


def test_the_scripts_log_is_chosen_and_system_logs_are_closed(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    print_to(run, by, b"one\ntwo\n")
    print_to(run, by, b"x\n", "system_logs/runner.txt")
    files.put(run, by=by, path="outputs/model.bin", stream=io.BytesIO(b"\0\1"))
    html = browser(alice).get(f"/w/main/runs/{run.run_id}/logs/").content.decode()
    assert shown(html) == [(1, "one"), (2, "two")]
    assert re.search(r'id="folder-user_logs" open', html)
    assert re.search(r'id="folder-system_logs">', html)
    assert (
        html.index("folder-user_logs")
        < html.index("folder-outputs")
        < html.index("folder-system_logs")
    )


def test_a_log_goes_on_where_the_page_has_it(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    client = browser(alice)
    print_to(run, by, b"one\ntwo\nthr")
    address = f"/w/main/runs/{run.run_id}/logs/lines/"
    first = client.get(address, {"file": LOG, "after": "0", "line": "1"})
    assert shown(first.content.decode()) == [(1, "one"), (2, "two"), (3, "thr")]
    assert (first["X-Log-End"], first["X-Log-Line"], first["X-Log-Size"]) == ("8", "3", "11")
    print_to(run, by, b"ee\nfour\n")
    second = client.get(address, {"file": LOG, "after": "8", "line": "3"})
    assert shown(second.content.decode()) == [(3, "three"), (4, "four")]


def test_a_long_log_opens_at_its_end_with_true_numbers(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    text = b"".join(b"line %06d\n" % n for n in range(1, 60_001))
    for start in range(0, len(text), 500_000):
        print_to(run, by, text[start : start + 500_000])
    client = browser(alice)
    opened = client.get(f"/w/main/runs/{run.run_id}/logs/")
    lines = shown(opened.content.decode())
    assert lines[-1] == (60_000, "line 060000")
    assert all(line == f"line {number:06}" for number, line in lines)
    found: log_lines.Lines = opened.context["found"]
    asked = {"file": LOG, "before": str(found.start), "line": str(found.first)}
    earlier = shown(client.get(f"/w/main/runs/{run.run_id}/logs/lines/", asked).content.decode())
    assert earlier[-1][0] == found.first - 1
    assert all(line == f"line {number:06}" for number, line in earlier)


def test_a_log_cannot_speak_html_and_keeps_its_colours(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    print_to(run, by, b"<img src=x onerror=alert(1)>\n\x1b[31mred\x1b[0m \x1b[2Jgone\n")
    html = browser(alice).get(f"/w/main/runs/{run.run_id}/logs/").content.decode()
    assert "<img src=x" not in html
    assert '<span class="ansi-red">red</span> gone' in html


def test_a_progress_bar_shows_its_last_state(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    print_to(run, by, b"  1 %\r 50 %\r100 %\r\nnext\n")
    html = browser(alice).get(f"/w/main/runs/{run.run_id}/logs/").content.decode()
    assert shown(html) == [(1, "100 %"), (2, "next")]


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
    assert "And 501 more." in html
    assert "still shown" in html
    assert client.get(f"/w/main/runs/{run.run_id}/logs/?file=outputs/998").status_code == 200


def test_a_long_log_does_not_make_the_page_heavy(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    print_to(run, by, b"\n" * 500_000)
    client = browser(alice)
    opened = client.get(f"/w/main/runs/{run.run_id}/logs/").content
    assert shown(opened.decode())[-1] == (500_000, "")
    assert len(opened) < 150_000
    address = f"/w/main/runs/{run.run_id}/logs/lines/"
    for asked in ({"last": ""}, {"after": "0", "line": "1"}, {"before": "9000", "line": "9001"}):
        piece = client.get(address, {"file": LOG, **asked})
        assert len(shown(piece.content.decode())) == log_lines.LINES
        assert int(piece["X-Log-Line"]) == int(piece["X-Log-First"]) + log_lines.LINES
        assert int(piece["X-Log-End"]) == int(piece["X-Log-Start"]) + log_lines.LINES


def test_pieces_of_a_log_join_without_a_gap(
    browser: Browser, alice: User, run: Run, by: Actor
) -> None:
    text = b"".join(b"%d %s\n" % (n, b"x" * (n % 97)) for n in range(1, 20_001))
    print_to(run, by, text[:900_000])
    print_to(run, by, text[900_000:])
    client = browser(alice)
    address, seen, place = f"/w/main/runs/{run.run_id}/logs/lines/", [], ("0", "1")
    while True:
        piece = client.get(address, {"file": LOG, "after": place[0], "line": place[1]})
        place = (piece["X-Log-End"], piece["X-Log-Line"])
        seen += shown(piece.content.decode())
        if piece["X-Log-End"] == piece["X-Log-Size"]:
            break
    assert [number for number, _ in seen] == list(range(1, 20_001))
    assert [line.split()[0] for _, line in seen] == [str(n) for n in range(1, 20_001)]


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
