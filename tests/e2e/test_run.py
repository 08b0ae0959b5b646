"""A run's own page, for somebody who edits it, stops it and starts it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from studio.sdk import Experiment, Run, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess, processes_of

TARGET = "studio-local"
PARENT = """
import subprocess, sys, time
from studio.sdk import Run
run = Run.get_context()
run.child_run("child one")
run.child_run("child two")
time.sleep(120)
"""


@pytest.fixture
def run(experiment: Experiment) -> Run:
    return experiment.start_logging(snapshot_directory=None, outputs=False, display_name="mine")


def address(studio: StudioProcess, run: Run, tab: str = "") -> str:
    return f"{studio.url}/w/main/runs/{run.id}/{tab}"


def test_tags_are_added_changed_and_deleted_and_lead_to_their_runs(
    page: Page, studio: StudioProcess, run: Run
) -> None:
    run.set_tags({"quality": "poor", "old": ""})
    page.goto(address(studio, run))
    page.get_by_role("button", name="Edit the tags").click()
    keys, values = page.get_by_label("Key"), page.get_by_label("Value", exact=True)
    expect(keys.nth(0)).to_be_focused()
    values.nth(0).fill("good")
    page.get_by_role("button", name="Remove this tag").nth(1).click()
    keys.nth(1).fill("worth another look")
    keys.nth(1).press("Enter")
    expect(values.nth(1)).to_be_focused()
    values.nth(1).press("Enter")
    page.keyboard.type("team")
    page.keyboard.press("Tab")
    page.keyboard.type("vision")
    page.get_by_role("dialog", name="Tags").get_by_role("button", name="Save").click()
    chips = page.locator("a.chip")
    expect(chips).to_have_count(3)
    assert run.get_tags() == {"quality": "good", "worth another look": None, "team": "vision"}
    chips.filter(has_text="quality").click()
    expect(page.locator("#query")).to_have_value("tag:quality=good")
    expect(page.get_by_role("row").filter(has_text="mine").first).to_be_visible()


def test_a_tag_that_a_colleague_changed_meanwhile_is_shown_beside_mine(
    page: Page, studio: StudioProcess, run: Run
) -> None:
    run.tag("quality", "poor")
    page.goto(address(studio, run))
    page.get_by_role("button", name="Edit the tags").click()
    page.get_by_label("Value", exact=True).first.fill("good")
    run.tag("quality", "fair")
    with page.expect_response(lambda answer: answer.status == 409):
        page.get_by_role("dialog", name="Tags").get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog", name="Tags")
    expect(dialog.get_by_role("alert")).to_contain_text('"quality" is "fair"')
    expect(page.get_by_label("Value", exact=True).first).to_have_value("good")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("a.chip")).to_contain_text("good")
    assert run.get_tags() == {"quality": "good"}


def test_a_name_a_star_and_a_comment_stay(page: Page, studio: StudioProcess, run: Run) -> None:
    page.goto(address(studio, run))
    page.get_by_role("button", name="Change the display name").click()
    page.get_by_label("What people call this run").fill("better name")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("better name")
    page.get_by_role("button", name="Star").click()
    expect(page.get_by_role("button", name="Starred")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="History").click()
    page.get_by_label("Say something about this run").fill("Loss looks odd")
    page.get_by_role("button", name="Add comment").click()
    expect(page.locator(".timeline-comment")).to_contain_text("Loss looks odd")
    page.get_by_role("link", name="Edits").click()
    expect(page.locator(".changes")).to_contain_text("better name")
    expect(page.locator(".timeline-comment")).to_have_count(0)
    page.goto(f"{studio.url}/w/main/runs/?view=default&filter=is:starred")
    expect(page.get_by_role("row").filter(has_text="better name")).to_be_visible()


def test_a_run_is_resubmitted_with_other_arguments(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "say.py").write_text("import sys\nprint('told', sys.argv[1:])\n")
    config = ScriptRunConfig(source, "say.py", arguments=["--n", 1], compute_target=TARGET)
    first = experiment.submit(config)
    studio.wait_for_status(first.id, "Completed")
    page.goto(address(studio, first))
    page.get_by_role("button", name="Resubmit").click()
    arguments = page.get_by_label("Arguments of say.py")
    expect(arguments).to_have_value("--n 1")
    arguments.fill("--n 2 'two words'")
    page.get_by_role("dialog").get_by_role("button", name="Resubmit").click()
    expect(page.locator(".facts").first).to_contain_text("Resubmitted from")
    second = page.url.rstrip("/").rsplit("/", 1)[1]
    assert second != first.id
    studio.wait_for_status(second, "Completed")
    assert "told ['--n', '2', 'two words']" in studio.log(second)
    page.get_by_role("link", name=first.id).click()
    expect(page).to_have_url(address(studio, first))


def test_cancel_with_its_children_leaves_no_process_and_no_child(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "parent.py").write_text(PARENT)
    run = experiment.submit(ScriptRunConfig(source, "parent.py", compute_target=TARGET))
    studio.wait_for_status(run.id, "Running")
    page.goto(address(studio, run))
    expect(page.locator(".family")).to_contain_text("2 below")
    assert processes_of(run.id)
    page.reload()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_label("And the 2 runs below it that go on")).to_be_checked()
    page.get_by_role("button", name="Cancel run").click()
    expect(page.locator(".head .status").first).to_have_text("Canceled")
    assert {child.get_status() for child in run.get_children()} == {"Canceled"}
    assert not processes_of(run.id)


def test_a_run_is_marked_as_failed_and_then_deleted(
    page: Page, studio: StudioProcess, run: Run
) -> None:
    page.goto(address(studio, run))
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Mark as failed").click()
    page.get_by_label("Why, for those who read it later").fill("Loss was NaN")
    page.get_by_role("dialog").get_by_role("button", name="Mark as failed").click()
    expect(page.locator(".banner-bad")).to_contain_text("Loss was NaN")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(f"{studio.url}/w/main/runs/")
    page.goto(f"{studio.url}/w/main/bin/")
    expect(page.get_by_role("row").filter(has_text=run.id).first).to_be_visible()


@pytest.mark.parametrize("tab", ["", "history/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_a_run(
    examined_page: Page, studio: StudioProcess, run: Run, tab: str, scheme: str
) -> None:
    run.set_tags({"quality": "good", "look": ""})
    run.log("loss", 0.5)
    run.flush()
    examined_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    examined_page.goto(address(studio, run, tab))
    found = Axe().run(examined_page)
    assert found.violations_count == 0, found.generate_report()
