"""Custom views in a browser, between two people: saved, shared, changed at once, deleted and back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess
from tests.e2e.conftest import sign_in
from tests.e2e.test_list import expect_rows, person

SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def runs(studio: StudioProcess) -> Iterator[str]:
    """Three runs that have ended, two of them good; returns the address of their list."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        experiment = Experiment(Workspace.get("main"), "of-views")
        for name, quality in (("first", "good"), ("second", "good"), ("third", "poor")):
            run = experiment.start_logging(
                snapshot_directory=None, outputs=False, display_name=name, tags={"quality": quality}
            )
            run.complete()
        yield f"{studio.url}/w/main/runs/?filter=experiment:of-views"


@pytest.fixture
def other(chromium: Browser, studio: StudioProcess, request: pytest.FixtureRequest) -> Page:
    """The page of a contributor, signed in."""
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    sign_in(page, person(studio, f"c-{request.node.name[5:25]}", "contributor"))
    return page


def keep(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Save as").click()
    page.locator("#save-as").get_by_label("Name").fill(name)
    page.locator("#save-as").get_by_role("button", name="Save").click()
    expect(page.locator(".view-name")).to_have_text(name)


def share(page: Page, choice: str) -> str:
    page.get_by_role("button", name="Share").click()
    page.get_by_label(choice).first.check()
    link = str(page.locator(".view-link code").inner_text())
    page.locator("#arrange-view").get_by_role("button", name="Save").click()
    expect(page.locator(".toast[data-toast]")).to_contain_text("Saved.")
    return link


def test_two_people_who_save_at_once_see_both_and_lose_nothing(
    page: Page, other: Page, runs: str
) -> None:
    keep(page, runs, "Of two")
    link = share(page, "contributors can save it")
    other.goto(link)
    expect_rows(other, "third", "second", "first")
    other.get_by_role("link", name="Display name").click()
    expect(other.get_by_text("Changed: sort", exact=True)).to_be_visible()
    page.locator("#query").fill("experiment:of-views tag:quality=good")
    page.keyboard.press("Enter")
    expect_rows(page, "second", "first")
    expect(page.get_by_text("Changed: filter", exact=True)).to_be_visible()
    page.locator(".view-bar").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".view-changed")).to_be_hidden()
    other.locator(".view-bar").get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Somebody saved Of two meanwhile")
    different = other.locator("tr.is-different")
    expect(different).to_have_count(1)
    expect(different).to_contain_text("newest first")
    expect(other.locator("tr").filter(has_text="tag:quality=good")).to_have_count(1)
    other.get_by_role("button", name="Save mine over it").click()
    expect_rows(other, "first", "second")

    page.goto(link)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("link", name="Saves").click()
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_role("row").last.get_by_role("button", name="Bring back").click()
    expect_rows(page, "third", "second", "first")
    expect(page.locator(".toast[data-toast]")).to_contain_text("Version 1 is the newest one again.")


def test_changes_are_named_and_discarded(page: Page, runs: str) -> None:
    keep(page, runs, "To discard")
    page.get_by_role("link", name="Dense rows").click()
    expect(page.get_by_role("link", name="Roomy rows")).to_be_visible()
    page.get_by_role("switch", name="Child runs").click()
    expect(page.get_by_text("Changed: density, child runs", exact=True)).to_be_visible()
    page.get_by_role("link", name="Discard").click()
    expect(page.locator(".view-changed")).to_be_hidden()
    expect(page.get_by_role("switch", name="Child runs")).to_have_attribute("aria-checked", "false")


def test_a_member_who_is_named_sees_it_and_nobody_else(
    page: Page, other: Page, chromium: Browser, studio: StudioProcess, runs: str
) -> None:
    keep(page, runs, "By name")
    stranger = chromium.new_context().new_page()
    sign_in(stranger, person(studio, "reader-of-views", "reader"))
    name = str(other.locator(".bar-user").inner_text()).strip()
    page.get_by_role("button", name="Share").click()
    dialog = page.locator("#arrange-view")
    dialog.get_by_label("User name").fill(name)
    dialog.get_by_label("What this member may do").select_option("edit")
    dialog.get_by_role("button", name="Another one").click()
    expect(dialog.get_by_label("User name")).to_have_count(2)
    link = dialog.locator(".view-link code").inner_text()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".toast[data-toast]")).to_contain_text("Saved.")
    other.goto(link)
    expect_rows(other, "third", "second", "first")
    other.get_by_role("link", name="Dense rows").click()
    save = other.locator(".view-bar").get_by_role("button", name="Save", exact=True)
    expect(save).to_be_visible()
    answer = stranger.goto(link)
    assert answer is not None
    assert answer.status == 404
    stranger.goto(f"{studio.url}/w/main/runs/?view=default")
    stranger.get_by_role("button", name=re.compile("^View")).click()
    expect(stranger.get_by_role("link", name="By name")).to_have_count(0)


def test_a_deleted_view_comes_back_by_the_toast_and_from_the_page_of_views(
    page: Page, examined_page: Page, studio: StudioProcess, runs: str
) -> None:
    def delete() -> None:
        page.get_by_role("button", name="Share").click()
        page.locator("#arrange-view").get_by_role("button", name="Delete").click()
        expect(page.locator(".view-name")).to_have_text("Default")

    keep(page, runs, "Deleted twice")
    delete()
    toast = page.locator(".toast[data-toast]")
    expect(toast).to_contain_text("The view Deleted twice is deleted.")
    page.keyboard.press("u")
    page.keyboard.press("Enter")
    expect(page.locator(".view-name")).to_have_text("Deleted twice")
    expect(toast).to_contain_text("is back")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)
    delete()
    page.get_by_role("button", name=re.compile("^View")).click()
    page.get_by_role("link", name="All views").click()
    row = page.get_by_role("row").filter(has_text="Deleted twice")
    examined_page.goto(page.url)
    found = Axe().run(examined_page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in SERIOUS] == []
    row.get_by_role("button", name="Bring back").click()
    expect(page.locator(".view-name")).to_have_text("Deleted twice")


def test_a_toast_waits_for_whoever_is_at_it(page: Page, studio: StudioProcess, runs: str) -> None:
    page.clock.install()
    page.goto(runs)
    page.get_by_role("checkbox", name="Select third").check()
    page.locator("[data-do=archive]").click()
    page.clock.run_for(300)
    page.locator("run-selection dialog").get_by_role("button", name="Archive 1 run").click()
    toast = page.locator(".toast[data-toast]")
    expect(toast).to_contain_text("Archived 1 run.")
    # Time goes on by itself as well, while the mouse is on its way.
    page.clock.run_for(15_000)
    toast.hover()
    page.clock.run_for(60_000)
    expect(toast).to_be_visible()
    page.mouse.move(10, 10)
    page.clock.run_for(31_000)
    expect(toast).to_have_count(0)
    page.goto(f"{studio.url}/w/main/tasks/")
    row = page.get_by_role("row").filter(has_text="Archived 1 run").first
    row.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Put 1 run back.")
    page.goto(runs)
    expect_rows(page, "third", "second", "first")


def test_the_selected_runs_are_downloaded_and_the_page_stays(page: Page, runs: str) -> None:
    page.goto(runs)
    for _ in range(2):
        page.get_by_role("checkbox", name="Select first").check()
        page.locator("run-selection").get_by_role("button", name="Export").click()
        with page.expect_download() as caught:
            page.locator("#selected-menu").get_by_role("button", name="CSV").click()
        text = caught.value.path().read_text()
        assert len(text.splitlines()) == 2
        assert ",first," in text
    expect(page.locator(".selection-count")).to_have_text("1 selected")
