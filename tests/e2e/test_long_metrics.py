"""A metric of a million values in a browser: what is zoomed to is what was logged."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from studio.sdk import Run
from tests.acceptance.studio_process import TOKEN, StudioProcess
from tests.e2e.test_metrics import card, expect_drawn, picture, start, tab

LONG, AT_ONCE = 1_000_000, 20_000
RUN = "e2e-long"


def peak(n: int) -> float:
    """Return a value that no other place has; one of them stands out."""
    return 9.87654321 if n == 777_777 else math.sin(n / 9_000) + n / 7e9


@pytest.fixture(scope="module")
def long(studio: StudioProcess) -> Iterator[Run]:
    """A run with a metric of a million values."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        run = start("long")
        for begin in range(0, LONG, AT_ONCE):
            run.log_list("long", [peak(n) for n in range(begin, begin + AT_ONCE)])
        run.flush()
        run.complete()
        yield run


def test_a_value_that_is_zoomed_to_is_the_one_that_was_logged(
    page: Page, studio: StudioProcess, long: Run
) -> None:
    page.goto(tab(studio, run=RUN, query="?metrics=long"))
    chart = card(page, "long")
    expect_drawn(chart)
    expect(picture(chart)).to_have_attribute(
        "aria-label", re.compile("1,000,000 points.*most 9.87654")
    )
    page.goto(tab(studio, run=RUN, query="?metrics=long&from=777770&to=777784"))
    expect(picture(chart)).to_have_attribute(
        "aria-label", re.compile("a part of the range.* 15 points")
    )
    picture(chart).focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    expect(page.locator("[data-said]")).to_have_text("long, step 777,777: 9.87654")
    chart.get_by_role("button", name="Show as a table").click()
    chart.get_by_role("button", name="Last").click()
    row = chart.locator(".chart-table tbody tr").last
    expect(row.locator("td").nth(0)).to_have_text(str(LONG - 1))
    expect(row.locator("td").nth(2)).to_have_text(repr(peak(LONG - 1)))
