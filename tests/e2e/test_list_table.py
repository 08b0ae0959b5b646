"""The table of All runs in a browser: pins, widths, groups, trees, keys; what is open stays open."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.studio_process import StudioProcess

RUNS = "/workspaces/main/runs"


def make(studio: StudioProcess, experiment: str, name: str, **fields: Any) -> str:
    body = {"experimentName": experiment, "displayName": name, "start": True, **fields}
    return str(studio.api("POST", RUNS, body)["runId"])


@pytest.fixture(scope="module")
def family(studio: StudioProcess) -> str:
    """A run with 60 children, one of which has a child; and two runs beside it."""
    top = make(studio, "table-a", "top", tags={"table": None, "kind": "x"})
    studio.api("POST", f"{RUNS}/{top}/children", {"children": [{}] * 59})
    child = make(studio, "table-a", "child", parentRunId=top)
    make(studio, "table-a", "grandchild", parentRunId=child)
    make(studio, "table-b", "beside", tags={"table": None, "kind": "x"})
    make(studio, "table-b", "last", tags={"table": None, "kind": "y"})
    return top


def table(studio: StudioProcess, more: str = "") -> str:
    return f"{studio.url}/w/main/runs/?view=default&filter=tag:table{more}"


def names(page: Page) -> Any:
    return page.locator(".table-runs a.name")


def left(page: Page, head: str) -> float:
    box = page.locator(".table-runs td", has_text=head).first.bounding_box()
    assert box is not None
    return float(box["x"])


def test_children_open_by_key_stay_open_and_can_be_selected(
    page: Page, studio: StudioProcess, family: str
) -> None:
    page.goto(table(studio))
    expect(names(page)).to_have_text(["last", "beside", "top"])
    names(page).last.focus()
    page.keyboard.press("ArrowRight")
    rows = page.locator('tr[data-level="1"]')
    expect(rows).to_have_count(51)
    twig = page.locator(f'tr:has(a[href="{family}/"]) .twig')
    expect(twig).to_have_attribute("aria-expanded", "true")
    expect(twig).to_have_attribute("title", "60 child runs: 60 Running")
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(60)
    names(page).nth(3).focus()
    page.keyboard.press("o")
    expect(page.locator('tr[data-level="2"] a.name')).to_have_text("grandchild")
    page.keyboard.press("x")
    expect(page.locator(".selection-count")).to_have_text("1 selected")

    make(studio, "table-b", "newest", tags={"table": None})
    expect(names(page).first).to_have_text("newest")
    expect(rows).to_have_count(60)
    expect(page.locator('tr[data-level="2"]')).to_have_count(1)
    expect(page.locator("tr:has(input[data-select]:checked) a.name")).to_have_text("child")

    page.keyboard.press("ArrowRight")
    expect(page.locator('tr[data-level="2"] a.name')).to_be_focused()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(rows).to_have_count(0)
    expect(twig).to_have_attribute("aria-expanded", "false")


def test_a_group_is_closed_in_place_and_stays_so_after_a_reload(
    page: Page, studio: StudioProcess, family: str
) -> None:
    page.goto(table(studio, "&group=experiment"))
    heads = page.locator(".group-head")
    expect(heads.first).to_contain_text("table-a")
    expect(heads.first).to_contain_text("1 run")
    page.locator("tr", has_text="last").locator("input").check()
    heads.last.click()
    expect(heads.last).to_have_attribute("aria-expanded", "false")
    expect(names(page)).to_have_text(["top"])
    expect(page.locator(".selection-count")).to_have_text("1 selected")
    assert "closed=table-b" in page.url
    expect(page.get_by_text("Changed", exact=False).first).to_be_visible()
    page.reload()
    expect(names(page)).to_have_text(["top"])
    # What leads on from here keeps it.
    differ = page.get_by_role("switch", name="Only columns that differ")
    differ.click()
    expect(differ).to_be_checked()
    expect(names(page)).to_have_text(["top"])
    heads.last.click()
    expect(page.locator(".table-runs a.name", has_text="last")).to_be_visible()


def test_columns_that_are_alike_are_hidden_and_come_back_by_a_click(
    page: Page, studio: StudioProcess, family: str
) -> None:
    page.goto(table(studio, "&columns=name,status,compute,tag:kind,submitter"))
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Only columns that differ among").check()
    page.locator("#columns-dialog").get_by_role("button", name="Apply").click()
    heads = page.locator(".table-runs th[data-column]")
    expect(heads).to_have_text(["Display name", "Status", "kind"])
    page.get_by_text("2 columns hidden: all the same").click()
    expect(heads).to_have_count(5)


def test_a_pinned_column_stays_while_the_rest_goes_by(
    page: Page, studio: StudioProcess, family: str
) -> None:
    page.set_viewport_size({"width": 900, "height": 700})
    wide = ",".join(f"tag:a-rather-long-key-{n}" for n in range(9))
    page.goto(table(studio, f"&columns=name!200,status,{wide}"))
    page.get_by_role("button", name="Columns").click()
    dialog = page.locator("#columns-dialog")
    pin = dialog.get_by_role("button", name="Pin Display name")
    pin.focus()
    page.keyboard.press("Enter")
    expect(pin).to_have_attribute("aria-pressed", "true")
    dialog.get_by_role("button", name="Apply").click()
    expect(page.locator("th[data-pinned]")).to_have_text("Display name")
    assert "*name" in page.url
    frame = page.locator(".grid-frame")
    at, status = left(page, "beside"), left(page, "Running")
    frame.evaluate("frame => { frame.scrollLeft = 300; }")
    expect(page.locator("#runs.is-aside")).to_be_visible()
    assert left(page, "beside") == at
    assert left(page, "Running") < status - 200
    page.set_viewport_size({"width": 390, "height": 700})
    frame.evaluate("frame => { frame.scrollLeft = 250; }")
    assert left(page, "beside") < 0


def test_a_column_is_resized_by_drag_and_by_key_and_links_keep_it(
    page: Page, studio: StudioProcess, family: str
) -> None:
    page.goto(table(studio, "&columns=*name,experiment,created"))
    head = page.locator('th[data-column="experiment"]')
    box = head.bounding_box()
    assert box is not None
    edge = box["x"] + box["width"] - 3, box["y"] + 10
    page.mouse.move(*edge)
    page.mouse.down()
    page.mouse.move(edge[0] + 60, edge[1])
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"columns=\*name%2Cexperiment%21\d+%2Ccreated"))
    assert "sort=" not in page.url
    width = int(str(head.get_attribute("data-width")))
    assert abs(width - box["width"] - 60) <= 2
    head.get_by_role("link").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(head).to_have_attribute("data-width", str(width - 16))
    expect(page).to_have_url(re.compile(f"experiment%21{width - 16}"))
    page.get_by_role("switch", name="Only mine").click()
    expect(head).to_have_attribute("data-width", str(width - 16))


def test_keys_walk_select_and_compare_and_the_help_tells_them(
    page: Page, studio: StudioProcess, family: str
) -> None:
    page.goto(table(studio))
    page.keyboard.press("j")
    page.keyboard.press("x")
    compare = page.locator("[data-compare]")
    expect(compare).to_have_attribute("aria-disabled", "true")
    expect(compare).to_have_attribute("title", "Select another run to compare it with.")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator(".selection-count")).to_have_text("2 selected")
    page.keyboard.press("?")
    for word in ("open and close child runs", "compare the selected runs", "wider, narrower"):
        expect(page.locator("#keys")).to_contain_text(word)
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator("#selection-title")).to_have_text("Tag 2 runs?")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile(r"/w/main/compare/\?runs=[^,]+,[^,]+$"))
    page.go_back()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_visible()
    assert "/w/main/runs/" in page.url
    assert "?" not in page.url
