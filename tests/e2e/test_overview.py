"""The Overview tells in one look what a run is, and hands out its names."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from studio.sdk import Experiment
from tests.acceptance.studio_process import StudioProcess


def test_the_overview_says_what_a_run_is_and_hands_out_its_names(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    parent = experiment.start_logging(
        snapshot_directory=None, outputs=False, display_name="the parent"
    )
    run = parent.child_run("the child")
    run.log("loss", 0.25)
    run.log_parameters({"lr": 0.01})
    run.add_properties({"author": "somebody"})
    run.fail("All went wrong\nin the second line", error_code="Trouble")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{studio.url}/w/main/runs/{run.id}/")

    expect(page.get_by_label("Error")).to_contain_text("Trouble · in the second line")
    expect(page.get_by_label("Error").locator("pre")).to_contain_text("All went wrong")
    expect(page.locator(".timeline")).to_contain_text("Failed")
    for told in ("loss", "0.25", "lr", "0.01", "author", "somebody"):
        expect(page.locator("main")).to_contain_text(told)
    page.get_by_role("button", name="Copy the run id").click()
    assert page.evaluate("navigator.clipboard.readText()") == run.id
    page.get_by_role("button", name="Copy the command").click()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied.strip() == f"studio run show --run {run.id}"
    page.get_by_role("button", name="Share").click()
    assert page.evaluate("navigator.clipboard.readText()") == page.url

    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Raw JSON").click()
    expect(page.locator("main")).to_contain_text(f'"runId": "{run.id}"')
    page.go_back()
    page.get_by_role("link", name="the parent").first.click()
    expect(page).to_have_url(re.compile(parent.id))
    expect(page.get_by_role("heading", level=1)).to_have_text("the parent")
    parent.complete()
