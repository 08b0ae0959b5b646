"""Finding runs by their logs in a browser, from the query box to the line."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from studio.sdk import Experiment, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess, wait_for

TARGET = "studio-local"
SCRIPT = "for n in range(1, 3_001): print('CUDA out of memory' if n == {} else f'step {{n}}')\n"
QUERY = 'log:"cuda OUT of memory"'


def test_a_text_in_a_log_finds_its_run_and_leads_to_the_line(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    runs = {}
    for name, line in (("good", 0), ("poor", 1_777)):
        (source / f"{name}.py").write_text(SCRIPT.format(line))
        config = ScriptRunConfig(source, script=f"{name}.py", compute_target=TARGET)
        runs[name] = experiment.submit(config).id
    for run_id in runs.values():
        studio.wait_for_status(run_id, "Completed")
    asked = "/workspaces/main/runs?filter=log:memory"
    wait_for(
        lambda: studio.api("GET", asked)["items"], seconds=30, what="the worker to read the log"
    )

    page.goto(f"{studio.url}/w/main/runs/?view=default")
    page.locator("#query").fill(QUERY)
    page.keyboard.press("Escape")
    page.locator("#query").press("Enter")
    row = page.locator(".table-runs tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator(".id")).to_have_text(runs["poor"])
    expect(row.locator(".hit-line")).to_have_text("1777 CUDA out of memory")
    expect(row.locator(".hit-line mark")).to_have_text("CUDA out of memory")
    expect(page.locator(".banner-note")).to_contain_text("To search one log whole, open it.")

    page.get_by_role("button", name="Save as").click()
    page.locator("#save-as").get_by_label("Name").fill("Out of memory")
    page.locator("#save-as").get_by_role("button", name="Save").click()
    expect(page.locator(".view-name")).to_have_text("Out of memory")
    page.reload()
    expect(page.locator("#query")).to_have_value(QUERY)
    expect(row.locator(".hit-line")).to_have_text("1777 CUDA out of memory")

    row.locator(".hit-line").click()
    expect(page).to_have_url(re.compile(rf"/runs/{runs['poor']}/logs/\?file=.*&line=1777"))
    expect(page.locator("log-view li.is-marked .log-text")).to_have_text("CUDA out of memory")
    expect(page.locator("log-view li.is-marked .log-no")).to_have_text("1777")
