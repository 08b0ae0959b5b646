"""Many runs at once in a browser: tagged, undone, canceled, taken away and brought back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from studio.sdk import Experiment
from tests.acceptance.studio_process import StudioProcess

RUNS = "/workspaces/main/runs"


@pytest.fixture
def parent(studio: StudioProcess, experiment: Experiment) -> str:
    """A run with 500 child runs; returns its id."""
    made = studio.api("POST", RUNS, {"experimentName": "many", "start": True})
    for _ in range(5):
        studio.api("POST", f"{RUNS}/{made['runId']}/children", {"children": [{}] * 100})
    return str(made["runId"])


def tagged(studio: StudioProcess, parent: str) -> int:
    asked = f"{RUNS}?filter=parent:{parent}%20tag:sweep=one&limit=500"
    return len(studio.api("GET", asked)["items"])


def test_five_hundred_runs_are_tagged_with_progress_and_put_back(
    page: Page, studio: StudioProcess, parent: str
) -> None:
    page.goto(f"{studio.url}/w/main/runs/?filter=parent:{parent}")
    page.get_by_label("Select all runs of this page").check()
    expect(page.locator(".selection-count")).to_have_text("50 selected")
    page.get_by_role("button", name="Select all that match").click()
    expect(page.locator(".selection-count")).to_have_text("All 500 that match")
    page.locator("[data-do=tag]").click()
    dialog = page.locator("run-selection dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Tag 500 runs?")
    dialog.get_by_label("Tags, one a line").fill("sweep=one\nflag")
    dialog.get_by_role("button", name="Tag 500 runs").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("It is done.")).to_be_visible(timeout=90_000)
    assert tagged(studio, parent) == 500
    page.get_by_role("button", name="Undo").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Put 500 runs back", timeout=90_000)
    expect(page.get_by_text("It is done.")).to_be_visible(timeout=90_000)
    assert tagged(studio, parent) == 0


def test_running_runs_are_canceled_after_a_question(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    ids = [
        studio.api(
            "POST",
            RUNS,
            {"experimentName": "to-cancel", "start": True, "displayName": f"running {n}"},
        )["runId"]
        for n in range(3)
    ]
    page.goto(f"{studio.url}/w/main/runs/?filter=experiment:to-cancel")
    for name in ("running 0", "running 2"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    page.locator("[data-do=cancel]").click()
    dialog = page.locator("run-selection dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Cancel 2 runs?")
    dialog.get_by_role("button", name="Cancel 2 runs").click()
    expect(page.get_by_text("It is done.")).to_be_visible(timeout=90_000)
    statuses = [studio.run(run_id)["status"] for run_id in ids]
    assert statuses == ["Canceled", "Running", "Canceled"]


def test_what_was_deleted_can_be_brought_back_with_the_keyboard_alone(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = studio.api("POST", RUNS, {"experimentName": "to-delete", "start": True})
    studio.api("POST", f"{RUNS}/{run['runId']}/complete", {})
    page.goto(f"{studio.url}/w/main/runs/?filter=experiment:to-delete")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".selection-count")).to_have_text("1 selected")
    button = page.locator("[data-do=delete]")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("run-selection dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Delete 1 run?")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    button.press("Enter")
    dialog.get_by_role("button", name="Delete 1 run").press("Enter")
    expect(page.get_by_text("No run matches")).to_be_visible()
    expect(page.locator(".toast[data-toast]")).to_contain_text("Moved 1 run to the bin.")
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".table-runs a.name")).to_have_count(1)
    expect(page.locator(".toast[data-toast]")).to_contain_text("Put 1 run back.")
