"""Charts that are read by keys: each kind is walked, and says the numbers that were logged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from studio.contract.words import MetricKind
from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess
from tests.e2e.test_metrics import card
from tests.pages.test_metric_kinds import FOUR, GOOD

CHARTS: list[dict[str, object]] = [
    {"kind": "line", "metric": "loss"},
    {"kind": "bar", "metric": "accuracy"},
    {"kind": "scatter", "x": "metric:accuracy", "y": "metric:loss"},
    {"kind": "parallel", "columns": ["tag:rate", "metric:loss", "metric:accuracy"]},
]
SAID: list[tuple[str, dict[str, str]]] = [
    (
        "up and down to another run",
        {
            "ArrowRight": "walk 3, step 0: 3",
            "ArrowRight ArrowRight": "walk 3, step 6: 0.428571",
            "ArrowLeft": "walk 3, step 3: 0.75",
            "ArrowDown": "walk 2, step 2: 0.666667",
            "Shift+ArrowRight": "walk 2, step 22: 0.0869565",
            "ArrowUp": "walk 3, step 21: 0.136364",
            "End": "walk 3, step 33: 0.0882353",
        },
    ),
    (
        "Arrow keys go along the runs",
        {"ArrowRight": "walk 3, accuracy: 0.1", "End": "walk 1, accuracy: 0.3"},
    ),
    (
        "from left to right",
        {
            "ArrowRight": "walk 3, accuracy: 0.1, loss: 0.0882353",
            "End ArrowLeft": "walk 2, accuracy: 0.2, loss: 0.0869565",
        },
    ),
    (
        "go along the axes",
        {
            "ArrowRight": "walk 3, rate: nothing",
            "End ArrowLeft": "walk 3, loss: 0.0882353",
            "ArrowDown": "walk 2, loss: 0.0869565",
            "Home": "walk 2, rate: 0.2",
        },
    ),
]
# Classes that differ, so that one cannot pass for the other.
TABLES = [FOUR, [[6, 2, 2, 0], [3, 1, 3, 3], [0, 0, 4, 6]]]
ACCURACY = {**GOOD[MetricKind.ACCURACY_TABLE], "probability_tables": TABLES}
SPECIAL = {**GOOD, MetricKind.ACCURACY_TABLE: ACCURACY}
KINDS: dict[str, dict[str, str]] = {
    "loss": {"ArrowRight": "loss, step 0: 1", "End": "loss, step 11: 0.0833333"},
    "fit": {
        "ArrowRight": "y, x: 1, y: 2.5",
        "End ArrowLeft": "y, x: 2, y: nothing",
        "End": "y, x: 3, y: 6.5",
    },
    "accuracy_table": {
        "ArrowRight": "a, False positive rate: 0, True positive rate: 0",
        "End": "a, False positive rate: 0.25, True positive rate: 0.833333",
        "ArrowDown": "b, False positive rate: 0.25, True positive rate: 0.5",
    },
    "confusion_matrix": {"ArrowRight": "a, taken for a: 3", "ArrowDown End": "b, taken for b: 4"},
    "residuals": {"End": "Count, Predicted minus true: 0 to 1, Count: 3.5"},
    "predictions": {
        "ArrowRight": "Mean prediction, True value: 0 to 1, Predicted: 1 ± 0.1",
        "End": "Mean prediction, True value: 1 to 2, Predicted: 2 ± 0.2",
        "ArrowDown": "Count, True value: 1 to 2, Count: 6",
    },
}
IDS = ["walked-1", "walked-2", "walked-3"]


@pytest.fixture(scope="module")
def runs(studio: StudioProcess) -> Iterator[None]:
    """Three runs with a loss of steps of their own; the first has a metric of each other kind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        experiment = Experiment(Workspace.get("main"), "walked")
        for number, run_id in enumerate(IDS, 1):
            run = experiment.start_logging(
                snapshot_directory=None,
                outputs=False,
                run_id=run_id,
                display_name=f"walk {number}",
                tags={"rate": f"0.{number}"} if number < 3 else {},
            )
            for step in range(0, 12 * number, number):
                run.log("loss", number / (step + 1), step=step)
            run.log("accuracy", (4 - number) / 10)
            if number == 1:
                run.log_table(
                    "fit", {"x": [3, 1, 2], "y": [6.5, 2.5, float("nan")], "z": [7, 8, 9]}
                )
                for kind, data in SPECIAL.items():
                    content = {"schema_type": kind.value, "schema_version": "1.0.0", "data": data}
                    getattr(run, f"log_{kind.value}")(kind.value, content)
            run.complete()
        yield


