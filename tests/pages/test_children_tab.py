"""The tab of child runs: the list of all runs, of the children of one and of no other run."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import runs as run_actions
from runs.models import Run, User
from runs.queries import language
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_list import names
from tests.queries.test_compare import log

LIST = "/w/main/runs/"
TAB = "/w/main/runs/top/children/"
PART: dict[str, Any] = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def family(make_run: MakeRun) -> Run:
    """A run with two children, one of which has a child; and one with a child beside it."""
    top = make_run(run_id="top", display_name="top", start=True)
    make_run(run_id="a", display_name="a", parent_run_id="top", start=True, tags={"kind": "x"})
    make_run(run_id="b", display_name="b", parent_run_id="top", tags={"kind": "y"})
    make_run(run_id="deep", display_name="deep", parent_run_id="a")
    make_run(run_id="other", display_name="other")
    make_run(
        run_id="strange",
        display_name="strange",
        parent_run_id="other",
        start=True,
        tags={"kind": "x"},
    )
    return top


def listed(client: Client, **asked: str) -> list[str]:
    answer = client.get(TAB, asked)
    assert answer.status_code == 200, answer.content
    return names(answer.content.decode())


def test_it_lists_the_children_alone_below_the_head_of_the_run(
    browser: Browser, rita: User, family: Run
) -> None:
    answer = browser(rita).get(TAB)
    html = answer.content.decode()
    assert names(html) == ["b", "a"]
    assert ">top</h1>" in html
    assert re.search(r'aria-current="page">Child runs <span[^>]*>2</span>', html)
    assert 'href="/w/main/runs/a/"' in html
    assert f'<form class="query" method="get" action="{TAB}"' in html
    assert "view-bar" not in html
    assert 'data-from="/w/main/runs/top/head/?tab=children"' in html


def test_the_tab_is_shown_only_of_a_run_that_has_children(
    browser: Browser, alice: User, family: Run
) -> None:
    client = browser(alice)
    assert "/children/" in client.get(f"{LIST}top/").content.decode()
    assert "/children/" not in client.get(f"{LIST}deep/").content.decode()
    empty = client.get(f"{LIST}deep/children/").content.decode()
    assert "No child runs" in empty
    assert "run.create_children()" in empty
    run_actions.edit(Run.objects.get(run_id="deep"), hidden=True, by=Actor.of_user(alice))
    archived = client.get(f"{LIST}a/children/").content.decode()
    assert "All of its child runs are archived" in archived


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("tag:kind=x", ["a"]),
        ("parent:other", []),
        ("parent:other OR tag:kind=x", ["a"]),
        ("parent:top OR tag:kind=x", ["b", "a"]),
        ("-parent:top", []),
        ("parent:top", ["b", "a"]),
        ("is:child", ["b", "a"]),
    ],
)
def test_no_filter_leads_to_runs_of_other_parents(
    browser: Browser, alice: User, family: Run, asked: str, found: list[str]
) -> None:
    assert listed(browser(alice), filter=asked) == found
    assert listed(browser(alice), filter=asked, children="true") == found


def test_every_address_on_it_keeps_to_the_children(
    browser: Browser, alice: User, family: Run
) -> None:
    asked = {"filter": "tag:kind=x OR tag:kind=y", "group": "status", "sort": "name"}
    html = browser(alice).get(TAB, asked).content.decode()
    main = html.split("<main")[1].split('id="run-menu"')[0]
    addresses = re.findall(r'(?:href|value|data-\w+)="([^"]*\?[^"]*)"', main)
    checked = 0
    for address in {each.replace("&amp;", "&") for each in addresses}:
        place, _, query = address.partition("?")
        if place in ("", TAB, "/w/main/export/", "/w/main/chart-data/"):
            tree = language.parse(QueryDict(query)["filter"])
            assert "parent:top" in [node.text() for node in getattr(tree, "nodes", (tree,))]
            checked += 1
    assert checked > 15


def test_the_condition_that_always_holds_is_neither_chip_nor_text(
    browser: Browser, alice: User, family: Run
) -> None:
    answer = browser(alice).get(TAB, {"filter": "parent:top tag:kind=x"})
    assert [chip.text for chip in answer.context["chips"]] == ["tag:kind=x"]
    assert 'value="tag:kind=x" maxlength' in answer.content.decode()
    (chip,) = answer.context["chips"]
    assert (chip.start, chip.end) == (0, len("tag:kind=x"))
    assert names(browser(alice).get(TAB + chip.without).content.decode()) == ["b", "a"]


@pytest.mark.parametrize("asked", ["", "parent:other OR tag:kind=x", "tag:kind=x"])
def test_what_is_done_to_all_that_match_touches_no_other_run(
    browser: Browser, bob: User, family: Run, asked: str
) -> None:
    client = browser(bob)
    html = client.get(TAB, {"filter": asked}).content.decode()
    (address,) = re.findall(r'name="address" value="([^"]*)"', html)
    (back,) = re.findall(r'name="back" value="([^"]*)"', html)
    sent = {"scope": "all", "address": address.replace("&amp;", "&"), "back": back}
    sent["back"] = sent["back"].replace("&amp;", "&")
    told = client.post("/w/main/bulk/preview/", sent).json()
    assert told["selected"] == (1 if asked else 2)
    done = client.post("/w/main/bulk/", {**sent, "action": "tag", "text": "touched"}, follow=True)
    assert done.redirect_chain[-1][0].startswith(TAB)
    touched = {run.run_id for run in Run.objects.all() if "touched" in run.tags}
    assert touched == ({"a"} if asked else {"a", "b"})


def test_an_export_and_a_chart_hold_the_children_alone(
    browser: Browser, alice: User, family: Run
) -> None:
    client = browser(alice)
    state = client.get(TAB).context["state"]
    told = client.get(f"/w/main/export/{state.link()}&format=json").getvalue()
    assert re.findall(r'"id": ?"(\w+)"', told.decode()) == ["b", "a"]
    for run_id in ("a", "strange"):
        log(Run.objects.get(run_id=run_id), "loss", 1.0)
    chart = '{"kind":"bar","metric":"loss"}'
    data = client.get(f"/w/main/chart-data/{state.without_charts}&chart={chart}").json()
    assert [mark["name"] for mark in data["marks"]] == ["a"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"filter": "status:"}, "filter"),
        ({"filter": "(tag:kind"}, "filter"),
        ({"view": "v1"}, "Custom views are of All runs"),
        ({"nonsense": "1"}, "The list has no such part."),
        ({"after": "x"}, "after"),
    ],
)
def test_what_it_does_not_understand_shows_no_rows_and_a_sentence(
    browser: Browser, alice: User, family: Run, asked: dict[str, str], sentence: str
) -> None:
    answer = browser(alice).get(TAB, asked)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert names(html) == []
    assert sentence in html
    assert ">top</h1>" in html
    assert f'href="{TAB}?view=default">Show all child runs' in html


def test_a_broken_filter_does_nothing_to_any_run(browser: Browser, bob: User, family: Run) -> None:
    html = browser(bob).get(TAB, {"filter": "(tag:kind"}).content.decode()
    (address,) = re.findall(r'name="address" value="([^"]*)"', html)
    sent = {"scope": "all", "address": address.replace("&amp;", "&"), "action": "tag", "text": "t"}
    browser(bob).post("/w/main/bulk/", sent)
    assert not any("t" in run.tags for run in Run.objects.all())


def test_the_head_and_the_list_answer_nothing_until_something_changes(
    browser: Browser, alice: User, family: Run
) -> None:
    client = browser(alice)
    answer = client.get(TAB)
    list_known, head_known = answer.context["changed"], answer.context["head_changed"]
    head = f"{LIST}top/head/"
    assert client.get(TAB, {"since": list_known}, **PART).status_code == 204
    asked = {"tab": "children", "since": head_known}
    assert client.get(head, asked, **PART).status_code == 204
    run_actions.edit(family, display_name="renamed", by=Actor.of_user(alice))
    part = client.get(TAB, {"since": list_known}, **PART).content.decode()
    assert names(part) == ["b", "a"]
    assert "<h1>" not in part
    told = client.get(head, asked, **PART).content.decode()
    assert ">renamed</h1>" in told
    assert 'aria-current="page">Child runs' in told


def test_rows_below_a_child_lead_to_their_runs(browser: Browser, alice: User, family: Run) -> None:
    page = browser(alice).get(TAB).context["page"]
    html = browser(alice).get(f"{LIST}a/rows/{page.below}").content.decode()
    assert names(html) == ["deep"]
    assert 'href="/w/main/runs/deep/"' in html


def test_only_members_see_the_children(browser: Browser, charlie: User, family: Run) -> None:
    assert browser(charlie).get(TAB).status_code == 404
    assert browser(charlie).get("/w/elsewhere/runs/top/children/").status_code == 404
    assert browser(charlie).get(f"{LIST}top/head/").status_code == 404
    assert Client().get(TAB).status_code == 302


def test_a_thousand_children_take_as_many_queries_as_ten(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    top = make_run(run_id="top")

    def count() -> int:
        client = browser(alice)
        client.get(TAB)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(TAB, {"group": "status"}).status_code == 200
        return len(queries)

    for _ in range(10):
        make_run(parent_run_id="top")
    few = count()
    children = [
        Run(
            workspace=top.workspace,
            experiment=top.experiment,
            created_by=top.created_by,
            parent=top,
            root=top,
            depth=1,
            run_id=f"c{n}",
            number=1_000 + n,
            display_name=f"c{n}",
        )
        for n in range(990)
    ]
    Run.objects.bulk_create(children)
    # A page is full now: one query more counts its last group.
    assert count() - few in (0, 1)
    assert few <= 30
