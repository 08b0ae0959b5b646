"""The Metrics tab: what it lists, what its charts are drawn from, and for whom."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.actions.metrics import Row
from runs.models import Run, User
from studio.contract.words import MetricKind
from tests.pages.conftest import Browser, Log, tab, told

PARTS = ("points", "rows", "drawing", "csv")


def test_a_run_without_metrics_says_how_to_log_one(browser: Browser, rita: User, run: Run) -> None:
    html = browser(rita).get(tab(run)).content.decode()
    assert "No metrics yet" in html
    assert "run.log(" in html


def test_metrics_are_listed_with_last_least_and_most(
    browser: Browser, rita: User, run: Run, log: Log
) -> None:
    log(*[Row("a <b>&", value) for value in (3.0, 1.0, 2.0)], Row("system/cpu", 5.0), Row("z", "x"))
    html = browser(rita).get(tab(run)).content.decode()
    assert 'data-name="a &lt;b&gt;&amp;"' in html
    assert 'data-low="1.0" data-high="3.0" data-last="2.0"' in html
    assert html.index('data-name="z"') < html.index('data-name="system/cpu"')


@pytest.mark.parametrize("count", [10, 1_000])
def test_the_list_takes_as_many_queries_for_a_thousand_metrics(
    browser: Browser, rita: User, run: Run, log: Log, count: int
) -> None:
    log(*[Row(f"metric {n}", float(n)) for n in range(count)])
    client = browser(rita)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(tab(run))
    assert answer.content.decode().count("data-listed") == count
    assert len(queries) <= 12


def test_the_page_and_the_api_tell_the_same_points(
    browser: Browser, alice: User, run: Run, log: Log, token_of: Callable[[User], str]
) -> None:
    log(*[Row("train/loss", n / 7, step=n) for n in range(3_000)])
    asked: dict[str, str | int] = {"from": 10, "to": 2_800, "most": 100}
    seen = told(browser, alice, tab(run, "points/"), name="train/loss", **asked)["series"]
    place = f"/api/v1/workspaces/main/runs/{run.run_id}/metrics/train/loss/points"
    headers = {"Authorization": f"Bearer {token_of(alice)}"}
    assert browser(alice).get(place, asked, headers=headers).json() == seen[0]


def test_values_come_page_by_page_as_they_were_logged(
    browser: Browser, rita: User, run: Run, log: Log
) -> None:
    log(*[Row("loss", float("nan") if n == 2_047 else n / 3, step=n * 2) for n in range(2_100)])
    found = told(browser, rita, tab(run, "rows/"), name="loss", start=2_000)
    assert [row[:2] for row in found["rows"]] == [[n, n * 2] for n in range(2_000, 2_100)]
    values = [row[-1] for row in found["rows"]]
    assert values[47] == "NaN"
    assert values[:47] == [n / 3 for n in range(2_000, 2_047)]
    assert told(browser, rita, tab(run, "rows/"), name="loss", start=9_000)["rows"] == []


def test_a_table_has_its_own_columns_and_those_of_numbers_are_drawn(
    browser: Browser, rita: User, run: Run, log: Log
) -> None:
    rows: Sequence[dict[str, Any]] = [{"x": 1, "y": 2.5, "who": "a"}, {"x": 2, "who": "b", "z": 1}]
    log(*[Row("fit", row, MetricKind.TABLE) for row in rows])
    found = told(browser, rita, tab(run, "rows/"), name="fit")
    assert found["heads"] == ["x", "y", "who", "z"]
    assert [row[3:] for row in found["rows"]] == [[1, 2.5, "a", None], [2, None, "b", 1]]
    drawn = told(browser, rita, tab(run, "drawing/"), name="fit")
    assert drawn["columns"] == {"x": [1, 2], "y": [2.5, None], "z": [None, 1]}


def test_all_values_go_out_as_csv(browser: Browser, rita: User, run: Run, log: Log) -> None:
    log(*[Row("loss", n / 7, step=n, time=5e8) for n in range(1_500)], Row("=cmd", "=1+1", time=1))
    answer = browser(rita).get(tab(run, "csv/"), {"name": ["loss", "=cmd"]})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["metric", "step", "time", "value"]
    assert [float(row[3]) for row in rows[1:1_501]] == [n / 7 for n in range(1_500)]
    assert rows[-1] == ["'=cmd", "0", "1.0", "'=1+1"]
    assert "attachment" in answer["Content-Disposition"]


def test_a_table_alone_is_csv_with_its_columns(
    browser: Browser, rita: User, run: Run, log: Log
) -> None:
    log(Row("fit", {"x": 1, "y": "b"}, MetricKind.TABLE, time=2))
    answer = browser(rita).get(tab(run, "csv/"), {"name": "fit"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text == "metric,step,time,x,y\r\nfit,0,2.0,1,b\r\n"


@pytest.mark.parametrize("part", PARTS)
def test_a_stranger_sees_nothing_and_a_wrong_name_is_not_found(
    browser: Browser, rita: User, charlie: User, run: Run, log: Log, part: str
) -> None:
    log(Row("loss", 1.0))
    assert browser(charlie).get(tab(run, f"{part}/"), {"name": "loss"}).status_code == 404
    for name in ("other", "a\0b", "\ud800".encode("utf-8", "surrogatepass")):
        answer = browser(rita).get(tab(run, f"{part}/"), {"name": name})
        assert answer.status_code == 404
        assert "no metric" in answer.json()["detail"]
    wrong = browser(rita).get(tab(run, "points/"), {"name": "loss", "x": "y"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "x")
    wrong = browser(rita).get(tab(run, "rows/"), {"name": "loss", "start": "1.5"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "start")


def test_an_arrangement_is_remembered_for_each_person_and_workspace(
    browser: Browser, rita: User, alice: User, charlie: User, run: Run, log: Log
) -> None:
    log(Row("loss", 1.0))
    client = browser(rita)
    answer = client.post("/w/main/metrics-arrangement/", {"query": "smooth=0.6&metrics=a,b"})
    assert answer.status_code == 204
    assert 'data-remembered="smooth=0.6&amp;metrics=a,b"' in client.get(tab(run)).content.decode()
    assert 'data-remembered=""' in browser(alice).get(tab(run)).content.decode()
    assert browser(charlie).post("/w/main/metrics-arrangement/", {"query": "x"}).status_code == 404
    assert client.post("/w/main/metrics-arrangement/", {"query": "x" * 5_000}).status_code == 413


def test_the_tab_answers_nothing_until_the_run_changes(
    browser: Browser, rita: User, run: Run, log: Log
) -> None:
    client = browser(rita)
    for address in (tab(run), f"/w/main/runs/{run.run_id}/images/"):
        known = client.get(address).context["changed"]
        part = {"HX-Request": "true"}
        assert client.get(address, {"since": known}, headers=part).status_code == 204
    log(Row("loss", 1.0))
    answer = client.get(tab(run), {"since": known}, headers=part)
    assert answer.status_code == 200
    assert 'data-name="loss"' in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_the_overview_leads_to_each_chart(browser: Browser, rita: User, run: Run, log: Log) -> None:
    log(Row("train/loss 1", 1.0), Row("sample", "a.png", MetricKind.IMAGE))
    html = browser(rita).get(f"/w/main/runs/{run.run_id}/").content.decode()
    assert f'href="{tab(run)}#metric=train%2Floss%201"' in html
    assert f'href="/w/main/runs/{run.run_id}/images/">sample' in html


def test_a_chart_of_several_metrics_asks_once(
    browser: Browser, rita: User, run: Run, log: Log
) -> None:
    log(*[Row(f"metric {n}", float(n)) for n in range(200)])
    client = browser(rita)
    names = [f"metric {n}" for n in range(200)]
    found = client.get(tab(run, "points/"), {"name": names}).json()["series"]
    assert [(series["name"], series["values"]) for series in found] == [
        (f"metric {n}", [float(n)]) for n in range(200)
    ]
    for wrong in ([], [*names, "metric 1"]):
        answer = client.get(tab(run, "points/"), {"name": wrong})
        assert (answer.status_code, answer.json()["field"]) == (400, "name")
