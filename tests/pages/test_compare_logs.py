"""The logs of two runs side by side: what differs but for times, durations, ids and digits."""

from __future__ import annotations

import time

import pytest

from runs.access import Actor
from runs.models import User
from runs.queries.compare_logs import alike
from tests.conftest import MakeRun
from tests.pages.conftest import Browser, print_to
from tests.pages.test_compare import shown

PLACE = "/w/main/compare/logs/"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("2024-01-02 03:04:05,678 INFO start", "2026-11-30 23:59:59,001 INFO start"),
        ("2024-01-02T03:04:05.678Z x", "2026-11-30T23:59:59+02:00 x"),
        ("[03:04:05] x", "[13:14] x"),
        ("loss 0.123 lr 1e-4", "loss -12.5e+3 lr 3e-05"),
        ("took 3 s, 12ms", "took 3.25s, 9 ms"),
        ("at 0x7f3a", "at 0xdeadbeef"),
        ("commit 1a2b3c4d5e", "commit ffee0011aa22bb"),
        ("run 6f1c2a3e-0000-4000-8000-000000000001", "run ffffffff-1111-4111-8111-00000000000a"),
    ],
)
def test_what_is_never_twice_the_same_is_alike(one: str, two: str) -> None:
    assert alike(one) == alike(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("epoch 3", "epoch 4"),
        ("loss 0.5", "loss nan"),
        ("v1.2 ok", "v1.3 ok"),
        ("deadbeef", "feedface"),
        ("saved 12 files", "saved 13 files"),
    ],
)
def test_what_says_something_stays_different(one: str, two: str) -> None:
    assert alike(one) != alike(two)


def test_a_hostile_line_is_read_in_no_time() -> None:
    began = time.process_time()
    for line in ("1" * 10_000, "a1" * 5_000, "1.1" * 3_000, "1:" * 5_000, "-" * 10_000 + "e"):
        alike(line)
    assert time.process_time() - began < 1


def test_lines_that_differ_are_counted_and_shown(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for name, seconds, device in (("a", 3, "cpu"), ("b", 14, "<b>gpu</b>")):
        lines = [f"12:00:{seconds:02} epoch {n} loss 0.{n * seconds}" for n in range(50)]
        lines.insert(25, f"device {device}")
        run = make_run(run_id=name, start=True)
        print_to(run, Actor.of_user(alice), "\n".join(lines).encode())
    client = browser(alice)
    assert f'href="{PLACE}?runs=a,b"' in shown(client, runs="a,b")
    html = client.get(PLACE, {"runs": "a,b"}).content.decode()
    assert "<h1>1 line differs</h1>" in html
    assert '<td class="diff-text">device cpu</td>' in html
    assert "device &lt;b&gt;gpu&lt;/b&gt;" in html
    assert "51 lines" in html
    assert 'href="?runs=a,b&amp;raw=1"' in html
    raw = client.get(PLACE, {"runs": "a,b", "raw": "1"}).content.decode()
    assert "<h1>51 lines differ</h1>" in raw
    assert 'aria-checked="true"' in raw
    same = client.get(PLACE, {"runs": "a,b"}).content.decode()
    assert "Of a longer log the last 2,000 lines are compared." in same


def test_many_lines_that_differ_are_counted_in_thousands(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for name in ("a", "b"):
        run = make_run(run_id=name, start=True)
        text = "\n".join(f"{name} says line {n}" for n in range(1_200))
        print_to(run, Actor.of_user(alice), text.encode())
    html = browser(alice).get(PLACE, {"runs": "a,b"}).content.decode()
    assert "<h1>1,200 lines differ</h1>" in html
    assert "−1,200</span>" in html
    assert "· 1,200 lines</span>" in html


def test_of_long_logs_the_ends_are_compared_by_their_true_numbers(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for name, count in (("a", 3_000), ("b", 2_500)):
        lines = [f"line {count - n}" for n in range(count)]
        lines[-10] = f"of {name}"
        print_to(make_run(run_id=name, start=True), Actor.of_user(alice), "\n".join(lines).encode())
    html = browser(alice).get(PLACE, {"runs": "a,b"}).content.decode()
    assert "<h1>1 line differs</h1>" in html
    assert "lines 1,001–3,000, the end of 3,000" in html
    assert "lines 501–2,500, the end of 2,500" in html
    assert '<td class="diff-number">2991</td>' in html
    assert '<td class="diff-number">2491</td>' in html


def test_a_run_that_has_printed_nothing_is_told(
    browser: Browser, alice: User, charlie: User, make_run: MakeRun
) -> None:
    for name in ("a", "b", "c"):
        run = make_run(run_id=name, start=True)
    print_to(run, Actor.of_user(alice), b"one\n")
    client = browser(alice)
    none = client.get(PLACE, {"runs": "a,b"}).content.decode()
    assert none.count("has printed nothing") == 2
    assert "<h1>No line differs</h1>" in none
    assert "<h1>1 line differs</h1>" in client.get(PLACE, {"runs": "a,c"}).content.decode()
    for asked in ("", "?runs=a", "?runs=a,b,c", "?runs=a,zzz"):
        assert client.get(PLACE + asked).status_code == 404, asked
    assert browser(charlie).get(f"{PLACE}?runs=a,b").status_code == 404
