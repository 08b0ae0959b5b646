"""The tab of child runs in a browser: the list in the page of a run, live, with what it can do."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from studio.sdk import Experiment, Run
from tests.acceptance.studio_process import StudioProcess


@pytest.fixture
def parent(studio: StudioProcess, experiment: Experiment) -> Run:
    """A run with 60 children that have a loss and a tag, one of which has a child."""
    run = experiment.start_logging(snapshot_directory=None, outputs=False, display_name="sweep")
    others = [{"tags": {"rate": str(n)}} for n in range(57)]
    studio.api("POST", f"/workspaces/main/runs/{run.id}/children", {"children": others})
    children = run.create_children(tag_key="rate", tag_values=["57", "58", "59"])
    for number, child in enumerate(children):
        child.log("loss", 1 / (number + 1))
        child.flush()
    children[-1].child_run(name="deep")
    return run


def tab(studio: StudioProcess, run: Run, more: str = "") -> str:
    return f"{studio.url}/w/main/runs/{run.id}/children/{more}"


def test_children_are_filtered_opened_and_tagged_on_their_parents_page(
    page: Page, studio: StudioProcess, experiment: Experiment, parent: Run
) -> None:
    beside = experiment.start_logging(snapshot_directory=None, outputs=False, tags={"rate": "7"})
    page.goto(f"{studio.url}/w/main/runs/{parent.id}/")
    page.get_by_role("link", name="Child runs 60").click()
    rows = page.locator(".table-runs tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="After").click()
    expect(rows).to_have_count(10)
    box = page.get_by_label("Search and filter runs")
    box.fill("tag:rate=7 OR tag:rate=8")
    box.press("Enter")
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile(rf"/runs/{parent.id}/children/\?"))
    expect(page.get_by_role("heading", level=1)).to_have_text("sweep")
    page.get_by_label("Select all runs of this page").check()
    page.get_by_role("button", name="Select all that match").click()
    expect(page.locator(".selection-count")).to_have_text("All 2 that match")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("Tags, one a line").fill("seen")
    page.get_by_role("button", name="Tag 2 runs").click()
    expect(page).to_have_url(re.compile(rf"/runs/{parent.id}/children/\?filter="))
    expect(rows.first.locator(".chips")).to_contain_text("seen")
    assert "seen" not in beside.get_tags()
    rows.first.locator("a.name").click()
    expect(page).to_have_url(re.compile(r"/w/main/runs/[^/]+/$"))


def test_what_is_below_a_child_opens_in_place_and_the_tab_is_live(
    page: Page, studio: StudioProcess, parent: Run
) -> None:
    page.goto(tab(studio, parent, "?filter=tag:rate=59"))
    page.locator(".twig").click()
    deep = page.locator('tr[data-level="1"] a.name')
    expect(deep).to_have_text("deep")
    parent.display_name = "renamed"
    expect(page.get_by_role("heading", level=1)).to_have_text("renamed")
    parent.child_run(name="late").tag("rate", "59")
    expect(page.locator(".table-runs a.name", has_text="late")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("link", name="Child runs 61")).to_be_visible()
    expect(deep).to_have_text("deep")
    deep.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("deep")


def test_a_chart_and_a_column_of_the_children_stay_on_the_tab(
    page: Page, studio: StudioProcess, parent: Run
) -> None:
    page.goto(tab(studio, parent))
    page.get_by_role("button", name="Add chart").click()
    page.get_by_label("bar").check()
    page.get_by_label("Metric", exact=True).fill("loss")
    page.locator("#chart-dialog [data-apply]").click()
    expect(page).to_have_url(re.compile(rf"/runs/{parent.id}/children/\?.*charts="))
    expect(page.locator("run-chart canvas").first).to_be_visible()
    page.get_by_role("button", name="Columns", exact=True).click()
    page.locator("#column-new").fill("metric:loss")
    page.locator("#column-new").press("Enter")
    page.locator("#columns-dialog [data-apply]").click()
    expect(page.get_by_role("columnheader", name="loss")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/runs/{parent.id}/children/\?"))


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_no_child_stands_in_the_way_of_anybody(
    examined_page: Page,
    studio: StudioProcess,
    parent: Run,
    theme: Literal["light", "dark"],
    width: int,
) -> None:
    page = examined_page
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    childless = str(next(iter(parent.get_children())).id)
    places = [
        tab(studio, parent),
        tab(studio, parent, "?group=status&filter=tag:rate"),
        tab(studio, parent, "?filter=tag:nowhere"),
        tab(studio, parent, "?filter=(status"),
        f"{studio.url}/w/main/runs/{childless}/children/",
    ]
    for place in places:
        page.goto(place)
        page.evaluate("delete document.documentElement.dataset.theme")
        found = Axe().run(page).response["violations"]
        told = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found]
        assert told == [], place
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{place} scrolls sideways at {width}"
