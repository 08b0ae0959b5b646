"""The viewer of a log: true numbers, from any place, and a search over all of it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from runs.access import Actor
from runs.models import LogFile, Run, User
from runs.queries import log_lines
from runs.stores import logs as log_store
from tests.pages.conftest import LOG, Browser, print_to, shown_lines

MANY = 60_000


@pytest.fixture
def client(browser: Browser, alice: User) -> Client:
    return browser(alice)


@pytest.fixture
def page(run: Run) -> str:
    return f"/w/main/runs/{run.run_id}/logs/"


def ask(client: Client, page: str, **asked: str | int) -> Any:
    return client.get(f"{page}lines/", {"file": LOG, **asked})


def numbered(count: int) -> bytes:
    return b"".join(b"line %06d\n" % n for n in range(1, count + 1))


def test_a_log_goes_on_where_the_page_has_it(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, b"one\ntwo\nthr")
    first = ask(client, page, **{"from": 1})
    assert shown_lines(first.content.decode()) == [(1, "one"), (2, "two"), (3, "thr")]
    assert (first["X-Log-Next"], first["X-Log-Total"], first["X-Log-Size"]) == ("3", "3", "11")
    assert "is-partial" in first.content.decode()
    print_to(run, by, b"ee\nfour\n")
    second = ask(client, page, **{"from": 3})
    assert shown_lines(second.content.decode()) == [(3, "three"), (4, "four")]
    assert (second["X-Log-Next"], second["X-Log-Total"]) == ("5", "4")
    assert "is-partial" not in second.content.decode()


def test_who_knows_all_of_it_is_told_so_with_a_word(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, b"one\ntwo")
    known = ask(client, page, **{"from": 2, "known": 7})
    assert (known.status_code, known.content, known["X-Log-Total"]) == (204, b"", "2")
    assert ask(client, page, **{"from": 2, "known": 6}).status_code == 200
    assert ask(client, page, state="")["X-Log-Size"] == "7"


def test_a_long_log_opens_at_its_end_with_true_numbers(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, numbered(MANY))
    opened = client.get(page)
    lines = shown_lines(opened.content.decode())
    assert lines[-1] == (MANY, f"line {MANY:06}")
    assert all(line == f"line {number:06}" for number, line in lines)
    found: log_lines.Lines = opened.context["found"]
    earlier = shown_lines(ask(client, page, before=found.first).content.decode())
    assert earlier[-1][0] == found.first - 1
    assert all(line == f"line {number:06}" for number, line in earlier)


@pytest.mark.parametrize("line", [1, 150, 30_000, 59_999, MANY])
def test_a_permalink_opens_at_its_line(
    client: Client, page: str, run: Run, by: Actor, line: int
) -> None:
    print_to(run, by, numbered(MANY))
    html = client.get(f"{page}?file={LOG}&line={line}").content.decode()
    lines = shown_lines(html)
    assert (line, f"line {line:06}") in lines
    assert all(text == f"line {number:06}" for number, text in lines)
    assert re.findall(r'<li id="L(\d+)" class="is-marked"', html) == [str(line)]


def test_a_permalink_may_be_a_range_and_survives_growth(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, numbered(MANY))
    address: dict[str, str | int] = {"file": LOG, "line": "30002-30000"}
    marked = [
        re.findall(r'id="L(\d+)" class="is-marked">', client.get(page, address).content.decode())
    ]
    print_to(run, by, numbered(MANY))
    marked.append(
        re.findall(r'id="L(\d+)" class="is-marked">', client.get(page, address).content.decode())
    )
    assert marked == [["30000", "30001", "30002"]] * 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("9", "there is no line 9 in it"),
        ("0", "names no line"),
        ("x<b>", "“x&lt;b&gt;” names no line"),
        ("1-", "names no line"),
    ],
)
def test_a_line_that_is_not_there_is_told(
    client: Client, page: str, run: Run, by: Actor, asked: str, said: str
) -> None:
    print_to(run, by, b"one\ntwo\n")
    answer = client.get(page, {"file": LOG, "line": asked})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert shown_lines(answer.content.decode()) == [(1, "one"), (2, "two")]


@pytest.mark.parametrize("asked", [{"from": "x"}, {"before": ""}, {"around": "9" * 40}, {}])
def test_lines_of_no_number_are_not_found(
    client: Client, page: str, run: Run, by: Actor, asked: dict[str, str]
) -> None:
    print_to(run, by, b"one\n")
    assert ask(client, page, **asked).status_code == 404


def test_a_log_cannot_speak_html_and_keeps_its_colours(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, b"<img src=x onerror=alert(1)>\n\x1b[31mred\x1b[0m \x1b[2Jgone\n")
    html = client.get(page).content.decode()
    assert "<img src=x" not in html
    assert '<span class="ansi-red">red</span> gone' in html


def test_a_progress_bar_shows_its_last_state(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, b"  1 %\r 50 %\r100 %\r\nnext\n")
    assert shown_lines(client.get(page).content.decode()) == [(1, "100 %"), (2, "next")]


def test_a_progress_bar_of_megabytes_is_one_line_that_shows_its_last_state(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    bar = b"".join(b"\r step %07d" % n for n in range(1, 100_001))
    print_to(run, by, b"begin\n" + bar + b"\nend\n" + bar)
    meant = [(1, "begin"), (2, " step 0100000"), (3, "end"), (4, " step 0100000")]
    assert shown_lines(client.get(page).content.decode()) == meant[3:]
    assert walked(client, page) == meant
    assert walked_back(client, page, 5) == meant[:3]


def test_a_long_line_without_states_is_shown_by_its_beginning(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, b"one\nstart" + b"x" * 500_000 + b"\nthree\n")
    lines = walked(client, page)
    assert [number for number, _ in lines] == [1, 2, 3]
    assert lines[1][1].startswith("startxxx")
    assert "line cut here" in lines[1][1]


def test_a_long_log_does_not_make_the_page_heavy(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, b"\n" * 500_000)
    opened = client.get(page).content
    assert shown_lines(opened.decode())[-1] == (500_000, "")
    assert len(opened) < 160_000
    for asked in ({"last": ""}, {"from": 1}, {"before": 9_001}, {"around": 400_000}):
        piece = ask(client, page, **asked)
        assert len(shown_lines(piece.content.decode())) == log_lines.LINES
        assert int(piece["X-Log-Next"]) == int(piece["X-Log-First"]) + log_lines.LINES


def walked(client: Client, page: str) -> list[tuple[int, str]]:
    """Return all lines, from the first piece to the last."""
    seen: list[tuple[int, str]] = []
    place = "1"
    while True:
        piece = ask(client, page, **{"from": place})
        seen += shown_lines(piece.content.decode())
        place = piece["X-Log-Next"]
        if not seen or seen[-1][0] >= int(piece["X-Log-Total"]):
            return seen


def walked_back(client: Client, page: str, place: int) -> list[tuple[int, str]]:
    """Return all lines before one, from the last piece to the first; an unfinished line is none."""
    seen: list[tuple[int, str]] = []
    while place > 1:
        piece = ask(client, page, before=place)
        seen = shown_lines(piece.content.decode()) + seen
        place = int(piece["X-Log-First"])
    return seen


def test_pieces_of_a_log_join_without_a_gap(client: Client, page: str, run: Run, by: Actor) -> None:
    print_to(run, by, b"".join(b"%d %s\n" % (n, b"x" * (n % 97)) for n in range(1, 20_001)))
    for seen in (walked(client, page), walked_back(client, page, 20_001)):
        assert [number for number, _ in seen] == list(range(1, 20_001))
        assert [line.split()[0] for _, line in seen] == [str(n) for n in range(1, 20_001)]


def test_a_log_whose_bytes_are_gone_is_empty_and_no_fault(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, numbered(MANY))
    LogFile.objects.update(path="user_logs/other.txt")
    for asked in ({"last": ""}, {"from": 5}, {"before": 700}, {"around": 900}):
        place: dict[str, str | int] = {"file": "user_logs/other.txt", **asked}
        answer = client.get(f"{page}lines/", place)
        assert answer.status_code == 200


def times(html: str) -> list[tuple[int, int]]:
    """Return which lines tell a time, and which."""
    return [(int(n), int(at)) for n, at in re.findall(r'id="L(\d+)"[^>]* data-at="(\d+)"', html)]


def test_a_line_tells_its_time_where_it_is_another_than_before(
    client: Client, page: str, run: Run, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for second, text in ((1.0, b"one\ntwo\nthr"), (1.1, b"ee\nfour\n"), (9.5, b"five\n\nrest")):
        with monkeypatch.context() as patched:
            patched.setattr(log_store, "time", SimpleNamespace(time=lambda now=second: now))
            print_to(run, by, text)
    opened = client.get(page).content.decode()
    assert times(opened) == [(1, 1_000), (5, 9_500)]
    assert times(ask(client, page, **{"from": 4}).content.decode()) == [(4, 1_000), (5, 9_500)]
    assert times(ask(client, page, before=3).content.decode()) == [(1, 1_000)]
    assert "data-began" in opened


def test_a_log_without_notes_of_time_tells_none(
    client: Client, page: str, run: Run, by: Actor
) -> None:
    print_to(run, by, b"one\ntwo\n")
    path = log_store.path_of(LogFile.objects.get())
    path.with_name(f"{path.name}.times").unlink()
    print_to(run, by, b"three\n")
    assert [line for line, _ in times(client.get(page).content.decode())] == [3]


def test_a_stranger_finds_nothing(
    browser: Browser, page: str, run: Run, by: Actor, charlie: User
) -> None:
    print_to(run, by, b"secret\n")
    for place in ("lines/", "search/"):
        asked = {"file": LOG, "text": "secret", "last": ""}
        assert browser(charlie).get(page + place, asked).status_code == 404
