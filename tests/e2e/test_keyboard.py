"""All runs without a mouse: filter, keep as a view, share, tag in bulk, take it back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from studio.sdk import Experiment
from tests.acceptance.studio_process import StudioProcess
from tests.e2e.test_list import expect_rows

_FOCUSED = """() => {
  const element = document.activeElement;
  const named = (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
  const labels = [...named.map((id) => document.getElementById(id)), ...(element.labels ?? [])];
  const said = labels.map((each) => each.textContent).join(" ");
  return (element.getAttribute("aria-label") ?? (said || element.textContent)).trim();
}"""
_MOST_STEPS = 150


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus."""
    for _ in range(_MOST_STEPS):
        page.keyboard.press("Tab")
        if str(page.evaluate(_FOCUSED)).startswith(name):
            return
    raise AssertionError(f"no Tab leads to {name!r}")


def test_filter_view_share_and_bulk_are_walked_by_keys_alone(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    for name, quality in (("keys one", "good"), ("keys two", "good"), ("keys three", "poor")):
        experiment.start_logging(
            snapshot_directory=None, outputs=False, display_name=name, tags={"quality": quality}
        ).complete()
    page.goto(f"{studio.url}/w/main/runs/?view=default")

    # Filter, with the completion that the box offers.
    page.keyboard.press("/")
    page.keyboard.type("keys tag:qual")
    expect(page.get_by_role("option", name="quality")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#query")).to_have_value("keys tag:quality")
    page.keyboard.type("=good")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect_rows(page, "keys two", "keys one")

    # Sort by the head of a column.
    tab_to(page, "Display name")
    page.keyboard.press("Enter")
    expect_rows(page, "keys one", "keys two")

    # Keep it as a view, and share that.
    tab_to(page, "Save as")
    page.keyboard.press("Enter")
    expect(page.locator("#save-as input[name=name]")).to_be_focused()
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")
    expect(page.locator(".view-name")).to_have_text("By keys")
    tab_to(page, "Share")
    page.keyboard.press("Enter")
    expect(page.locator("#arrange-view")).to_be_visible()
    tab_to(page, "Nobody")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#arrange-view input[value=view]")).to_be_checked()
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    expect(page.locator(".toast[data-toast]")).to_contain_text("Saved.")

    # Select two rows, tag them, and take it back from the toast.
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator(".selection-count")).to_have_text("2 selected")
    page.keyboard.press("t")
    expect(page.locator("run-selection dialog textarea")).to_be_focused()
    page.keyboard.type("walked=yes")
    tab_to(page, "Tag 2 runs")
    page.keyboard.press("Enter")
    expect(page.locator(".toast[data-toast]")).to_contain_text("Tagged 2 runs")
    expect(page.locator(".table-runs .chip").filter(has_text="walked")).to_have_count(2)
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".table-runs .chip").filter(has_text="walked")).to_have_count(0)

    # Open a run, and come back to the same list.
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("keys one")
    page.go_back()
    expect_rows(page, "keys one", "keys two")
