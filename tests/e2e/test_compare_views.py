"""A comparison kept as a view, in the browsers of two people."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.acceptance.studio_process import StudioProcess
from tests.e2e.test_compare import IDS, go, heads, row, runs
from tests.e2e.test_views import SERIOUS, other, share

__all__ = ["other", "runs"]


def keep(page: Page, name: str) -> None:
    page.get_by_role("button", name="Save as").click()
    page.locator("#save-as").get_by_label("Name").fill(name)
    page.locator("#save-as").get_by_role("button", name="Save").click()
    expect(page.locator(".view-name")).to_have_text(name)


def open_from_the_menu(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile("^View")).click()
    page.locator("#views-menu").get_by_role("link", name=f"{name} compares 3 runs").click()
    expect(page.locator(".view-name")).to_have_text(name)


def status_of(page: Page, address: str) -> int:
    answer = page.goto(address)
    return int(answer.status) if answer is not None else 0


def expect_kept(page: Page) -> None:
    expect(heads(page)).to_have_text(["trial 00", "trial 01", "trial 02"])
    expect(page.locator(".compare-head").nth(1)).to_contain_text("Baseline")
    switch = page.get_by_role("switch", name="Only differences")
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(row(page, "same")).to_have_count(1)
    expect(page.locator(".view-changes")).to_be_hidden()


def test_a_comparison_is_kept_reopened_and_shared(
    page: Page, other: Page, studio: StudioProcess, runs: None
) -> None:
    go(page, studio, 3)
    expect(page.locator(".view-name")).to_have_text("Not saved")
    expect(row(page, "same")).to_have_count(0)
    page.get_by_role("button", name="Make trial 01 the baseline").click()
    expect(page.locator(".compare-head").nth(1)).to_contain_text("Baseline")
    page.get_by_role("switch", name="Only differences").click()
    expect(row(page, "same")).to_have_count(1)
    # What was changed in place is kept, not what the page came with.
    keep(page, "Three of them")
    expect_kept(page)
    page.reload()
    expect_kept(page)
    link = str(page.url)
    assert status_of(other, link) == 404

    page.goto(f"{studio.url}/w/main/runs/?view=default")
    open_from_the_menu(page, "Three of them")
    expect_kept(page)
    shared = share(page, "Everybody in main can look at it")
    other.goto(shared)
    expect_kept(other)
    other.goto(f"{studio.url}/w/main/runs/?view=default")
    open_from_the_menu(other, "Three of them")
    expect_kept(other)
    other.get_by_role("button", name="Make trial 02 the baseline").click()
    expect(other.locator(".view-changed")).to_have_text("Changed: baseline")
    expect(other.locator(".view-why")).to_contain_text("owns this view: save it as your own.")
    share(page, "Nobody")
    assert status_of(other, shared) == 404


def test_changes_of_a_kept_comparison_are_named_saved_and_discarded(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    go(page, studio, 2, "&base=compared-01")
    keep(page, "Two of them")
    find = page.get_by_label("Find in the rows")
    find.fill("loss")
    expect(page.locator(".view-changed")).to_have_text("Changed: search")
    page.locator(".view-bar").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".view-changes")).to_be_hidden()
    expect(find).to_have_value("loss")
    find.fill("")
    expect(page.locator(".view-changed")).to_have_text("Changed: search")
    page.get_by_role("link", name="Discard").click()
    expect(find).to_have_value("loss")
    expect(page.locator(".view-changes")).to_be_hidden()
    # Another run comes to those of the view, of which the address says nothing.
    page.get_by_label("Compare with").fill("trial 05")
    page.locator(f"[data-add={IDS[5]}]").click()
    expect(heads(page)).to_have_text(["trial 00", "trial 01", "trial 05"])
    expect(page.locator(".view-changed")).to_have_text("Changed: runs")
    expect(find).to_have_value("loss")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_examiner_finds_nothing_serious_about_the_bar(
    examined_page: Page, studio: StudioProcess, runs: None, scheme: Literal["light", "dark"]
) -> None:
    page = examined_page
    page.emulate_media(color_scheme=scheme)
    go(page, studio, 3)
    keep(page, f"Seen {scheme}")
    page.get_by_role("button", name="Make trial 01 the baseline").click()
    expect(page.locator(".view-changed")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in SERIOUS] == []
