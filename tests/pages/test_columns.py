"""The columns of the list: what stands in them, what they sort and group by, and as a file."""

from __future__ import annotations

import csv
import io
import json

from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import metrics
from runs.actions.metrics import Row
from runs.models import User
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_list import LIST, names


def test_cells_lead_to_runs_that_have_the_same(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    make_run(display_name="one", experiment_name="first", tags={"quality": "good run", "x": None})
    make_run(display_name="two", experiment_name="second", tags={"quality": "bad"})
    page = browser(alice).get(f"{LIST}?columns=name,experiment,tag:quality,tags")
    row = next(r for r in page.context["page"].rows if r.run.display_name == "one")
    links = [cell.only for cell in row.cells if cell.only]
    links += [tag.only for tag in row.tags]
    assert len(links) == 4
    for link in links:
        assert names(browser(alice).get(LIST + link).content.decode()) == ["one"]


def test_columns_are_shown_in_their_order_with_what_runs_have(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    run = make_run(start=True, display_name="one", tags={"a,b~!*": "v", "flag": None})
    rows = [Row("loss", 0.5), Row("loss", 0.25)]
    metrics.append(run, by=Actor.of_user(alice), session="s", sequence=0, rows=rows)
    asked = {"columns": "metric:loss,metric:loss.max,tag:a%2Cb~%21%2A!200,tag:flag,*name"}
    page = browser(alice).get(LIST, asked)
    heads = page.context["page"].heads
    assert [head.column.label for head in heads] == [
        "Display name", "loss", "max loss", "a,b~!*", "flag"
    ]  # fmt: skip
    assert [head.shown.width for head in heads] == [None, None, None, 200, None]
    assert [c.value for c in page.context["page"].rows[0].cells] == ["one", 0.25, 0.5, "v", True]
    again = browser(alice).get(LIST + page.context["state"].link())
    assert again.context["state"].state == page.context["state"].state


def test_a_click_on_a_head_sorts_and_the_next_one_turns_it_round(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for name in ("b", "a", "c"):
        make_run(display_name=name)
    client = browser(alice)
    page = client.get(LIST)
    link = next(h.sort for h in page.context["page"].heads if h.column.id == "name")
    up = client.get(LIST + link)
    assert names(up.content.decode()) == ["a", "b", "c"]
    assert 'aria-sort="ascending"' in up.content.decode()
    link = next(h.sort for h in up.context["page"].heads if h.column.id == "name")
    assert names(client.get(LIST + link).content.decode()) == ["c", "b", "a"]


def test_parameters_are_columns_that_sort_group_and_lead_to_the_same(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for name, rate in (("ten", 10), ("nine", "9.0"), ("auto", "auto"), ("again", "1e1")):
        make_run(display_name=name, parameters={"lr": rate})
    make_run(display_name="none")
    client = browser(alice)
    page = client.get(LIST, {"columns": "name,param:lr", "sort": "param:lr"})
    assert names(page.content.decode()) == ["nine", "ten", "again", "auto", "none"]
    assert page.context["page"].heads[1].column.kind_word == "parameter"
    links = [row.cells[1].only for row in page.context["page"].rows]
    found = [names(client.get(LIST + link).content.decode()) for link in links[:4]]
    assert found == [["nine"], ["ten", "again"], ["ten", "again"], ["auto"]]
    assert links[4] == ""
    grouped = client.get(LIST, {"columns": "name,param:lr", "group": "param:lr"})
    # Numbers that are the same stand together, however they are written.
    groups = [band.head.value for band in grouped.context["page"].bands]
    assert groups == [9.0, 10.0, "auto", None]
    answer = client.get("/w/main/export/", {"columns": "name,param:lr", "sort": "-param:lr"})
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row[2] for row in rows] == ["param:lr", "1e1", "10", "9.0", "auto", ""]


def test_columns_of_parameters_are_read_in_one_query(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST, {"columns": "name,param:lr,param:epochs"})
        return len(queries)

    client = browser(alice)
    make_run(parameters={"lr": 0.1, "epochs": 3})
    cost()
    few = cost()
    for _ in range(20):
        make_run(parameters={"lr": 0.1, "epochs": 3})
    assert cost() == few


def test_runs_can_stand_in_groups(browser: Browser, alice: User, make_run: MakeRun) -> None:
    for number in range(4):
        make_run(display_name=f"run {number}", experiment_name=f"e{number % 2}")
    page = browser(alice).get(f"{LIST}?group=experiment")
    assert names(page.content.decode()) == ["run 0", "run 2", "run 1", "run 3"] or names(
        page.content.decode()
    ) == ["run 2", "run 0", "run 3", "run 1"]
    assert [band.head.value for band in page.context["page"].bands] == ["e0", "e1"]


def test_what_is_exported_is_what_is_shown(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for name in ("b", "=a", "c"):
        make_run(display_name=name, run_id=f"run-{name[-1]}", tags={"x": name})
    make_run(display_name="other")
    client = browser(alice)
    asked = {"filter": "tag:x", "columns": "name,tag:x", "sort": "name"}
    shown = names(client.get(LIST, asked).content.decode())
    answer = client.get("/w/main/export/", {**asked, "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[0] == ["id", "name", "tag:x"]
    assert [row[1].removeprefix("'") for row in rows[1:]] == [
        name.replace("&#x27;", "'") for name in shown
    ]
    assert rows[1][1] == "'=a"
    told = client.get("/w/main/export/", {**asked, "format": "json"})
    assert len(json.loads(told.getvalue())) == 3
    for bad in ({"format": "exe"}, {"filter": "status:nope"}, {"bogus": "1"}):
        answer = client.get("/w/main/export/", bad)
        assert answer.status_code == 302
