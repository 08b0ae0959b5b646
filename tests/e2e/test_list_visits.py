"""Another list is shown without leaving the page: what stays, what the history and the keys do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess


@pytest.fixture(scope="module")
def runs(studio: StudioProcess) -> Iterator[None]:
    """Sixty runs, the newest called ``last``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        experiment = Experiment(Workspace.get("main"), "visits")
        for name in [*(f"visit {number}" for number in range(59)), "last"]:
            tags = {"visits": "odd" if name[-1] in "13579" else "even"}
            experiment.start_logging(
                snapshot_directory=None, outputs=False, display_name=name, tags=tags
            ).complete()
        yield


@pytest.fixture
def listed(page: Page, studio: StudioProcess, runs: None) -> Page:
    """The page of these runs, marked so that a new one would be known."""
    page.goto(f"{studio.url}/w/main/runs/?filter=experiment:visits")
    page.evaluate("window.isSame = true")
    return page


def first(page: Page, name: str) -> None:
    expect(page.locator(".table-runs a.name").first).to_have_text(name)


def filter_by(page: Page, query: str) -> None:
    page.locator("#query").fill(query)
    page.keyboard.press("Enter")


def test_a_filter_keeps_the_page_its_focus_and_what_is_written_on(listed: Page) -> None:
    filter_by(listed, "experiment:visits tag:visits=odd")
    first(listed, "visit 57")
    expect(listed.get_by_role("status").filter(has_text="29 runs of any status")).to_be_attached()
    expect(listed.locator("#query")).to_be_focused()
    # Nothing that is proposed lies above the rows.
    listed.get_by_label("Select all runs of this page").check()
    expect(listed.locator(".selection-count")).to_have_text("29 selected")
    listed.locator("#query").focus()
    listed.keyboard.press("End")
    listed.keyboard.type(" Failed")
    listed.keyboard.press("Enter")
    expect(listed.get_by_role("heading", name="No run matches")).to_be_visible()
    expect(listed.locator("#query")).to_have_value("experiment:visits tag:visits=odd Failed")
    assert listed.evaluate("window.isSame") is True
    listed.reload()
    expect(listed.get_by_role("heading", name="No run matches")).to_be_visible()


def test_back_and_forward_bring_the_lists_and_where_one_stood_in_them(listed: Page) -> None:
    frame = listed.locator(".grid-frame")
    frame.evaluate("frame => { frame.scrollTop = 500; }")
    listed.locator(".pages").get_by_role("link", name="After").click()
    first(listed, "visit 9")
    assert frame.evaluate("frame => frame.scrollTop") == 0
    listed.locator("th[data-column=name] a").click()
    first(listed, "last")
    listed.go_back()
    first(listed, "visit 9")
    listed.go_back()
    first(listed, "last")
    expect(listed.locator("th[data-column=name]")).not_to_have_attribute(
        "aria-sort", re.compile(".")
    )
    assert frame.evaluate("frame => frame.scrollTop") == 500
    listed.go_forward()
    first(listed, "visit 9")
    assert listed.evaluate("window.isSame") is True


def test_what_is_no_list_and_a_new_tab_are_left_to_the_browser(listed: Page) -> None:
    with listed.context.expect_page() as opened:
        listed.locator("th[data-column=name] a").click(modifiers=["Control"])
    first(opened.value, "last")
    opened.value.close()
    first(listed, "last")
    assert "sort" not in listed.url
    listed.locator(".table-runs a.name").first.click()
    expect(listed.get_by_role("heading", level=1)).to_contain_text("last")
    assert listed.evaluate("window.isSame") is None


def test_a_list_that_came_in_place_is_live_and_its_runs_are_selected_and_charted(
    listed: Page, studio: StudioProcess
) -> None:
    filter_by(listed, "experiment:visits tag:visits=even")
    first(listed, "last")
    asked = {"experimentName": "visits", "displayName": "newer", "tags": {"visits": "even"}}
    studio.api("POST", "/workspaces/main/runs", asked)
    expect(listed.locator(".table-runs a.name").first).to_have_text("newer", timeout=20_000)
    listed.locator(".table-runs input[data-select]").first.check()
    expect(listed.locator(".selection-count")).to_have_text("1 selected")
    filter_by(listed, "experiment:visits")
    expect(listed.locator("run-selection")).to_be_hidden()
    listed.get_by_role("button", name="Add chart").click()
    expect(listed.get_by_role("heading", name="Add a chart")).to_be_visible()
    listed.keyboard.press("Escape")
    assert listed.evaluate("window.isSame") is True
