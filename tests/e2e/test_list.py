"""All runs in a browser: filter, choose columns, sort, keep it as a view, hand it on."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from studio.sdk import Experiment, Workspace
from tests.acceptance.studio_process import ROOT, TOKEN, StudioProcess
from tests.e2e.conftest import sign_in

ADD_PERSON = """
from runs.actions import accounts, workspaces
from runs.models import Workspace
from studio.contract.words import Role
user = accounts.create_user("{name}", name="{name}")
workspaces.add_member(Workspace.objects.get(name="main"), user, Role("{role}"))
print(accounts.sign_in_link(user))
"""


@pytest.fixture(scope="module")
def runs(studio: StudioProcess) -> Iterator[None]:
    """Four runs that differ in everything that can be filtered by."""
    tagged: list[tuple[str, dict[str, str | None]]] = [
        ("plain", {}),
        ("good one", {"quality": "fantastic run", "list": "yes"}),
        ("poor one", {"quality": "poor", "list": "yes"}),
        ("flagged", {"worth another look": None, "list": "yes"}),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_URL", studio.url)
        patch.setenv("STUDIO_TOKEN", TOKEN)
        workspace = Workspace.get("main")
        for number, (name, tags) in enumerate(tagged):
            experiment = Experiment(workspace, "list-b" if number % 2 else "list-a")
            run = experiment.start_logging(
                snapshot_directory=None, outputs=False, display_name=name, tags=tags
            )
            run.log("accuracy", number / 10)
            run.log("accuracy", number / 20)
            run.description = f"About a walrus, part {number}"
            run.fail("for the test") if name == "poor one" else run.complete()
        yield


def rows(page: Page) -> list[str]:
    return list(map(str, page.locator(".table-runs a.name").all_inner_texts()))


def query(page: Page) -> str:
    return str(page.locator("#query").input_value())


def expect_rows(page: Page, *names: str) -> None:
    expect(page.locator(".table-runs a.name")).to_have_text(list(names))


def test_filters_come_from_the_menu_from_a_tag_from_a_count_and_from_cells(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(f"{studio.url}/w/main/runs/?filter=experiment:list-*")
    expect_rows(page, "flagged", "poor one", "good one", "plain")
    page.get_by_role("button", name="Add filter").click()
    page.locator("#filter-menu").get_by_role("button", name=re.compile("^tag")).click()
    page.get_by_role("option", name=re.compile("^quality")).click()
    page.keyboard.type("=fan")
    page.get_by_role("option", name=re.compile("^fantastic run")).click()
    page.keyboard.press("Enter")
    expect_rows(page, "good one")
    assert query(page) == 'experiment:list-* tag:quality="fantastic run"'
    page.get_by_role("link", name='Leave out tag:quality="fantastic run"').click()
    expect_rows(page, "flagged", "poor one", "good one", "plain")

    page.locator("a.chip", has_text="worth another look").click()
    expect_rows(page, "flagged")
    page.go_back()
    expect_rows(page, "flagged", "poor one", "good one", "plain")
    page.locator("a.chip", has_text="worth another look").click(modifiers=["Alt"])
    expect_rows(page, "poor one", "good one", "plain")
    page.go_back()
    expect_rows(page, "flagged", "poor one", "good one", "plain")

    page.locator(".counts").get_by_role("link", name=re.compile("Failed")).click()
    expect_rows(page, "poor one")
    page.locator(".counts").get_by_role("link", name=re.compile("Completed")).click()
    expect_rows(page, "flagged", "poor one", "good one", "plain")
    page.locator(".counts").get_by_role("link", name=re.compile("Failed")).click()
    expect_rows(page, "flagged", "good one", "plain")

    page.goto(f"{studio.url}/w/main/runs/?filter=tag:list")
    page.get_by_role("row").filter(has_text="good one").get_by_role("link", name="list-b").click()
    expect_rows(page, "flagged", "good one")


def test_words_are_found_in_descriptions_submitters_and_statuses(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    for text, found in {
        "walrus list-b": ["flagged", "good one"],
        '"part 2"': ["poor one"],
        "walrus failed": ["poor one"],
        "walrus submitter:me": ["flagged", "poor one", "good one", "plain"],
    }.items():
        page.goto(f"{studio.url}/w/main/runs/?view=default")
        page.keyboard.press("/")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect_rows(page, *found)


def test_a_wrong_query_is_told_in_place_and_the_rows_stay(
    page: Page, studio: StudioProcess, runs: None
) -> None:
    page.goto(f"{studio.url}/w/main/runs/?filter=tag:list")
    page.locator("#query").fill("tag:list status:nope")
    page.keyboard.press("Enter")
    expect(page.locator("#query-problem")).to_contain_text('There is no status "nope"')
    expect_rows(page, "flagged", "poor one", "good one")


def test_columns_sort_and_a_view_survive_a_reload_and_are_handed_on(
    page: Page,
    examined_page: Page,
    studio: StudioProcess,
    runs: None,
    chromium: Browser,
) -> None:
    page.goto(f"{studio.url}/w/main/runs/?filter=experiment:list-*")
    page.get_by_role("button", name="Columns").click()
    dialog = page.locator("#columns-dialog")
    for column in ("tag:quality", "metric:accuracy.max", "description"):
        dialog.get_by_label("Add a column").fill(column)
        page.keyboard.press("Enter")
    for column in ("Tags", "Duration", "Compute target"):
        dialog.get_by_role("button", name=f"Leave out {column}").click()
    dialog.get_by_role("button", name="Apply").click()
    heads = page.locator(".table-runs th[data-column]")
    expect(heads).to_have_text(
        ["Display name", "Status", "Experiment", "Submitted by", "Created", "quality",
         "max accuracy", "Description"]
    )  # fmt: skip
    heads.get_by_role("link", name="max accuracy").click()
    expect_rows(page, "flagged", "poor one", "good one", "plain")
    heads.get_by_role("link", name="max accuracy").click()
    expect_rows(page, "plain", "good one", "poor one", "flagged")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("max accuracy")

    page.get_by_role("button", name="Save as").click()
    page.get_by_label("Name").first.fill("By accuracy")
    page.locator("#save-as").get_by_role("button", name="Save").click()
    expect(page.locator(".view-name")).to_have_text("By accuracy")
    address = page.url
    page.goto(address)
    expect_rows(page, "plain", "good one", "poor one", "flagged")
    expect(heads).to_have_count(8)
    page.get_by_role("button", name="Share").click()
    page.get_by_label("and contributors can save it").check()
    link = page.locator(".view-link code").inner_text()
    page.locator("#arrange-view").get_by_role("button", name="Save").click()

    late = examined_page
    for role, may_save, seen in (
        ("contributor", True, ["plain", "good one", "poor one", "flagged"]),
        ("reader", False, ["good one"]),
    ):
        other = chromium.new_context().new_page()
        sign_in(other, person(studio, f"{role}-of-list", role))
        other.goto(link)
        expect_rows(other, *seen)
        expect(other.locator(".table-runs th[data-column]")).to_have_count(8)
        other.locator(".only", has_text="list-b" if may_save else "Completed").first.click()
        expect(other.get_by_text(re.compile("^Changed"))).to_be_visible()
        save = other.locator(".view-bar").get_by_role("button", name="Save", exact=True)
        expect(save).to_have_count(int(may_save))
        if may_save:
            other.locator(".only", has_text="fantastic run").first.click()
            late.goto(link)
            late.locator(".counts").get_by_role("link", name=re.compile("Failed")).click()
            expect_rows(late, "poor one")
            save.click()
            expect(other.get_by_text("Saved.")).to_be_visible()
        other.context.close()

    late.locator(".view-bar").get_by_role("button", name="Save", exact=True).click()
    expect(late.get_by_role("heading", level=1)).to_have_text(
        "Somebody saved By accuracy meanwhile"
    )
    expect(late.locator("tr.is-different")).to_have_count(1)
    late.get_by_role("link", name="Keep theirs").click()
    expect_rows(late, "good one")


def person(studio: StudioProcess, name: str, role: str) -> str:
    """Add somebody to the workspace; returns a link that signs them in."""
    return f"{studio.url}/sign-in/{shell(studio, ADD_PERSON.format(name=name, role=role))}/"


def shell(studio: StudioProcess, code: str) -> str:
    """Do something in the studio's own Python; returns the last line that it printed."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("STUDIO_")},
        "STUDIO_DATA_DIR": str(studio.data_dir),
        "DJANGO_SETTINGS_MODULE": "studio.settings",
    }
    told = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c",
         code],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return told.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_nothing_serious_is_found_by_the_examiner(
    examined_page: Page,
    studio: StudioProcess,
    runs: None,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    page = examined_page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{studio.url}/w/main/runs/?filter=tag:list&group=experiment")
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"]) for v in serious] == []
    page.get_by_role("button", name="Columns").click()
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"]) for v in serious] == []


def test_new_runs_wait_for_whoever_reads_further_down(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    made = studio.api("POST", "/workspaces/main/runs", {"experimentName": "scroll", "start": True})
    children = f"/workspaces/main/runs/{made['runId']}/children"
    studio.api("POST", children, {"children": [{}] * 60})
    page.goto(f"{studio.url}/w/main/runs/?filter=parent:{made['runId']}")
    frame = page.locator(".grid-frame")
    frame.evaluate("frame => { frame.scrollTop = 600; }")
    first = page.locator(".table-runs tbody tr").first.get_attribute("id")
    studio.api("POST", children, {"children": [{}, {}]})
    pill = page.locator("#new-rows")
    expect(pill).to_have_text("2 new runs")
    assert page.locator(".table-runs tbody tr").first.get_attribute("id") == first
    pill.click()
    expect(pill).to_be_hidden()
    expect(page.locator(".table-runs tbody tr").first).not_to_have_id(str(first))


def test_an_export_has_the_rows_and_columns_that_are_shown(
    page: Page, studio: StudioProcess, experiment: Experiment
) -> None:
    for number, name in enumerate(("exported one", "exported two", "left out")):
        run = experiment.start_logging(
            snapshot_directory=None, outputs=False, display_name=name, tags={"of": "exports"}
        )
        run.log("score", number / 2)
        run.complete()
    page.goto(
        f"{studio.url}/w/main/runs/?filter=tag:of=exports name:exported*"
        "&columns=name,status,metric:score&sort=metric:score"
    )
    expect_rows(page, "exported one", "exported two")
    page.get_by_role("button", name="Export all that match").click()
    with page.expect_download() as caught:
        page.get_by_role("link", name="CSV").click()
    head, *rows = csv.reader(Path(caught.value.path()).read_text(encoding="utf-8-sig").splitlines())
    shown = page.locator(".table-runs tbody tr")
    assert len(rows) == shown.count() == 2
    for row, drawn in zip(rows, shown.all(), strict=True):
        told = dict(zip(head, row, strict=True))
        assert told["id"] == drawn.locator(".id").inner_text()
        values = [str(cell.inner_text()).split("\n")[0] for cell in drawn.locator("td").all()]
        assert [told["name"], told["status"]] == values[1:3]
        assert float(told["metric:score"]) == float(values[3])
