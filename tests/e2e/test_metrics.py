"""The Metrics and Images tabs in a browser, over runs that the SDK has logged."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from studio.sdk import Experiment, Run, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess
from tests.e2e.test_charts import COLOURS
from tests.pages.test_metric_kinds import GOOD

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "08d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
WAIT = 20_000


@pytest.fixture(scope="module")
def board(studio: StudioProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run with each kind of metric."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        run = start("board")
        for n in range(60):
            run.log("train/loss", 2 / (n + 1), step=n)
            run.log("train/accuracy", float("nan") if n == 30 else 1 - 1 / (n + 1), step=n)
        run.log("best", 0.97)
        run.log("phase", "warm-up")
        run.log_table("fit", {"x": [1, 2, 3], "y": [2.5, 4.5, 6.5]})
        for kind, data in GOOD.items():
            log = getattr(run, f"log_{kind.value}")
            log(kind.value, {"schema_type": kind.value, "schema_version": "1.0.0", "data": data})
        run.log_residuals("damaged", {"schema_type": "residuals", "data": {"bin_edges": [1]}})
        folder = tmp_path_factory.mktemp("images")
        for n in range(3):
            (folder / f"sample_{n}.png").write_bytes(PNG)
            run.log_image("sample", path=str(folder / f"sample_{n}.png"))
        run.flush()
        run.complete()
        yield run


def start(name: str) -> Run:
    experiment = Experiment(Workspace.get("main"), "boards")
    return experiment.start_logging(
        snapshot_directory=None, outputs=False, run_id=f"e2e-{name}", display_name=name
    )


def tab(
    studio: StudioProcess, query: str = "", run: str = "e2e-board", part: str = "metrics"
) -> str:
    return f"{studio.url}/w/main/runs/{run}/{part}/{query}"


def card(page: Page, title: str) -> Locator:
    heading = page.get_by_role("heading", name=title, exact=True)
    return page.locator("article.chart").filter(has=heading)


def expect_drawn(chart: Locator) -> None:
    canvas = chart.locator("canvas").first
    expect(canvas).to_be_visible(timeout=WAIT)
    for _ in range(100):
        if canvas.evaluate(COLOURS) > 3:
            return
        canvas.page.wait_for_timeout(100)
    pytest.fail("the chart stays empty")


def picture(chart: Locator) -> Locator:
    return chart.locator(".chart-picture")


def test_a_drag_zooms_every_chart_and_the_address_keeps_it(
    page: Page, studio: StudioProcess, board: Run
) -> None:
    page.goto(tab(studio, "?metrics=train/loss,train/accuracy"))
    first, second = card(page, "train/loss"), card(page, "train/accuracy")
    expect_drawn(first)
    expect_drawn(second)
    over = first.locator(".u-over").bounding_box()
    assert over is not None
    page.mouse.move(over["x"] + over["width"] * 0.25, over["y"] + 40)
    page.mouse.down()
    page.mouse.move(over["x"] + over["width"] * 0.5, over["y"] + 40, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=1\d\.\d+&to=29\.\d+"))
    expect(picture(second)).to_have_attribute("aria-label", re.compile("a part of the range"))
    page.reload()
    expect(picture(first)).to_have_attribute("aria-label", re.compile("a part of the range"))
    page.get_by_role("button", name="Whole range").click()
    expect(picture(second)).to_have_attribute("aria-label", re.compile(r"steps\. .* 60 points"))
    assert "from=" not in page.url


def test_a_cursor_is_linked_and_what_is_no_number_is_told(
    page: Page, studio: StudioProcess, board: Run
) -> None:
    page.goto(tab(studio, "?metrics=train/loss,train/accuracy"))
    first, second = card(page, "train/loss"), card(page, "train/accuracy")
    expect_drawn(second)
    expect(second.locator(".chart-odd")).to_have_text(re.compile("1 of 60 values are NaN"))
    expect(first.locator(".chart-figures")).to_have_text("last 0.0333333 · min 0.0333333 · max 2")
    picture(first).focus()
    page.keyboard.press("End")
    expect(page.locator("[data-said]")).to_have_text("train/loss, step 59: 0.0333333")
    expect(second.locator(".chart-now")).to_have_text("0.983333")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("[data-said]")).to_have_text(re.compile("step 49"))


def test_metrics_are_chosen_put_together_smoothed_and_remembered(
    page: Page, studio: StudioProcess, board: Run
) -> None:
    page.goto(tab(studio, "?metrics=train/loss"))
    find = page.get_by_label("Find a metric")
    find.fill("accuracy train")
    expect(page.locator(".board-list li:visible")).to_have_count(1)
    page.get_by_role("checkbox", name="train/accuracy").check()
    expect(page.locator("article.chart")).to_have_count(2)
    find.fill("")
    join = card(page, "train/loss").get_by_label("Put together with")
    join.focus()
    join.select_option("train/accuracy")
    both = card(page, "train/loss, train/accuracy")
    expect_drawn(both)
    expect(both.locator(".chart-legend li")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"metrics=train/loss~train/accuracy$"))
    page.get_by_label("Smoothing").fill("0.8")
    expect(picture(both)).to_have_attribute("aria-label", re.compile("smoothed by 0.8"))
    with page.expect_response(re.compile("metrics-arrangement")) as kept:
        page.get_by_label("Log scale").check()
    assert kept.value.status == 204
    expect(picture(both)).to_have_attribute("aria-label", re.compile("log scale"))
    page.goto(tab(studio))
    expect(picture(both)).to_have_attribute("aria-label", re.compile("smoothed by 0.8, log scale"))
    both.get_by_role("button", name="Take apart").click()
    expect(page.locator("article.chart")).to_have_count(2)
    page.get_by_label("Across").select_option("relative")
    expect(picture(card(page, "train/loss"))).to_have_attribute(
        "aria-label", re.compile("time since the run began")
    )
    with page.expect_response(re.compile("metrics-arrangement")):
        page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator("article.chart")).to_have_count(10)


def test_a_smoothed_line_is_the_same_line_when_it_is_looked_at_closer(
    page: Page, studio: StudioProcess, board: Run
) -> None:
    said = []
    for window, presses in (("", 31), ("&from=29.5&to=40", 1)):
        page.goto(tab(studio, f"?metrics=train/loss&smooth=0.9{window}"))
        chart = card(page, "train/loss")
        expect_drawn(chart)
        picture(chart).focus()
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
        expect(page.locator("[data-said]")).to_contain_text("step 30: ")
        said.append(page.locator("[data-said]").inner_text())
    assert said[0] == said[1]
    assert "(logged 0.06451" in said[0]


def test_a_chart_goes_out_as_csv_and_png(
    page: Page, studio: StudioProcess, board: Run, tmp_path: Path
) -> None:
    page.goto(tab(studio, "?metrics=train/loss"))
    chart = card(page, "train/loss")
    expect_drawn(chart)
    with page.expect_download() as got:
        chart.get_by_role("link", name="Download as CSV").click()
    got.value.save_as(tmp_path / "a.csv")
    rows = list(csv.reader((tmp_path / "a.csv").read_text().splitlines()))
    assert [float(row[3]) for row in rows[1:]] == [2 / (n + 1) for n in range(60)]
    with page.expect_download() as got:
        chart.get_by_role("button", name="Download as PNG").click()
    got.value.save_as(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_every_kind_is_drawn_and_a_damaged_one_told(
    page: Page, studio: StudioProcess, board: Run
) -> None:
    page.goto(tab(studio, "?metrics=best,phase,fit,accuracy_table,residuals,predictions"))
    expect(card(page, "best").locator(".kind-figure")).to_have_text("0.97")
    expect(card(page, "phase").locator(".kind-figure")).to_have_text("warm-up")
    for title in ("fit", "accuracy_table", "residuals", "predictions"):
        card(page, title).scroll_into_view_if_needed()
        expect_drawn(card(page, title))
    fit = card(page, "fit")
    expect(fit.get_by_role("combobox", name="Across")).to_have_value("x")
    accuracy = card(page, "accuracy_table")
    accuracy.get_by_role("combobox", name="Curve").select_option(label="Lift")
    expect(accuracy.locator(".kind-axis")).to_contain_text("Lift over part of the samples")
    page.goto(tab(studio, "?metrics=confusion_matrix,damaged"))
    matrix = card(page, "confusion_matrix")
    expect(matrix.locator(".matrix tbody td").first).to_have_text("3")
    matrix.get_by_role("combobox", name="Numbers").select_option(label="Normalised by row")
    expect(matrix.locator(".matrix tbody td").first).to_have_text("75.0%")
    damaged = card(page, "damaged")
    expect(damaged.locator(".chart-problem")).to_contain_text("list named bin_counts")
    expect(damaged.locator(".kind-raw")).to_contain_text('"bin_edges": [1]')


def test_a_chart_grows_while_the_run_logs_and_keeps_its_zoom(
    page: Page, studio: StudioProcess, board: Run, experiment: Experiment
) -> None:
    run = start("growing")
    page.goto(tab(studio, run="e2e-growing"))
    expect(page.get_by_role("heading", name="No metrics yet")).to_be_visible()
    for n in range(20):
        run.log("pace", float(n), step=n)
    run.flush()
    chart = card(page, "pace")
    expect_drawn(chart)
    canvas = chart.locator("canvas").first.element_handle()
    run.log("pace", 100.5, step=20)
    run.flush()
    label = re.compile("21 points from 0 to 100.5")
    expect(picture(chart)).to_have_attribute("aria-label", label, timeout=WAIT)
    assert canvas is not None
    assert bool(canvas.evaluate("canvas => canvas.isConnected"))
    page.goto(tab(studio, "?from=5&to=10", run="e2e-growing"))
    expect(picture(chart)).to_have_attribute("aria-label", re.compile("6 points"))
    run.log("pace", 7.0, step=21)
    run.log("other", 1.0, step=1)
    run.flush()
    expect(card(page, "other")).to_be_visible(timeout=WAIT)
    expect(picture(chart)).to_have_attribute("aria-label", re.compile("6 points"))
    assert "from=5&to=10" in page.url
    run.complete()


def test_the_overview_leads_to_a_chart(page: Page, studio: StudioProcess, board: Run) -> None:
    page.goto(f"{studio.url}/w/main/runs/e2e-board/")
    page.get_by_role("link", name="train/loss", exact=True).click()
    expect(picture(card(page, "train/loss"))).to_be_focused()


def test_images_turn_by_a_slider_and_stand_side_by_side(
    page: Page, studio: StudioProcess, board: Run
) -> None:
    page.goto(tab(studio, part="images"))
    figure = page.locator("#images-grid .image")
    expect(figure.locator("img")).to_have_attribute("alt", re.compile("sample, step 2, 3 of 3"))
    figure.get_by_label("Step of sample").focus()
    page.keyboard.press("ArrowLeft")
    expect(figure.locator("img")).to_have_attribute("alt", re.compile("sample, step 1, 2 of 3"))
    expect(page).to_have_url(re.compile("steps=sample"))
    figure.get_by_label("Side by side").check()
    expect(page.locator("#images-side img")).to_have_count(1)
    page.reload()
    expect(page.locator("#images-side img")).to_have_attribute("alt", re.compile("2 of 3"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_examiner_finds_nothing_serious_about_the_tabs(
    examined_page: Page, studio: StudioProcess, board: Run, scheme: Literal["light", "dark"]
) -> None:
    page = examined_page
    page.emulate_media(color_scheme=scheme)
    for address in (
        tab(studio, "?metrics=train/loss~train/accuracy,fit,confusion_matrix&tables=fit"),
        tab(studio, "?metrics=accuracy_table,damaged,best"),
        tab(studio, part="images", query="?side=sample"),
    ):
        page.goto(address)
        page.wait_for_timeout(1_500)
        found = Axe().run(page).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert [(v["id"], v["nodes"][0]["html"]) for v in serious] == []
