"""The files of a run in a browser: found, opened, unpacked, and in nobody's way."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from studio.sdk import Experiment
from tests.acceptance.studio_process import StudioProcess
from tests.e2e.printing import print_to

FILES = {
    "outputs/config.json": json.dumps({"lr": 0.1, "layers": [{"size": 3}]}).encode(),
    "outputs/report.md": b"# A report\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    "outputs/scores.csv": b"step,loss\n" + b"1,0.5\n" * 40,
    "outputs/notebook.ipynb": json.dumps(
        {"cells": [{"cell_type": "code", "source": "1 + 1", "outputs": [{"text": "2"}]}]}
    ).encode(),
    "outputs/plain.txt": b"plain\n",
    "outputs/model.bin": b"\0\1",
    "outputs/tone.wav": b"RIFF\0\0\0\0WAVE",
}
PDF = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R
/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >> endobj
4 0 obj << /Length 41 >> stream
BT /F1 36 Tf 20 100 Td (A page) Tj ET
endstream endobj
trailer << /Root 1 0 R >>
%%EOF
"""
COLOURS = b"".join(
    b"line \x1b[%dmfore\x1b[0m \x1b[%dmback\x1b[0m\n" % (n, n + 10)
    for n in (*range(30, 38), *range(90, 98))
)


def test_files_are_found_opened_and_unpacked(
    page: Page, studio: StudioProcess, experiment: Experiment, tmp_path: Path
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    for name, data in FILES.items():
        run.upload_file(name, io.BytesIO(data))
    run.complete()
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/")
    page.get_by_label("Find a file").fill("conf")
    tree = page.get_by_role("navigation", name="Files")
    expect(tree.get_by_text("report.md")).to_be_hidden()
    tree.get_by_text("config.json").click()
    expect(page.locator(".json-key").first).to_be_visible()
    page.get_by_label("Find a file").fill("")
    tree.get_by_text("report.md").click()
    expect(page.get_by_role("heading", name="A report")).to_be_visible()
    opened = page.get_by_role("navigation", name="Open files")
    opened.get_by_role("link", name="config.json", exact=True).click()
    expect(page.locator(".json-key").first).to_be_visible()
    opened.get_by_role("link", name="Close outputs/config.json").click()
    expect(page.get_by_role("heading", name="A report")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="All", exact=True).click()
    download.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


def wait_for_the_viewer_of_the_browser(page: Page) -> None:
    """Wait until it is there: an extension of the browser, in a frame of its own."""
    for _ in range(300):
        if any(each.url.startswith("chrome-extension://") for each in page.frames):
            return
        # New frames are heard of only while the browser is listened to.
        page.wait_for_timeout(200)
    raise AssertionError("the viewer of the browser did not come")


def test_a_pdf_is_shown_by_the_viewer_of_the_browser(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    run.upload_file("outputs/paper.pdf", io.BytesIO(PDF))
    run.complete()
    page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/?file=outputs/paper.pdf")
    frame = page.locator("iframe.viewer-document")
    expect(frame).to_be_visible()
    wait_for_the_viewer_of_the_browser(page)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open it in a new tab").click()
    expect(opened.value).to_have_url(re.compile(r"/files/outputs/paper\.pdf\?show$"))
    opened.value.close()


def test_a_page_that_calls_itself_a_pdf_does_not_run(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    evil = (
        b"%PDF-1.4\n<html><script>top.document.title = 'taken'; document.title = 'taken'</script>"
    )
    run.upload_file("outputs/evil.pdf", io.BytesIO(evil))
    run.complete()
    address = f"{studio.url}/w/main/runs/{run.id}"
    page.goto(f"{address}/logs/?file=outputs/evil.pdf")
    expect(page.locator("iframe.viewer-document")).to_be_visible()
    wait_for_the_viewer_of_the_browser(page)
    assert all("taken" not in str(each.title()) for each in page.frames[:2])


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_no_file_stands_in_the_way_of_anybody(
    examined_page: Page,
    studio: StudioProcess,
    experiment: Experiment,
    theme: Literal["light", "dark"],
    width: int,
) -> None:
    page = examined_page
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    for name, data in FILES.items():
        run.upload_file(name, io.BytesIO(data))
    print_to(run, COLOURS)
    run.complete()
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    names = ["user_logs/std_log.txt&line=2-3", *FILES, "gone.txt"]
    for name in names:
        page.goto(f"{studio.url}/w/main/runs/{run.id}/logs/?file={name}&open=outputs/report.md")
        page.evaluate("delete document.documentElement.dataset.theme")
        if name == names[0]:
            page.get_by_label("Search this log").fill("line")
            page.get_by_text("Only the lines found").click()
            expect(page.get_by_label("Lines found").locator("li").first).to_be_visible()
        found = Axe().run(page).response["violations"]
        told = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found]
        assert told == [], name
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{name} scrolls sideways at {width}"
