"""Runs side by side in a browser: differences walked, a baseline chosen, runs added and left out."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess

IDS = [f"compared-{number:02}" for number in range(20)]
CURRENT = ".compare-table tr.is-current .compare-name"
COLOUR = "swatch => getComputedStyle(swatch).backgroundColor"


def square(shade: int) -> bytes:
    """Return a small image."""

    def piece(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    body = zlib.compress((b"\0" + bytes([shade]) * 8) * 8)
    return b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + piece(b"IDAT", body) + piece(b"IEND", b"")


@pytest.fixture(scope="module")
def runs(studio: StudioProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Twenty runs whose rate differs; the first two have source and an image as well."""
    folder = tmp_path_factory.mktemp("compared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        patch.chdir(folder)
        experiment = Experiment(Workspace.get("main"), "compared")
        for number, run_id in enumerate(IDS):
            made(experiment, folder, number, run_id)
        yield


def made(experiment: Experiment, folder: Path, number: int, run_id: str) -> None:
    Path(folder, "source").mkdir(exist_ok=True)
    Path(folder, "source/train.py").write_text(f"import sys\nrate = 0.{number + 1}\nprint(rate)\n")
    Path(folder, "source/same.py").write_text("same = True\n")
    Path("plot.png").write_bytes(square(10 * number))
    run = experiment.start_logging(
        run_id=run_id,
        snapshot_directory=str(folder / "source") if number < 2 else None,
        outputs=False,
        display_name=f"trial {number:02}",
        tags={"rate": f"0.{number + 1}", "same": "x"},
    )
    for step in range(5):
        run.log("loss", (number + 1) / (step + 1), step=step)
    run.log("accuracy", 0.5 + number / 100)
    if number < 2:
        run.log_image("picture", path="plot.png")
    run.complete()


def go(page: Page, studio: StudioProcess, count: int = 2, more: str = "") -> None:
    page.goto(f"{studio.url}/w/main/compare/?runs={','.join(IDS[:count])}{more}")


def row(page: Page, name: str) -> Locator:
    label = page.locator(".compare-name", has_text=re.compile(f"^{re.escape(name)}$"))
    return page.locator(".compare-table tbody tr").filter(has=label)


def heads(page: Page) -> Locator:
    return page.locator(".compare-head a.name")


def test_differences_are_walked_by_keys_and_buttons(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    go(page, studio)
    expect(heads(page)).to_have_text(["trial 00", "trial 01"])
    differing = [
        str(text) for text in page.locator("tr.is-differing .compare-name").all_inner_texts()
    ]
    assert {"Duration", "loss", "accuracy", "rate", "train.py"} <= set(differing)
    assert not {"Experiment", "same", "same.py"} & set(differing)
    page.keyboard.press("n")
    expect(page.locator(CURRENT)).to_have_text(differing[0])
    page.keyboard.press("n")
    expect(page.locator(CURRENT)).to_have_text(differing[1])
    page.keyboard.press("p")
    page.keyboard.press("p")
    expect(page.locator(CURRENT)).to_have_text(differing[-1])
    expect(page.locator(CURRENT)).to_be_in_viewport()
    page.get_by_role("button", name="Next difference").click()
    expect(page.locator(CURRENT)).to_have_text(differing[0])
    page.get_by_label("Find in the rows").focus()
    page.keyboard.type("n")
    expect(page.locator(CURRENT)).to_have_count(0)


def test_only_differences_letters_and_sections_are_in_the_address(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    go(page, studio)
    expect(row(page, "same")).to_have_count(1)
    switch = page.get_by_role("switch", name="Only differences")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(row(page, "same")).to_have_count(0)
    expect(page.locator(".compare-told")).to_contain_text(re.compile(r"\d+ equal rows are hidden"))
    page.get_by_label("Find in the rows").fill("rate")
    expect(row(page, "loss")).to_have_count(0)
    expect(row(page, "rate")).to_have_count(1)
    expect(page.get_by_label("Find in the rows")).to_be_focused()
    page.locator("#section-tags .compare-section button").click()
    expect(row(page, "rate")).to_have_count(0)
    assert "differ=true" in page.url
    assert "find=rate" in page.url
    assert "closed=tags" in page.url
    page.reload()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(page.get_by_label("Find in the rows")).to_have_value("rate")
    expect(row(page, "rate")).to_have_count(0)
    page.go_back()
    expect(row(page, "rate")).to_have_count(1)
    page.get_by_role("link", name="Show all").click()
    expect(row(page, "same")).to_have_count(1)


def test_numbers_are_told_against_the_baseline_and_coloured_by_a_chosen_direction(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    go(page, studio)
    cells = row(page, "accuracy").locator("td")
    expect(cells).to_have_text(["0.5", re.compile(r"≠\s*0\.51 \+0\.01 \(\+2 %\)$")])
    page.get_by_role("button", name="accuracy: no direction is set").click()
    expect(cells.nth(1).locator(".compare-good")).to_contain_text("better")
    page.get_by_role("button", name="accuracy: more is better").click()
    expect(cells.nth(1).locator(".compare-bad")).to_contain_text("worse")
    assert "down=accuracy" in page.url
    page.get_by_role("button", name="Make trial 01 the baseline").click()
    expect(cells).to_have_text([re.compile(r"≠\s*0\.5 -0\.01 \(-1\.96 %\) better"), "0.51"])
    assert f"base={IDS[1]}" in page.url
    page.reload()
    expect(cells.nth(0)).to_contain_text("better")
    page.get_by_role("button", name="Move trial 01 to the left").click()
    expect(heads(page)).to_have_text(["trial 01", "trial 00"])
    expect(page.locator(".compare-head.compare-base")).to_contain_text("trial 01")


def test_runs_are_added_by_a_few_letters_and_left_out(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(f"{studio.url}/w/main/compare/")
    expect(page.get_by_text("No runs to compare yet")).to_be_visible()
    box = page.get_by_role("combobox", name="Compare with")
    box.fill("trial 03")
    expect(page.locator("run-picker [role=option]")).to_have_text([re.compile("^trial 03")])
    page.keyboard.press("Enter")
    expect(heads(page)).to_have_text(["trial 03"])
    expect(page.get_by_text("One run alone")).to_be_visible()
    box.fill("compared-07")
    page.get_by_role("option", name=re.compile("^trial 07")).click()
    expect(heads(page)).to_have_text(["trial 03", "trial 07"])
    box.fill("trial 03")
    expect(page.get_by_text("No run has such a name or id.")).to_be_visible()
    box.fill("compared-09")
    expect(page.locator("run-picker [role=option]")).to_have_count(1)
    page.get_by_role("button", name="Add").click()
    expect(heads(page)).to_have_text(["trial 03", "trial 07", "trial 09"])
    page.get_by_role("button", name="Leave out trial 03").click()
    expect(heads(page)).to_have_text(["trial 07", "trial 09"])
    page.reload()
    expect(heads(page)).to_have_text(["trial 07", "trial 09"])


def test_runs_that_are_selected_in_the_list_are_compared(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(f"{studio.url}/w/main/runs/?filter=experiment:compared&sort=name")
    for name in ("trial 02", "trial 01"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(heads(page)).to_have_text(["trial 01", "trial 02"])
    page.go_back()
    page.get_by_label("Select all runs of this page").check()
    expect(page.locator(".selection-count")).to_have_text("20 selected")
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(heads(page)).to_have_count(20)


def test_twenty_runs_show_what_differs_with_one_colour_each(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    go(page, studio, 20)
    expect(heads(page)).to_have_count(20)
    expect(row(page, "same")).to_have_count(0)
    page.locator("#chart-1").scroll_into_view_if_needed()
    legend = page.locator("#chart-1 .chart-legend a")
    expect(legend).to_have_text([f"trial {number:02}" for number in range(20)])
    in_legend = legend.locator(".chart-swatch").nth(4).evaluate(COLOUR)
    in_head = page.locator(".compare-head .compare-swatch").nth(4).evaluate(COLOUR)
    assert str(in_legend) == str(in_head)
    legend.nth(4).hover()
    expect(page.locator(".compare-head.is-lit a.name")).to_have_text("trial 04")
    page.locator("#chart-1").get_by_role("button", name="Show loss over steps as a table").click()
    expect(page.locator("#chart-1 .chart-table tbody tr")).to_have_count(20)
    frame = page.locator(".compare-frame")
    frame.scroll_into_view_if_needed()
    frame.evaluate("frame => { frame.scrollLeft = 9000; frame.scrollTop = 50; }")
    expect(row(page, "loss").locator("th")).to_be_in_viewport()
    expect(heads(page).nth(19)).to_be_in_viewport()
    expect(heads(page).nth(0)).not_to_be_in_viewport()


def test_images_stand_side_by_side_and_files_are_compared_line_by_line(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    go(page, studio)
    images = page.locator(".compare-images img")
    expect(images).to_have_count(2)
    images.first.scroll_into_view_if_needed()
    expect(images.first).to_have_js_property("naturalWidth", 8)
    row(page, "train.py").get_by_role("link", name="Difference").click()
    expect(page.locator(".diff-removed")).to_contain_text("rate = 0.1")
    expect(page.locator(".diff-added")).to_contain_text("rate = 0.2")
    page.get_by_role("navigation", name="Place").get_by_role("link", name="Compare").click()
    expect(heads(page)).to_have_text(["trial 00", "trial 01"])


def test_axes_of_the_charts_are_chosen_by_a_form(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    go(page, studio, 3)
    part = page.locator("#axes")
    part.scroll_into_view_if_needed()
    expect(part.locator("canvas").first).to_be_visible()
    part.get_by_text("Choose axes").click()
    part.get_by_label("Duration").first.check()
    part.get_by_label("Scatter, across").select_option("duration")
    part.get_by_role("button", name="Draw").click()
    expect(page.locator("#chart-1002 .chart-title")).to_have_text(re.compile("by Duration"))
    chart = page.locator("#chart-1001")
    chart.get_by_role("button", name=re.compile("as a table")).click()
    expect(chart.locator(".chart-table th")).to_contain_text(["Run", "accuracy", "Duration (s)"])
    expect(chart.locator(".chart-table tbody tr")).to_have_count(3)


def test_a_run_that_logs_changes_its_column_without_a_reload(
    page: Page, studio: StudioProcess, runs: None, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False, display_name="lively")
    page.goto(f"{studio.url}/w/main/compare/?runs={IDS[0]},{run.id}")
    page.keyboard.press("n")
    first = str(page.locator(CURRENT).inner_text())
    run.log("accuracy", 0.75)
    run.flush()
    expect(row(page, "accuracy").locator("td").nth(1)).to_contain_text("0.75")
    expect(page.locator(CURRENT)).to_have_text(first)
    swatch = page.locator(".compare-head .compare-swatch").first
    assert str(swatch.evaluate(COLOUR)) != "rgba(0, 0, 0, 0)"
    run.complete()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_examiner_finds_nothing_serious_about_a_comparison(
    examined_page: Page, studio: StudioProcess, runs: None, scheme: Literal["light", "dark"]
) -> None:
    page = examined_page
    page.emulate_media(color_scheme=scheme)
    for place in (
        f"?runs={','.join(IDS[:3])},nowhere&differ=false&up=accuracy&down=loss",
        "",
        f"diff/?runs={IDS[0]},{IDS[1]}&file=train.py",
        f"logs/?runs={IDS[0]},{IDS[1]}",
    ):
        page.goto(f"{studio.url}/w/main/compare/{place}")
        expect(page.locator("h1")).to_be_visible()
        if "up=" in place:
            page.keyboard.press("n")
            page.get_by_label("Compare with: name or id of a run").fill("trial")
            expect(page.locator("run-picker [role=option]").first).to_be_visible()
        found = Axe().run(page).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert [(v["id"], v["nodes"][0]["html"]) for v in serious] == [], place
