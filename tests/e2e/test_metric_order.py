"""The charts of the Metrics tab put in another order, sized and removed, and remembered so."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from studio.sdk import Run
from tests.acceptance.studio_process import TOKEN, StudioProcess
from tests.e2e.test_metrics import card, expect_drawn, picture, start, tab


@pytest.fixture(scope="module")
def board(studio: StudioProcess) -> Iterator[Run]:
    """A run with three metrics."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        run = start("order")
        for n in range(60):
            run.log("train/loss", 2 / (n + 1), step=n)
            run.log("train/accuracy", 1 - 1 / (n + 1), step=n)
        run.log("best", 0.97)
        run.flush()
        run.complete()
        yield run


def test_charts_are_put_in_order_sized_and_removed_by_mouse_and_keys(
    page: Page, studio: StudioProcess, board: Run
) -> None:
    def order() -> list[str]:
        return list(map(str, page.locator("article.chart .chart-title").all_inner_texts()))

    page.goto(tab(studio, "?metrics=train/loss,train/accuracy,best", run="e2e-order"))
    first = card(page, "train/loss")
    expect_drawn(first)
    back = first.get_by_role("button", name="Move before the chart before it")
    expect(back).to_be_hidden()
    on = first.get_by_role("button", name="Move behind the next chart")
    on.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_have_text("train/loss: chart 2 of 3")
    expect(on).to_be_focused()
    page.keyboard.press("Enter")
    # At the end only the way back is left.
    expect(back).to_be_focused()
    assert order() == ["train/accuracy", "best", "train/loss"]
    expect(page).to_have_url(re.compile(r"metrics=train/accuracy,best,train/loss$"))
    # A chart that was moved goes one point at a press, as before.
    expect_drawn(first)
    picture(first).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-said]")).to_have_text("train/loss, step 1: 1")
    head = first.locator(".chart-title")
    with page.expect_response(re.compile("metrics-arrangement")):
        head.drag_to(card(page, "train/accuracy").locator(".chart-title"))
    assert order() == ["train/loss", "train/accuracy", "best"]
    with page.expect_response(re.compile("metrics-arrangement")):
        first.get_by_role("button", name="Higher").click()
    expect(page).to_have_url(re.compile("tall=train/loss"))
    card(page, "best").get_by_role("button", name="Remove the chart").click()
    expect(page.locator("article.chart")).to_have_count(2)
    page.reload()
    assert order() == ["train/loss", "train/accuracy"]
    expect(first).to_have_class(re.compile("is-tall"))
    expect(first.get_by_role("button", name="Higher")).to_have_attribute("aria-pressed", "true")
