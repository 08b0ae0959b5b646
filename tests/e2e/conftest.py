"""A real studio and a real browser. Any error in the console, above all of the policy, is a failure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess

CHROMIUM = "/usr/bin/chromium"
IS_REQUIRED = os.environ.get("STUDIO_REQUIRE_E2E") == "1"

try:
    from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
except ImportError:
    if IS_REQUIRED:
        raise
    collect_ignore_glob = ["test_*.py"]
else:
    # A wait ends as soon as it is true: a long one costs nothing, and forgives a busy machine.
    expect.set_options(timeout=20_000)


def _missing() -> str:
    if "collect_ignore_glob" in globals():
        return "the extra [e2e] is not installed"
    return "" if Path(CHROMIUM).exists() else f"{CHROMIUM} is not there"


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    if _missing():
        assert not IS_REQUIRED, _missing()
        pytest.skip(_missing())
    process = StudioProcess(tmp_path_factory.mktemp("e2e") / "var")
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def chromium(studio: StudioProcess) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def sign_in(page: Page, link: str) -> None:
    """Come in by a link, and set no password now."""
    page.goto(link)
    page.get_by_role("link", name="Not now").click()


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, studio: StudioProcess) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, studio.sign_in_link())
    expect(page).to_have_url(f"{studio.url}/w/main/runs/")
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    page = signed_in.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    # Of the page of a conflict the browser says that it failed to load; that is how it is told.
    assert [each for each in complaints if "409 (Conflict)" not in each] == []


@pytest.fixture
def examined_page(signed_in: BrowserContext) -> Iterator[Page]:
    """A page for the examiner, whose own styles the policy refuses: nobody listens to its console."""
    page = signed_in.new_page()
    yield page
    page.close()


@pytest.fixture
def experiment(
    studio: StudioProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Experiment:
    monkeypatch.setenv("STUDIO_URL", studio.url)
    monkeypatch.setenv("STUDIO_TOKEN", TOKEN)
    monkeypatch.setenv("STUDIO_CONFIG_DIR", str(tmp_path / "config"))
    return Experiment(Workspace.get("main"), "browser")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder
