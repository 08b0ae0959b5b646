"""``log:`` on All runs: each row with the line that was found, and what is searched of long logs."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.models import User
from tests.conftest import AddLog, MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_list import LIST, PART

MEMORY = 'log:"cuda out of memory"'


def shown(browser: Browser, user: User, query: str) -> str:
    return browser(user).get(LIST, {"filter": query}).content.decode()


def test_a_row_shows_the_line_with_what_was_sought_and_leads_to_it(
    browser: Browser, alice: User, make_run: MakeRun, add_log: AddLog
) -> None:
    add_log(make_run(run_id="good"), "CUDA is there\n")
    add_log(make_run(run_id="poor"), "Epoch 1\nError: CUDA out of memory.\n", "logs/rank 1.txt")
    told = shown(browser, alice, MEMORY)
    assert re.findall(r'<tr id="run-.*?class="id">(\w+)<', told) == ["poor"]
    assert 'href="poor/logs/?file=logs/rank%201.txt&amp;line=2"' in told
    assert "</span> Error: <mark>CUDA out of memory</mark>.</a>" in told


@pytest.mark.parametrize("query", ["log:script", 'log:"<"', 'log:"&amp"', 'log:"\'>"'])
def test_what_a_script_has_written_is_no_part_of_the_page(
    browser: Browser, alice: User, make_run: MakeRun, add_log: AddLog, query: str
) -> None:
    hostile = "<script>alert(1)</script>\"'>&amp; <mark>\u202e"
    path = "logs/\"><img src=x onerror='alert(1)'>&line=7"
    add_log(make_run(), f"{hostile}\n", path)
    told = shown(browser, alice, query)
    assert "<mark>" in told
    assert "<script>alert" not in told
    assert "<img src=x" not in told
    assert (
        "file=logs/%22%3E%3Cimg%20src%3Dx%20onerror%3D%27alert%281%29%27%3E%26line%3D7&amp;" in told
    )


def test_only_a_list_that_is_filtered_by_logs_says_what_is_searched(
    browser: Browser, alice: User, make_run: MakeRun, add_log: AddLog
) -> None:
    add_log(make_run(), "text\n")
    note = "A log of up to 32 kB is searched whole"
    assert note in shown(browser, alice, "-log:text")
    assert note in shown(browser, alice, "log:nothing OR tag:a")
    assert note not in shown(browser, alice, "name:text")
    assert "hit-line" not in shown(browser, alice, "")


def test_the_box_offers_the_field(browser: Browser, alice: User, make_run: MakeRun) -> None:
    make_run()
    found = browser(alice).get("/w/main/complete/", {"filter": "lo"}).json()
    assert [item["text"] for item in found["items"]] == ["log:"]
    assert found["items"][0]["about"]
    problem = browser(alice).get("/w/main/complete/", {"filter": 'log:""'}).json()["problem"]
    assert 'log:"out of memory"' in problem["hint"]


@pytest.mark.parametrize("is_part", [False, True])
def test_many_rows_with_lines_ask_the_database_as_often_as_few(
    browser: Browser, alice: User, make_run: MakeRun, add_log: AddLog, is_part: bool
) -> None:
    client = browser(alice)

    def queries() -> int:
        client.get(LIST, {"filter": MEMORY}, headers=PART if is_part else {})
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(LIST, {"filter": MEMORY}, headers=PART if is_part else {})
        assert answer.content.count(b"hit-line") == made
        return len(asked)

    made = 0
    counts = []
    for count in (2, 20):
        for number in range(count):
            add_log(make_run(), f"{number}: CUDA out of memory\n")
        made += count
        counts.append(queries())
    assert counts[0] == counts[1]
