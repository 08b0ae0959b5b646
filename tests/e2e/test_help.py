"""The Help in a real browser."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.acceptance.studio_process import StudioProcess

PAGES = ("", "first-run/", "sdk/", "cli/", "differences/")


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1024, "dark"), (390, "dark")])
def test_the_help_is_accessible_and_fits(
    examined_page: Page, studio: StudioProcess, width: int, theme: Literal["light", "dark"]
) -> None:
    page = examined_page
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    for address in PAGES:
        page.goto(f"{studio.url}/help/{address}")
        page.evaluate("delete document.documentElement.dataset.theme")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{address} scrolls sideways at {width}"


def test_one_finds_a_place_of_the_help_and_copies_its_code(
    page: Page, studio: StudioProcess
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{studio.url}/w/main/runs/")
    page.get_by_role("link", name="Help", exact=True).click()
    expect(page).to_have_title("Help · Run Studio")
    page.get_by_role("navigation", name="Help").get_by_role("link", name="Python SDK").click()
    contents = page.get_by_role("navigation", name="On this page")
    contents.get_by_role("link", name="Metrics", exact=True).click()
    expect(page.locator("h2#h-metrics")).to_be_in_viewport()
    page.get_by_role("button", name="Copy the code").first.click()
    expect(page.locator("#toasts")).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == ".venv/bin/pip install run-studio\n"
