"""A run with a thousand metrics: only the charts that somebody sees ask for anything."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Request, expect

from studio.sdk import Experiment
from tests.acceptance.studio_process import StudioProcess

COUNT = 1_000


def test_a_thousand_metrics_are_at_hand_and_only_what_is_seen_is_drawn(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False, run_id="e2e-many")
    for step in range(3):
        for n in range(COUNT):
            run.log(f"layer {n % 40:02}/norm {n:04}", step * n / 7, step=step)
    run.flush()
    run.complete()
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/metrics/points/" in request.url:
            asked.append(request.url)

    page.on("request", note)
    page.goto(f"{studio.url}/w/main/runs/e2e-many/metrics/")
    first = page.locator("article.chart").first
    expect(page.locator("article.chart")).to_have_count(COUNT)
    drawn = first.locator(".chart-picture")
    expect(drawn).to_have_attribute("aria-label", re.compile("3 points"))
    expect(page.get_by_text(f"{COUNT:,} of {COUNT:,}")).to_be_visible()
    assert 0 < len(asked) < 20
    page.get_by_label("Find a metric").fill("norm 0999")
    expect(page.locator(".board-list li:visible")).to_have_count(1)
    page.get_by_role("button", name="None").click()
    page.get_by_role("checkbox", name="layer 39/norm 0999").check()
    picture = page.locator("article.chart .chart-picture")
    expect(picture).to_have_attribute("aria-label", re.compile("3 points from 0 to 285.429"))
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_label("Together by prefix").check()
    expect(page.locator("article.chart")).to_have_count(40)
    expect(first.locator(".chart-title")).to_have_text("layer 00/… (25 metrics)")
    expect(drawn).to_have_attribute("aria-label", re.compile("25 metrics|norm 0040"))
