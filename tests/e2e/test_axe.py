"""Every tab of a run, its dialogs, its editors and the pages beside it, dark and light, full and empty."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from studio.sdk import Experiment, Run, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess
from tests.e2e.printing import TARGET

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
TEXT = "# Why\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n- [x] done\n\n> said\n\n```python\nx = 'a'  # why\n```\n"
TABS = (
    *(
        "",
        "metrics/",
        "images/",
        "code/",
        "code/?file=train.py",
        "children/",
        "history/",
        "nowhere/",
    ),
    *("logs/", "logs/?file=outputs/t.csv", "logs/?file=outputs/d.json", "logs/?file=outputs/n.md"),
    *("logs/?file=none", "description/", "description/history/", "images/?steps=none~1"),
)
DIALOGS = ("name", "tags", "cancel", "again", "fail", "shelf", "delete")
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A block of a run keeps its logs in the folder it stands in."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("axe")
    files = {"train.py": "print('a')  # why\n", "t.csv": "a,b\n1,2\n", "d.json": '{"a": [1, null]}'}
    for name, text in {**files, "n.md": TEXT}.items():
        (folder / name).write_text(text)
    (folder / "p.png").write_bytes(PICTURE)
    return folder


@pytest.fixture
def full(experiment: Experiment, folder: Path) -> Run:
    """A run that failed with all that a page can show."""
    with experiment.start_logging(
        snapshot_directory=str(folder), outputs=False, description=TEXT, tags={"a": "b", "c": None}
    ) as run:
        print("WARNING: a line\n\x1b[31mred\x1b[0m")
        for step in range(4):
            run.log("loss", 1 / (step + 1), step=step)
        run.log_table("sizes", {"layer": ["a", "b"], "size": [64, 32]})
        run.log_image("picture", path=str(folder / "p.png"))
        run.log_parameters({"lr": 0.1})
        run.add_properties({"author": "somebody"})
        for name in ("t.csv", "d.json", "n.md"):
            run.upload_file(f"outputs/{name}", str(folder / name))
        run.child_run(name="child", outputs=False).complete()
    run.description = f"{TEXT}\nmore"
    run.fail("wrong labels")
    return run


@pytest.fixture
def empty(experiment: Experiment) -> Run:
    return experiment.start_logging(snapshot_directory=None, outputs=False)


def examine(page: Page, where: str) -> None:
    page.evaluate("delete document.documentElement.dataset.theme")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == [], where


def test_axe_finds_nothing_on_any_tab_full_or_empty(
    examined_page: Page, studio: StudioProcess, full: Run, empty: Run
) -> None:
    page = examined_page
    for run in (full, empty):
        for tab in TABS:
            page.goto(f"{studio.url}/w/main/runs/{run.id}/{tab}")
            examine_both(page, f"{tab} of {run.id}")
    empty.complete()


def examine_both(page: Page, where: str) -> None:
    """Examine what is open now, light and dark."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        examine(page, f"{where}, {scheme}")


def test_axe_finds_nothing_in_the_menu_and_the_dialogs_of_a_run(
    examined_page: Page, studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "short.py").write_text("print('done')\n")
    run = experiment.submit(ScriptRunConfig(source, script="short.py", compute_target=TARGET))
    page = examined_page
    page.goto(f"{studio.url}/w/main/runs/{run.id}/")
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.locator("#run-menu")).to_be_visible()
    examine_both(page, "the menu")
    page.keyboard.press("Escape")
    for name in DIALOGS:
        page.evaluate("name => document.getElementById(`${name}-dialog`).showModal()", name)
        expect(page.locator(f"#{name}-dialog")).to_be_visible()
        examine_both(page, name)
        page.keyboard.press("Escape")
        expect(page.locator(f"#{name}-dialog")).to_be_hidden()
    studio.wait_for_status(run.id, "Completed")


def test_axe_finds_nothing_where_two_people_describe_one_run(
    examined_page: Page, studio: StudioProcess, empty: Run
) -> None:
    page = examined_page
    empty.description = TEXT
    page.goto(f"{studio.url}/w/main/runs/{empty.id}/description/")
    examine_both(page, "the editor")
    empty.description = "theirs"
    page.locator("#description-text").fill("mine")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("meanwhile"))).to_be_visible()
    examine_both(page, "two descriptions")
    empty.complete()


def test_axe_finds_nothing_where_runs_stand_side_by_side(
    examined_page: Page, studio: StudioProcess, experiment: Experiment, full: Run
) -> None:
    page, place = examined_page, f"{studio.url}/w/main"
    others = [experiment.start_logging(snapshot_directory=None, outputs=False) for _ in range(19)]
    for n, run in enumerate(others):
        run.log_parameters({"lr": 0.1 * n})
        run.complete()
    ids = [full.id, *(run.id for run in others)]
    page.goto(f"{place}/compare/?runs={','.join(ids)}")
    examine_both(page, "compare 20")
    two = f"?runs={ids[0]},{ids[1]}"
    for address in (f"compare/logs/{two}", f"runs/{ids[0]}/code/?with={ids[1]}", f"compare/{two}"):
        page.goto(f"{place}/{address}")
        examine_both(page, address)
    page.get_by_placeholder("Compare with …").fill("e")
    expect(page.locator("#compare-choices li").first).to_be_visible()
    examine_both(page, "compare with")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save as").click()
    page.locator("#save-as").get_by_label("Name").fill("Examined")
    examine_both(page, "save as")
    page.locator("#save-as").get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Share …").click()
    expect(page.locator("#arrange-view")).to_be_visible()
    examine_both(page, "share")
