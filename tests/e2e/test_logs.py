"""Reading logs in a browser: live, at any line, and by what is in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from studio.sdk import Experiment, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess, wait_for
from tests.e2e.printing import LONG, TARGET, print_to

FLOOD = (
    "import time\nfor n in range(1, 200_001):\n    print(f'line {n} ' + 'x' * 60)\ntime.sleep(2)\n"
)
# What the viewer keeps, and one piece more.
MOST_LINES = 11_000


def lines_of(log: Locator) -> list[tuple[int, str]]:
    """Return the lines that a viewer holds; what is not in sight has text, but no inner text."""
    texts = log.evaluate(
        "list => [...list.children].map(li => [...li.children].map(e => e.textContent))"
    )
    return [(int(number), text) for number, text in texts]


def see(line: Locator) -> None:
    """Wait until a line is in sight.

    An expectation that is not yet true reads out the whole page, and a log of a thousand lines then
    stands still for seconds: so the line is waited for first.
    """
    line.wait_for(timeout=40_000)
    expect(line).to_be_in_viewport()


def test_the_log_of_a_running_run_grows(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "long.py").write_text(LONG)
    run = experiment.submit(ScriptRunConfig(source, script="long.py", compute_target=TARGET))
    studio.wait_for_status(run.id, "Running")
    wait_for(lambda: "line 5" in studio.log(run.id), seconds=60, what="the first lines")
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    log = page.locator("log-view ol")
    expect(log).to_contain_text("line 5")
    seen = log.locator("li").count()
    expect(log.locator("li").nth(seen + 15)).to_be_visible(timeout=10_000)
    numbers = [int(text) for text in log.locator(".log-no").all_inner_texts()]
    texts = log.locator(".log-text").all_inner_texts()
    assert numbers == list(range(1, len(numbers) + 1))
    assert texts == [f"line {n}" for n in range(len(texts))]
    run.cancel()
    studio.wait_for_status(run.id, "Canceled", seconds=60)


def test_somebody_who_reads_above_is_not_pulled_down(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "long.py").write_text("for n in range(900): print(n)\n" + LONG)
    run = experiment.submit(ScriptRunConfig(source, script="long.py", compute_target=TARGET))
    wait_for(lambda: "line 5" in studio.log(run.id), seconds=60, what="the first lines")
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    log = page.locator("log-view ol")
    log.evaluate("list => { list.scrollTop = 100 }")
    jump = page.get_by_role("button", name="Jump to the end")
    expect(jump).to_be_visible()
    expect(page.get_by_text("Paused")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\d+ new lines$"))).to_be_visible(timeout=20_000)
    page.wait_for_timeout(2_500)
    assert log.evaluate("list => list.scrollTop") == pytest.approx(100, abs=2)
    jump.click()
    expect(jump).to_be_hidden()
    below = log.evaluate("list => list.scrollHeight - list.scrollTop - list.clientHeight")
    assert below < 5
    run.cancel()
    studio.wait_for_status(run.id, "Canceled", seconds=60)


def test_a_huge_log_opens_at_its_end_and_can_be_read_to_its_beginning(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "huge.py").write_text("for n in range(1, 12_001): print(f'line {n}')\n")
    run = experiment.submit(ScriptRunConfig(source, script="huge.py", compute_target=TARGET))
    studio.wait_for_status(run.id, "Completed")
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    log = page.locator("log-view ol")
    expect(log).to_contain_text("line 12000")
    for _ in range(80):
        log.evaluate("list => { list.scrollTop = 0 }")
        page.wait_for_timeout(50)
        if log.evaluate("list => list.firstElementChild.id") == "L1":
            break
    assert lines_of(log)[0] == (1, "line 1")
    # Read on downwards: what was forgotten at the end comes back, and nothing is missing or doubled.
    for _ in range(60):
        log.evaluate("list => { list.scrollTop = list.scrollHeight }")
        page.wait_for_timeout(50)
        if log.evaluate("list => list.lastElementChild.id") == "L12000":
            break
    shown = lines_of(log)
    assert len(shown) <= MOST_LINES
    assert shown == [(n, f"line {n}") for n in range(shown[0][0], 12_001)]


def test_a_log_that_runs_away_is_followed_at_its_end(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "flood.py").write_text(FLOOD)
    run = experiment.submit(ScriptRunConfig(source, script="flood.py", compute_target=TARGET))
    wait_for(lambda: studio.log(run.id), seconds=60, what="the first lines")
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    log = page.locator("log-view ol")
    expect(log.locator(".log-no").last).to_have_text("200000", timeout=30_000)
    numbers = [number for number, _ in lines_of(log)]
    assert numbers == list(range(numbers[0], 200_001))
    assert len(numbers) <= MOST_LINES
    studio.wait_for_status(run.id, "Completed")


def test_a_line_can_be_shared(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "huge.py").write_text("for n in range(1, 30_001): print(f'line {n}')\n")
    run = experiment.submit(ScriptRunConfig(source, script="huge.py", compute_target=TARGET))
    studio.wait_for_status(run.id, "Completed")
    address = f"{studio.url}/w/main/runs/{run.id}/logs/"
    page.goto(f"{address}#L12000-L12003")
    marked = page.locator("log-view .is-marked .log-text")
    expect(marked).to_have_text([f"line {n}" for n in range(12_000, 12_004)])
    expect(marked.first).to_be_in_viewport()
    page.locator("#L12010 .log-no").click()
    page.locator("#L12012 .log-no").click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile(r"line=12010-12012$"))
    page.reload()
    expect(marked).to_have_text(["line 12010", "line 12011", "line 12012"])
    expect(marked.first).to_be_in_viewport()
    page.get_by_label("Go to line").fill("25000")
    page.get_by_label("Go to line").press("Enter")
    expect(marked).to_have_text(["line 25000"])
    expect(marked).to_be_in_viewport()
    page.get_by_role("button", name="Jump to the end").click()
    see(page.locator("#L30000"))


def big_log(run: Any, megabytes: int) -> int:
    """Give a run a log of so many megabytes; returns how many lines it has."""
    lines, sent, piece_lines = 0, 0, 8_000
    while sent < megabytes * 1_000_000:
        piece = b"".join(b"line %09d %s\n" % (lines + n, b"." * 100) for n in range(piece_lines))
        if not lines:
            piece = piece.replace(b"line 000000002 ....", b"line 2 needle one ", 1)
        print_to(run, piece, sent)
        lines, sent = lines + piece_lines, sent + len(piece)
    print_to(run, b"a needle at the end\n" + b"last\n" * 9, sent)
    return lines + 10


def test_a_search_in_a_log_of_200_megabytes_finds_its_start_and_its_end(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    count = big_log(run, 200)
    run.complete()
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    see(page.locator(f"#L{count}"))
    page.keyboard.press("/")
    page.keyboard.type("NEEDLE")
    output = page.locator("log-search output")
    see(page.locator("#L3.is-hit"))
    expect(output).to_have_text("1 of 2 lines", timeout=40_000)
    page.keyboard.press("Enter")
    see(page.locator(f"#L{count - 9}.is-hit"))
    expect(output).to_have_text("2 of 2 lines", timeout=40_000)
    page.keyboard.press("Shift+Enter")
    see(page.locator("#L3.is-hit"))
    page.get_by_text("Only the lines found").click()
    expect(page.get_by_label("Lines found").locator("li")).to_have_count(2)
    page.get_by_role("button", name="expression").click()
    page.get_by_label("Search this log").fill(r"^a n.{3}le")
    expect(output).to_have_text("1 of 1 line", timeout=40_000)
    page.get_by_label("Search this log").fill("(")
    expect(page.get_by_role("alert")).to_contain_text("no regular expression")


def test_hits_of_a_growing_log_are_counted(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "long.py").write_text(LONG)
    run = experiment.submit(ScriptRunConfig(source, script="long.py", compute_target=TARGET))
    wait_for(lambda: "line 12" in studio.log(run.id), seconds=60, what="the first lines")
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    page.get_by_label("Search this log").fill("line 1")
    output = page.locator("log-search output")
    expect(output).to_have_text(re.compile(r"^\d+ of \d+ lines$"))
    page.get_by_role("button", name="Jump to the end").click()
    before = int(str(output.text_content()).split()[-2])
    wait_for(
        lambda: int(str(output.text_content()).split()[-2]) > before,
        seconds=60,
        what="more hits",
    )
    run.cancel()
    studio.wait_for_status(run.id, "Canceled", seconds=60)


def test_errors_alone_are_gone_to_one_after_the_other(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    lines = [f"step {n} went well" for n in range(1, 2_501)]
    lines[99], lines[2_399] = "ValueError: the first", "ERROR the second"
    print_to(run, "\n".join([*lines, ""]).encode())
    run.complete()
    # The list is opened before the search has found anything, and comes after the count.
    held: list[Route] = []
    page.route(re.compile(r"/search/.*&limit=100$"), lambda route: held.append(route))
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    page.get_by_role("button", name="Errors").click()
    page.get_by_text("Only the lines found").click()
    see(page.locator("#L100.is-hit"))
    page.get_by_text("1 of 2 lines", exact=True).wait_for()
    for each in held:
        each.continue_()
    found = page.get_by_label("Lines found").locator("li")
    found.first.wait_for()
    expect(found).to_have_text(["100ValueError: the first", "2400ERROR the second"])
    page.get_by_role("button", name="Next").click()
    see(page.locator("#L2400.is-hit"))
    found.first.get_by_role("link").click()
    see(page.locator("#L100.is-hit"))


def test_a_progress_bar_is_one_line_that_moves(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    first = b"begin\n" + b"".join(b"\r%3d %%" % n for n in range(40))
    print_to(run, first)
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    texts = page.locator("log-view .log-text")
    expect(texts).to_have_text(["begin", " 39 %"])
    print_to(run, b"".join(b"\r%3d %%" % n for n in range(40, 101)) + b"\nend\n", len(first))
    expect(texts).to_have_text(["begin", "100 %", "end"])
    run.complete()