def walk(page: Page, picture: Locator, said: Locator, steps: dict[str, str]) -> None:
    """Press keys on the picture; after each, what is announced is what the tip says."""
    picture.focus()
    for keys, text in steps.items():
        for key in keys.split():
            page.keyboard.press(key)
        expect(said).to_have_text(text)
        tip = picture.locator(".chart-tip")
        expect(tip).to_be_visible()
        assert ", ".join(tip.inner_text().split("\n")) == text


def expect_left(page: Page, picture: Locator) -> None:
    """Leave the picture: nothing of the cursor stays."""
    page.keyboard.press("Escape")
    expect(picture.locator(".chart-tip")).to_have_count(0)
    expect(page.locator("tr.is-lit")).to_have_count(0)


def test_the_charts_of_the_list_are_walked_by_keys(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    asked = f"filter=experiment:walked&charts={quote(json.dumps(CHARTS))}"
    page.goto(f"{studio.url}/w/main/runs/?{asked}")
    for place, (label, steps) in enumerate(SAID, 1):
        chart = page.locator(f"#chart-{place}")
        chart.scroll_into_view_if_needed()
        expect(chart.locator("canvas").first).to_be_visible()
        picture = chart.locator(".chart-picture")
        expect(picture).to_have_attribute("aria-label", re.compile(label))
        walk(page, picture, chart.locator("[data-said]"), steps)
        expect(page.locator(".table-runs tr.is-lit")).to_contain_text(
            list(steps.values())[-1].split(",")[0]
        )
        expect_left(page, picture)


def test_the_charts_of_a_comparison_are_walked_by_keys(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(
        f"{studio.url}/w/main/compare/?runs={','.join(reversed(IDS))}"
        "&axes=tag:rate,metric:loss,metric:accuracy&x=metric:accuracy&y=metric:loss"
    )
    for title, (label, steps) in {
        "loss over steps": SAID[0],
        "rate, loss, accuracy": SAID[3],
        "loss by accuracy": SAID[2],
    }.items():
        chart = card(page, title)
        chart.scroll_into_view_if_needed()
        expect(chart.locator("canvas").first).to_be_visible()
        picture = chart.locator(".chart-picture")
        expect(picture).to_have_attribute("aria-label", re.compile(label))
        walk(page, picture, chart.locator("[data-said]"), steps)
        expect_left(page, picture)


def test_each_kind_of_metric_is_walked_by_keys(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(f"{studio.url}/w/main/runs/walked-1/metrics/?metrics={','.join(KINDS)}")
    for kind, steps in KINDS.items():
        chart = card(page, kind)
        chart.scroll_into_view_if_needed()
        picture = chart.locator(".chart-picture")
        expect(picture).to_have_attribute("aria-label", re.compile("Arrow keys go along"))
        walk(page, picture, page.locator("[data-said]"), steps)
        expect_left(page, picture)


def test_what_is_chosen_to_be_drawn_is_what_keys_walk(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(f"{studio.url}/w/main/runs/walked-1/metrics/?metrics=accuracy_table,fit")
    said = page.locator("[data-said]")
    accuracy = card(page, "accuracy_table")
    picture = accuracy.locator(".chart-picture")
    # The list of curves has its own arrow keys.
    curve = accuracy.get_by_role("combobox", name="Curve")
    curve.focus()
    page.keyboard.press("ArrowDown")
    expect(picture).to_have_attribute("aria-label", re.compile("Precision over recall"))
    expect(said).to_have_text("")
    walk(page, picture, said, {"ArrowRight": "a, Recall: 0.666667, Precision: 1"})
    accuracy.get_by_role("checkbox", name="a", exact=True).uncheck()
    walk(page, picture, said, {"ArrowRight": "b, Recall: 0.5, Precision: 0.75"})
    fit = card(page, "fit")
    fit.get_by_role("combobox", name="Upwards").select_option("z")
    picture = fit.locator(".chart-picture")
    expect(picture).to_have_attribute("aria-label", re.compile("Drawn are z over x"))
    walk(page, picture, said, {"ArrowRight": "z, x: 1, z: 8", "End": "z, x: 3, z: 7"})
