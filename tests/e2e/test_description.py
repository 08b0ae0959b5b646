"""A description in a browser: written in place, with a picture; two writers; versions; for everybody."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from studio.sdk import Experiment, Run
from tests.acceptance.studio_process import StudioProcess

# One grey point.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
DROP = """
([target, data, name]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "image/png" }));
  const at = { bubbles: true, cancelable: true };
  document.querySelector(target).dispatchEvent(new DragEvent("drop", { ...at, dataTransfer: transfer }));
}
"""
FIELD = "#description-text"


@pytest.fixture
def run(experiment: Experiment) -> Run:
    run = experiment.start_logging(snapshot_directory=None, outputs=False, display_name="brave_owl")
    run.description = "one\ntwo\nthree"
    return run


def place(studio: StudioProcess, run: Run, more: str = "") -> str:
    return f"{studio.url}/w/main/runs/{run.id}/{more}"


def write(page: Page, text: str) -> None:
    page.locator("[data-edit-description]").click()
    page.locator(FIELD).fill(text)


def text_of(studio: StudioProcess, run: Run) -> str:
    return str(studio.run(run.id)["description"])


def test_it_is_written_in_place_with_a_table_a_picture_and_a_deep_link(
    page: Page, studio: StudioProcess, run: Run
) -> None:
    page.goto(place(studio, run))
    write(page, "# Why\n\n" + "line\n\n" * 60 + "## At last\n\nend\n\n")
    expect(page.locator(".editor-preview h2")).to_have_text("At last")
    page.locator(FIELD).press("Control+End")
    page.get_by_role("button", name="Table").click()
    page.evaluate(DROP, [FIELD, PNG, "my plot.png"])
    expect(page.locator(FIELD)).to_have_value(
        re.compile(r"!\[my plot\.png\]\(attachments/my%20plot")
    )
    expect(page.locator(".editor-preview table")).to_be_visible()
    page.locator(FIELD).press("Control+Enter")
    card = page.locator("#description")
    expect(card.get_by_role("button", name="Show all")).to_be_visible()
    expect(card.locator("td").first).to_have_text("loss")
    card.get_by_role("button", name="Show all").click()
    picture = card.locator("img")
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    page.goto("about:blank")
    page.goto(place(studio, run, "#h-at-last"))
    expect(card.locator("#h-at-last")).to_be_in_viewport()
    expect(card.get_by_role("button", name="Show less")).to_be_attached()


def test_the_page_goes_on_living_and_leaves_the_writer_alone(
    page: Page, studio: StudioProcess, run: Run
) -> None:
    page.goto(place(studio, run))
    write(page, "what I write")
    run.log("loss", 0.5)
    run.flush()
    run.complete()
    expect(page.locator(".head-name .status")).to_have_text("Completed")
    expect(page.locator(FIELD)).to_have_value("what I write")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#description .markdown")).to_have_text("what I write")


def test_what_is_unfolded_stays_so_when_the_run_changes(
    page: Page, studio: StudioProcess, run: Run
) -> None:
    run.description = "line\n\n" * 60
    page.goto(place(studio, run))
    page.get_by_role("button", name="Show all").click()
    run.complete()
    expect(page.locator(".head-name .status")).to_have_text("Completed")
    expect(page.get_by_role("button", name="Show less")).to_be_visible()


def test_a_description_that_somebody_else_saves_appears(
    page: Page, studio: StudioProcess, run: Run
) -> None:
    page.goto(place(studio, run))
    run.description = "**news**"
    expect(page.locator("#description strong")).to_have_text("news")


def test_unsaved_text_survives_a_reload_and_escape_asks(
    page: Page, studio: StudioProcess, run: Run
) -> None:
    page.goto(place(studio, run))
    write(page, "half a thought")
    page.wait_for_timeout(600)
    page.reload()
    page.locator("[data-edit-description]").click()
    expect(page.get_by_text("What you had not saved is here again.")).to_be_visible()
    expect(page.locator(FIELD)).to_have_value("half a thought")
    page.locator(FIELD).press("Escape")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Keep writing").click()
    expect(page.locator(FIELD)).to_have_value("half a thought")
    page.locator(FIELD).press("Escape")
    page.get_by_role("button", name="Discard it").click()
    expect(page.locator(FIELD)).to_have_count(0)
    expect(page.locator("#description")).to_contain_text("three")
    page.locator("[data-edit-description]").click()
    expect(page.locator(FIELD)).to_have_value("one\ntwo\nthree")
    page.locator(FIELD).press("Escape")
    expect(page.locator(FIELD)).to_have_count(0)


def test_typing_completes_runs_and_tab_leaves(page: Page, studio: StudioProcess, run: Run) -> None:
    page.goto(place(studio, run, "description/"))
    field = page.locator(FIELD)
    field.fill("")
    field.press_sequentially("See #brave_o")
    expect(page.get_by_role("option").first).to_contain_text("brave_owl")
    field.press("Enter")
    expect(field).to_have_value(re.compile(r"^See \[brave_owl\]\(/w/main/runs/[^)]+/\) $"))
    field.press("Control+z")
    expect(field).to_have_value("See #brave_o")
    field.fill("- one")
    field.press("End")
    field.press("Enter")
    expect(field).to_have_value("- one\n- ")
    field.press("Enter")
    expect(field).to_have_value("- one\n")
    field.press("Tab")
    expect(field).not_to_be_focused()


def test_two_writers_lose_nothing(
    page: Page, examined_page: Page, studio: StudioProcess, run: Run
) -> None:
    # The first try is a 409, which a browser writes to its console: nobody listens to this one's.
    mine, theirs = examined_page, page
    for writer, words in ((mine, "as I say"), (theirs, "as they say")):
        writer.goto(place(studio, run))
        write(writer, f"one\ntwo, {words}\nthree")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.locator("#description .markdown")).to_contain_text("as they say")
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_role("heading", level=1)).to_contain_text("saved this description meanwhile")
    expect(mine.locator(FIELD)).to_have_value("one\ntwo, as they say\ntwo, as I say\nthree")
    assert text_of(studio, run) == "one\ntwo, as they say\nthree"
    mine.locator(FIELD).fill("one\ntwo, as we say\nthree")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.locator("#description")).to_contain_text("two, as we say")
    expect(theirs.locator("#description")).to_contain_text("two, as we say")


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_wide_scrolls_inside_itself(
    page: Page, studio: StudioProcess, run: Run, width: int
) -> None:
    row = "|" + " wide cell |" * 30
    run.description = f"```\n{'code ' * 80}\n```\n\n{row}\n{'|---' * 30}|\n{row}\n\n{'x' * 300}"
    page.set_viewport_size({"width": width, "height": 900})
    for more in ("", "description/", "description/history/"):
        page.goto(place(studio, run, more))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), more
        cards = page.locator(".card").evaluate_all(
            "cards => cards.map(card => card.getBoundingClientRect().right <= innerWidth)"
        )
        assert all(cards), more
    page.goto(place(studio, run))
    edge = "card => card.getBoundingClientRect().right"
    column = page.locator(".column").first.evaluate(edge)
    assert page.locator("#description").evaluate(edge) <= column + 1


def test_history_compares_and_restores(page: Page, studio: StudioProcess, run: Run) -> None:
    run.description = "one\n2\nthree"
    page.goto(place(studio, run))
    page.locator("#description").get_by_role("link", name="History").click()
    expect(page.locator(".difference-gone")).to_contain_text("two")
    expect(page.locator(".difference-new")).to_contain_text("2")
    page.locator(".past-list a").nth(1).click()
    page.get_by_role("button", name="Restore this version").click()
    expect(page.get_by_text("The description is what it was then.")).to_be_visible()
    assert text_of(studio, run) == "one\ntwo\nthree"


def test_a_studio_that_is_away_costs_no_text(
    examined_page: Page, studio: StudioProcess, run: Run
) -> None:
    page = examined_page
    page.goto(place(studio, run, "description/"))
    page.locator(FIELD).fill("kept")
    page.route("**/description/", lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    expect(
        page.get_by_text("The studio does not answer. What you wrote stays here")
    ).to_be_visible()
    page.unroute("**/description/")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(place(studio, run))
    assert text_of(studio, run) == "kept"


def test_everybody_can_use_the_pages(examined_page: Page, studio: StudioProcess, run: Run) -> None:
    page = examined_page
    run.description = "# Why\n\n- [x] done\n\n|a|b|\n|-|-|\n|c|d|\n\n```python\nx = 1\n```\n"
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        for more in ("", "description/", "description/history/"):
            page.goto(place(studio, run, more))
            if more == "description/":
                expect(page.locator(".editor-preview h1")).to_be_visible()
            assert Axe().run(page).response["violations"] == [], (scheme, more)


def test_it_can_be_written_without_script(
    chromium: Browser,
    signed_in: BrowserContext,
    studio: StudioProcess,
    run: Run,
    tmp_path: Path,
) -> None:
    cookies = signed_in.storage_state()
    context = chromium.new_context(java_script_enabled=False, storage_state=cookies)
    page = context.new_page()
    page.goto(place(studio, run, "description/"))
    page.locator(FIELD).fill("*plain*")
    picture = tmp_path / "a.png"
    picture.write_bytes(base64.b64decode(PNG))
    page.set_input_files('input[type="file"]', str(picture))
    page.locator('button[value="attach"]').click()
    expect(page.locator(FIELD)).to_have_value("*plain*\n\n![a.png](attachments/a.png)\n")
    page.locator('button[value="preview"]').click()
    expect(page.locator(".editor-preview em")).to_have_text("plain")
    page.locator('button[value="save"]').click()
    expect(page.locator("#description em")).to_have_text("plain")
    context.close()
