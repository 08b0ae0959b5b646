"""When lines arrived, and what else a browser remembers of how somebody reads logs."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from studio.sdk import Experiment, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess, wait_for
from tests.e2e.printing import LONG, TARGET, print_to


def test_lines_tell_when_they_arrived_and_the_browser_remembers_it(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "long.py").write_text(LONG)
    run = experiment.submit(ScriptRunConfig(source, script="long.py", compute_target=TARGET))
    wait_for(lambda: "line 5" in studio.log(run.id), seconds=60, what="the first lines")
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    times = page.locator("log-view .log-at")
    expect(page.locator("#L3")).to_be_visible()
    expect(times).to_have_count(0)
    button = page.locator("#line-times")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(times.first).to_have_text(re.compile(r"^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d$"))
    expect(times.first).to_have_attribute("title", re.compile(r"^\d{4}-.*T.*\.\d{3}Z$"))
    seen = page.locator("log-view li").count()
    late = page.locator(f"#L{seen + 15} .log-at")
    expect(late).to_have_text(re.compile(r"\d"))
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(times.first).to_have_text(re.compile(r"^[A-Z][a-z]{2} \d\d "))
    shown = list(map(str, times.evaluate_all("all => all.map(time => time.dateTime)")))
    assert len(set(shown)) > 3
    assert shown == sorted(shown)
    button.click()
    expect(times.first).to_have_text(re.compile(r"^[+−]0:\d\d:\d\d$"))
    lefts = page.locator("log-view .log-text").evaluate_all(
        "all => all.slice(0, 15).map(text => text.getBoundingClientRect().left)"
    )
    assert max(lefts) - min(lefts) < 1
    button.click()
    expect(times).to_have_count(0)
    run.cancel()
    studio.wait_for_status(run.id, "Canceled", seconds=60)


def test_a_log_without_times_says_so(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    print_to(run, b"old\n")
    run.complete()
    for kept in (studio.data_dir / "logs").rglob("*.times"):
        kept.unlink()
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    said = page.get_by_text("No times were recorded")
    expect(said).to_be_hidden()
    page.locator("#line-times").click()
    expect(said).to_be_visible()
    for _ in range(2):
        page.locator("#line-times").click()
    expect(said).to_be_hidden()


def test_long_lines_stay_wrapped_in_the_next_file(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    print_to(run, b"long " * 2_000 + b"\n")
    run.complete()
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    log, wrap = page.locator("log-view ol"), page.get_by_role("button", name="Wrap long lines")
    is_wide = "list => list.scrollWidth > list.clientWidth + 1"
    assert log.evaluate(is_wide)
    wrap.click()
    page.reload()
    expect(wrap).to_have_attribute("aria-pressed", "true")
    assert not log.evaluate(is_wide)
    wrap.click()
    assert log.evaluate(is_wide)
