"""Charts above the list in a browser: add, draw, point at, arrange, keep in a view."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess

COLOURS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 200) seen.add([data[at] >> 4, data[at + 1] >> 4, data[at + 2] >> 4].join());
  }
  return seen.size;
}"""
FOUR: list[dict[str, object]] = [
    {"kind": "line", "metric": "loss"},
    {"kind": "bar", "metric": "accuracy"},
    {"kind": "scatter", "x": "metric:accuracy", "y": "metric:loss"},
    {"kind": "parallel", "columns": ["tag:rate", "metric:loss", "metric:accuracy"]},
]


@pytest.fixture(scope="module")
def runs(studio: StudioProcess) -> Iterator[None]:
    """Three runs with a loss of forty steps each, and a rate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        experiment = Experiment(Workspace.get("main"), "charted")
        for number in range(1, 4):
            run = experiment.start_logging(
                snapshot_directory=None,
                outputs=False,
                display_name=f"curve {number}",
                tags={"rate": f"0.{number}"},
            )
            for step in range(40):
                run.log("loss", number / (step + 1), step=step)
            run.log("accuracy", number / 10)
            run.complete()
        yield


def address(studio: StudioProcess, charts: list[dict[str, object]]) -> str:
    asked = f"filter=experiment:charted&charts={quote(json.dumps(charts))}"
    return f"{studio.url}/w/main/runs/?{asked}"


def canvas(page: Page, place: int) -> Locator:
    return page.locator(f"#chart-{place} canvas").first


def expect_drawn(page: Page, place: int) -> None:
    """Wait until a chart shows more than one paper and one ink."""
    expect(canvas(page, place)).to_be_visible()
    for _ in range(50):
        if canvas(page, place).evaluate(COLOURS) > 3:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"chart {place} stays empty")


def test_a_chart_is_added_drawn_reloaded_and_kept_in_a_view(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(f"{studio.url}/w/main/runs/?filter=experiment:charted")
    page.get_by_role("button", name="Add chart").click()
    dialog = page.locator("#chart-dialog")
    expect(dialog.get_by_label("Metric", exact=True)).not_to_have_value("")
    dialog.get_by_label("Metric", exact=True).fill("loss")
    dialog.get_by_role("button", name="Add chart").click()
    expect(page.locator(".chart-title")).to_have_text(["loss over steps"])
    expect_drawn(page, 1)
    legend = page.locator("#chart-1 .chart-legend a")
    expect(legend).to_have_text(["curve 3", "curve 2", "curve 1"])
    picture = page.locator("#chart-1 .chart-picture")
    expect(picture).to_have_attribute("aria-label", re.compile("Line chart of loss .* 3 runs"))

    page.reload()
    expect_drawn(page, 1)
    page.get_by_role("button", name="Save as").click()
    page.locator("#save-as").get_by_label("Name").fill("With a chart")
    page.locator("#save-as").get_by_role("button", name="Save").click()
    expect(page.locator(".view-name")).to_have_text("With a chart")
    expect_drawn(page, 1)
    assert "charts" not in page.url
    page.get_by_role("button", name="Remove the chart").click()
    expect(page.locator(".chart")).to_have_count(0)
    expect(page.locator(".view-changed")).to_be_visible()
    page.get_by_role("link", name="Discard").click()
    expect_drawn(page, 1)


def test_every_kind_draws_and_says_the_same_as_a_table(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(address(studio, FOUR))
    for place in range(1, 5):
        page.locator(f"#chart-{place}").scroll_into_view_if_needed()
        expect_drawn(page, place)
    for place, cells in {
        1: ["curve 3", "0.075", "39", "0.075", "3", "40"],
        2: ["curve 3", "0.3"],
        3: ["curve 3", "0.3", "0.075"],
        4: ["curve 3", "0.3", "0.075", "0.3"],
    }.items():
        page.locator(f"#chart-{place}").get_by_role("button", name="Show as a table").click()
        row = page.locator(f"#chart-{place} .chart-table tbody tr").first
        expect(row.locator("td")).to_have_text(cells)
        expect(canvas(page, place)).to_be_hidden()


def test_charts_are_changed_moved_and_resized_and_back_brings_them_back(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(address(studio, FOUR[:2]))
    titles = page.locator(".chart-title")
    page.locator("#chart-1").get_by_role("button", name="Move behind the next chart").click()
    expect(titles).to_have_text(["accuracy", "loss over steps"])
    page.locator("#chart-2 .chart-head").drag_to(page.locator("#chart-1"))
    expect(titles).to_have_text(["loss over steps", "accuracy"])
    half = page.locator("#chart-2").bounding_box()
    page.locator("#chart-2").get_by_role("button", name="The whole width").click()
    expect(page.locator("#chart-2")).to_have_class(re.compile("is-wide"))
    whole = page.locator("#chart-2").bounding_box()
    assert half is not None
    assert whole is not None
    assert whole["width"] > 1.9 * half["width"]
    page.locator("#chart-2").get_by_role("button", name="Higher").click()
    expect(page.locator("#chart-2")).to_have_class(re.compile("is-tall"))

    page.locator("#chart-2").get_by_role("button", name="Edit the chart").click()
    dialog = page.locator("#chart-dialog")
    expect(dialog.get_by_label("Metric", exact=True)).to_have_value("accuracy")
    dialog.get_by_label("Parallel").check()
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog.get_by_role("alert")).to_contain_text("2 to 12 columns")
    for column in ("metric:loss.max", "metric:accuracy"):
        dialog.get_by_label("Add a column").fill(column)
        page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Apply").click()
    expect(titles).to_have_text(["loss over steps", "max loss, accuracy"])
    expect(page.locator("#chart-2")).to_have_class(re.compile("is-wide is-tall"))
    page.go_back()
    expect(titles).to_have_text(["loss over steps", "accuracy"])


def test_a_line_and_its_row_point_at_each_other(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(address(studio, FOUR[:2]))
    expect_drawn(page, 1)
    page.locator("#chart-1 .chart-legend a", has_text="curve 2").hover()
    lit = page.locator(".table-runs tr.is-lit")
    expect(lit).to_contain_text("curve 2")
    page.get_by_role("row").filter(has_text="curve 1").hover()
    expect(lit).to_contain_text("curve 1")
    expect(page.locator("#chart-2 .chart-legend a.is-lit")).to_have_text("curve 1")
    over = page.locator("#chart-1 .u-over").bounding_box()
    assert over is not None
    page.mouse.move(over["x"] + 2, over["y"] + 6)
    expect(page.locator("#chart-1 .chart-tip")).to_contain_text("curve 3")
    expect(page.locator("#chart-1 .chart-tip")).to_contain_text("step 0: 3")
    expect(lit).to_contain_text("curve 3")
    page.locator("h1").hover()
    expect(lit).to_have_count(0)


def test_keys_walk_what_the_mouse_has_drawn_out(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(address(studio, FOUR[:1]))
    expect_drawn(page, 1)
    over = page.locator("#chart-1 .u-over").bounding_box()
    assert over is not None
    middle = over["y"] + over["height"] / 2
    page.mouse.move(over["x"] + over["width"] * 0.3, middle)
    page.mouse.down()
    page.mouse.move(over["x"] + over["width"] * 0.7, middle, steps=4)
    page.mouse.up()
    page.locator("#chart-1 .chart-picture").focus()
    tip, said = page.locator("#chart-1 .chart-tip"), []
    for key in ("Home", "End"):
        page.keyboard.press(key)
        expect(tip).to_contain_text("step ")
        said.append(int(re.findall(r"step (\d+)", tip.inner_text())[0]))
    assert 0 < said[0] < said[1] < 39


def test_a_chart_shows_the_selected_runs_alone(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(address(studio, FOUR[:2]))
    legend = page.locator("#chart-1 .chart-legend a")
    expect(legend).to_have_count(3)
    page.get_by_role("checkbox", name="Select curve 1").check()
    page.get_by_role("checkbox", name="Select curve 3").check()
    expect(legend).to_have_text(["curve 3", "curve 1"])
    expect(page.locator("#chart-1 .chart-picture")).to_have_attribute(
        "aria-label", re.compile("Of these, 2 selected are drawn")
    )
    expect_drawn(page, 1)
    page.get_by_role("checkbox", name="Select curve 1").uncheck()
    page.get_by_role("checkbox", name="Select curve 3").uncheck()
    expect(legend).to_have_count(3)


def test_a_chart_follows_the_filter_and_a_run_that_logs(
    page: Page, studio: StudioProcess, runs: None, experiment: Experiment
) -> None:
    charts = quote(json.dumps([{"kind": "bar", "metric": "pace"}]))
    page.goto(f"{studio.url}/w/main/runs/?filter=name:paced&charts={charts}")
    expect(page.locator("#chart-1 .chart-note")).to_have_text("No listed run has that.")
    run = experiment.start_logging(snapshot_directory=None, outputs=False, display_name="paced")
    run.log("pace", 7)
    run.flush()
    expect(page.locator("#chart-1 .chart-legend a")).to_have_text(["paced"])
    expect_drawn(page, 1)
    run.complete()


def examine(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"]) for v in serious] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_examiner_finds_nothing_serious_about_charts(
    examined_page: Page, studio: StudioProcess, runs: None, scheme: Literal["light", "dark"]
) -> None:
    page = examined_page
    page.emulate_media(color_scheme=scheme)
    page.goto(address(studio, FOUR))
    expect_drawn(page, 1)
    page.locator("#chart-1").get_by_role("button", name="Show as a table").click()
    examine(page)
    page.get_by_role("button", name="Add chart").first.click()
    page.locator("#chart-dialog").get_by_label("Parallel").check()
    examine(page)
