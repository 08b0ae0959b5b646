"""The Overview tells in one look what a run is, and hands out its names."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from studio.sdk import Experiment, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess
from tests.e2e.printing import TARGET


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


def test_a_run_is_archived_and_brought_back(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(
        snapshot_directory=None, outputs=False, display_name="put away one day"
    )
    run.complete()
    page.goto(f"{studio.url}/w/main/runs/{run.id}/")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Archive").click()
    page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    page.goto(f"{studio.url}/w/main/runs/?filter=is:archived")
    page.get_by_role("link", name="put away one day", exact=True).click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Bring back from the archive").click()
    page.get_by_role("dialog").get_by_role("button", name="Bring back").click()
    page.goto(f'{studio.url}/w/main/runs/?filter="put away one day"')
    expect(page.get_by_role("link", name="put away one day", exact=True)).to_be_visible()


def test_all_files_of_a_run_come_as_one_zip(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    run.upload_file("outputs/deep/a.txt", io.BytesIO(b"of a"))
    run.upload_file("b.txt", io.BytesIO(b"of b"))
    run.complete()
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    with page.expect_download() as download:
        page.get_by_title("Download all files as a zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found["outputs/deep/a.txt"] == b"of a"
    assert found["b.txt"] == b"of b"


def test_a_run_that_waits_says_for_what(
    page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "long.py").write_text("import time\ntime.sleep(600)\n")
    config = ScriptRunConfig(source, script="long.py", compute_target=TARGET)
    places = experiment.workspace.compute_targets[TARGET].max_runs
    runs = [experiment.submit(config) for _ in range(places + 1)]
    for taken in runs[:-1]:
        studio.wait_for_status(taken.id, "Running", seconds=60)
    page.goto(f"{studio.url}/w/main/runs/{runs[-1].id}/")
    told = f"It is the next one on {TARGET}; {places} of {places} places are taken."
    expect(page.locator("main")).to_contain_text(told)
    for each in reversed(runs):
        each.cancel()
    for each in runs:
        studio.wait_for_status(each.id, "Canceled", seconds=60)
