"""The palette and the list of keys in a browser: to a run by a few letters, by keys and by mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess


@pytest.fixture(scope="module")
def runs(studio: StudioProcess) -> Iterator[None]:
    """One run that is found by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        experiment = Experiment(Workspace.get("main"), "palette")
        experiment.start_logging(
            snapshot_directory=None, outputs=False, display_name="flagged walrus"
        ).complete()
        yield


def serious(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page).response["violations"]
    return [
        (str(each["id"]), str(each["nodes"][0]["html"]))
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def test_the_palette_goes_to_a_run_and_the_keys_are_told(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    for way in ("Enter", "click"):
        page.goto(f"{studio.url}/w/main/runs/?view=default")
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="Keys")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        page.keyboard.type("flagged walrus")
        option = page.get_by_role("option", name=re.compile("flagged walrus")).first
        expect(option).to_be_visible()
        option.click() if way == "click" else page.keyboard.press(way)
        expect(page.get_by_role("heading", level=1)).to_contain_text("flagged walrus")


def test_the_palette_opens_a_choice_in_a_new_tab_as_a_link_would(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(f"{studio.url}/w/main/runs/?view=default")
    page.keyboard.press("Control+k")
    page.keyboard.type("flagged walrus")
    option = page.get_by_role("option", name=re.compile("flagged walrus")).first
    with page.context.expect_page() as opened:
        option.click(modifiers=["Control"])
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("flagged walrus")
    opened.value.close()
    expect(option).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_examiner_finds_nothing_serious_about_the_palette_and_the_keys(
    examined_page: Page, studio: StudioProcess, runs: None, scheme: Literal["light", "dark"]
) -> None:
    page = examined_page
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{studio.url}/w/main/runs/?view=default")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    assert serious(page) == []
    page.keyboard.type("flagged walrus")
    expect(page.get_by_role("option").first).to_be_visible()
    assert serious(page) == []
    page.keyboard.type(" and nothing at all")
    expect(page.get_by_text("Nothing has such a name.")).to_be_visible()
    assert serious(page) == []
