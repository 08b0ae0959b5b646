"""What somebody sees who has the pages open while runs come and go."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from studio.sdk import Experiment, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess, processes_of, wait_for
from tests.acceptance.test_cancel import STUBBORN

TARGET = "studio-local"


def test_a_run_goes_from_queued_to_completed_without_a_reload(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "short.py").write_text("import time\ntime.sleep(4)\n")
    page.goto(f"{studio.url}/w/main/runs/")
    page.evaluate("window.stillThere = true")
    config = ScriptRunConfig(source, script="short.py", compute_target=TARGET)
    run = experiment.submit(config, display_name="watched")
    row = page.get_by_role("row").filter(has_text="watched")
    expect(row).to_contain_text(re.compile("Queued|Preparing|Running"))
    expect(row).to_contain_text("Running")
    expect(row).to_contain_text("Completed")
    assert page.evaluate("window.stillThere") is True
    assert run.get_status() == "Completed"


def test_a_form_can_be_sent_again_after_the_back_button(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    page.goto(f"{studio.url}/w/main/runs/{run.id}/")
    page.evaluate("document.querySelector('#cancel-dialog form').dataset.sent = 'yes'")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel run").click()
    expect(page.locator(".head .status")).to_have_text("Canceled")


def test_cancel_ends_the_whole_tree_and_tells_each_step(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "stubborn.py").write_text(STUBBORN)
    run = experiment.submit(ScriptRunConfig(source, script="stubborn.py", compute_target=TARGET))
    wait_for(lambda: "ready" in studio.log(run.id), seconds=60, what="the tree")
    page.goto(f"{studio.url}/w/main/runs/{run.id}/")
    expect(page.locator(".head .status")).to_have_text("Running")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Cancel run").click()
    expect(page.locator(".head .status")).to_have_text(re.compile("CancelRequested|Canceled"))
    expect(page.locator(".head .status")).to_have_text("Canceled")
    assert processes_of(run.id) == {}
    told = page.locator(".timeline")
    for words in ("SIGTERM sent to", "SIGKILL sent to", "0 processes left"):
        expect(told).to_contain_text(words)
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_disabled()


def test_a_failed_run_shows_its_error(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "bad.py").write_text("raise ValueError('no such luck')\n")
    run = experiment.submit(ScriptRunConfig(source, script="bad.py", compute_target=TARGET))
    studio.wait_for_status(run.id, "Failed")
    page.goto(f"{studio.url}/w/main/runs/{run.id}/")
    banner = page.get_by_label("Error")
    expect(banner).to_contain_text("no such luck")
    expect(banner).to_contain_text("Traceback (most recent call last)")


def test_the_theme_stays_as_it_was_chosen(page: Page, studio: StudioProcess) -> None:
    page.goto(f"{studio.url}/w/main/runs/")
    switch = page.get_by_role("button", name="Theme: ")
    for chosen in ("light", "dark"):
        switch.click()
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == chosen
        expect(switch).to_have_accessible_name(f"Theme: {chosen}")
    switch.click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme ?? 'none'") == "none"


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_nothing_stands_in_the_way_of_anybody(
    examined_page: Page,
    studio: StudioProcess,
    experiment: Experiment,
    theme: Literal["light", "dark"],
    width: int,
) -> None:
    page = examined_page
    run = experiment.start_logging(snapshot_directory=None, outputs=False, tags={"a": "b"})
    run.log("loss", 0.5)
    try:
        raise ValueError("for show " + "x" * 300)
    except ValueError as error:
        run.fail(error)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/w/main/runs/", f"/w/main/runs/{run.id}/", f"/w/main/runs/{run.id}/logs/"):
        page.goto(studio.url + address)
        page.evaluate("delete document.documentElement.dataset.theme")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{address} scrolls sideways at {width}"
