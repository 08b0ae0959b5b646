"""The code of a run in a browser: real sources by the SDK, lines to link to, differences, the zip, axe."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from studio.sdk import Experiment, Run, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess

TARGET = "studio-local"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c626001000000ffff03000006000557bfabd40000000049454e44ae426082"
)


@pytest.fixture
def two(studio: StudioProcess, experiment: Experiment, source: Path) -> tuple[Run, Run]:
    """Two submitted runs whose scripts differ in a line, with a package of many files beside them."""
    (source / "train.py").write_text(
        "import os\n\nRATE = 0.1\n\n\ndef train() -> None:\n    print(RATE, os.getpid())\n\n\ntrain()\n"
    )
    (source / "README.md").write_text("# Training\n\nRead *me*.\n")
    (source / "plot.png").write_bytes(PIXEL)
    (source / "weights.bin").write_bytes(b"\0\1")
    for number in range(300):
        folder = source / "package" / f"part{number % 5}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"module{number}.py").write_text(f"VALUE = {number}\n")
    config = ScriptRunConfig(source, script="train.py", compute_target=TARGET)
    before = experiment.submit(config)
    (source / "train.py").write_text(
        (source / "train.py").read_text().replace("RATE = 0.1", "RATE = 0.2")
    )
    (source / "new.py").write_text("x = 1\n")
    (source / "README.md").unlink()
    after = experiment.submit(config)
    for run in (before, after):
        studio.wait_for_status(run.id, "Completed")
    return before, after


def address(studio: StudioProcess, run: Run, more: str = "") -> str:
    return f"{studio.url}/w/main/runs/{run.id}/code/{more}"


def test_a_source_is_read_searched_and_linked_to(
    page: Page, studio: StudioProcess, two: tuple[Run, Run]
) -> None:
    page.goto(f"{studio.url}/w/main/runs/{two[0].id}/")
    page.get_by_role("link", name="Code", exact=True).click()
    viewer = page.get_by_label("File", exact=True)
    expect(viewer.get_by_role("heading")).to_have_text("train.py")
    expect(viewer.locator(".tok-keyword").first).to_have_text("import")
    page.locator("#L3 .log-no").click()
    page.locator("#L6 .log-no").click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile(r"\?file=train\.py&line=3-6$"))
    page.reload()
    expect(page.locator("li.is-marked")).to_have_count(4)
    expect(page.locator("#copy-line")).to_have_attribute("data-copy", page.url)
    page.get_by_label("Find a file").fill("module299")
    tree = page.get_by_role("navigation", name="Files")
    expect(tree.get_by_role("link", name=re.compile(r"module\d"))).to_have_count(1)
    tree.get_by_role("link", name="module299.py").click()
    expect(viewer.get_by_role("heading")).to_have_text("package/part4/module299.py")
    page.goto(address(studio, two[0], "?file=plot.png"))
    shown = viewer.get_by_role("img")
    expect(shown).to_have_attribute("alt", "plot.png")
    assert shown.evaluate("image => image.complete && image.naturalWidth") == 1


def test_differences_are_one_click_away(
    page: Page, studio: StudioProcess, two: tuple[Run, Run]
) -> None:
    page.goto(address(studio, two[1]))
    page.get_by_role("link", name="the run before").click()
    files = page.get_by_role("navigation", name="Files that differ")
    expect(files.locator("summary")).to_have_text(["Changed1", "Added1", "Removed1"])
    expect(page.locator(".diff-removed .diff-text")).to_have_text("RATE = 0.1")
    expect(page.locator(".diff-added .diff-text")).to_have_text("RATE = 0.2")
    files.get_by_role("link", name="README.md").click()
    expect(page.locator(".diff-removed")).to_have_count(4)
    page.get_by_role("link", name="All files").click()
    box = page.get_by_role("combobox", name="Differences from")
    box.fill(two[0].id[:20])
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Enter")
    expect(page).to_have_url(re.compile(f"with={two[0].id}$"))
    expect(files).to_be_visible()


def test_the_whole_source_comes_as_a_zip(
    page: Page, studio: StudioProcess, two: tuple[Run, Run], tmp_path: Path
) -> None:
    page.goto(address(studio, two[1]))
    with page.expect_download() as download:
        page.get_by_role("link", name="Zip").click()
    download.value.save_as(tmp_path / "source.zip")
    with zipfile.ZipFile(tmp_path / "source.zip") as archive:
        assert len(archive.namelist()) == 304
        assert archive.read("new.py") == b"x = 1\n"


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_no_code_stands_in_the_way_of_anybody(
    examined_page: Page,
    studio: StudioProcess,
    experiment: Experiment,
    two: tuple[Run, Run],
    theme: Literal["light", "dark"],
    width: int,
) -> None:
    page = examined_page
    bare = experiment.start_logging(snapshot_directory=None, outputs=False)
    bare.complete()
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    before, after = two
    places = [
        address(studio, after, more)
        for more in (
            "",
            "?file=train.py&line=2-4",
            "?file=weights.bin",
            "?file=gone.py",
            f"?with={before.id}",
            f"?with={after.id}",
            "?with=nobody",
            f"?with={bare.id}",
        )
    ]
    for place in [*places, address(studio, bare), address(studio, before, "?file=README.md")]:
        page.goto(place)
        page.evaluate("delete document.documentElement.dataset.theme")
        found = Axe().run(page).response["violations"]
        told = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found]
        assert told == [], place
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{place} scrolls sideways at {width}"
