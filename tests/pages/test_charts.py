"""What charts above the list are drawn from."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import metrics, views
from runs.actions.metrics import Row
from runs.models import Run, User, Workspace
from tests.conftest import MakeRun
from tests.pages.conftest import Browser

DATA = "/w/main/chart-data/"
LIST = "/w/main/runs/"
LINE = {"kind": "line", "metric": "loss"}


def log(run: Run, name: str, values: list[Any], *, first: int | None = 0) -> None:
    rows = [
        Row(name, value, step=None if first is None else first + place)
        for place, value in enumerate(values)
    ]
    by = Actor.of_user(run.created_by)
    for start in range(0, len(rows), 1_000):
        part = rows[start : start + 1_000]
        metrics.append(run, by=by, session=name, sequence=start, rows=part)


def drawn(client: Client, chart: dict[str, Any], **asked: str) -> Any:
    answer = client.get(DATA, {"chart": json.dumps(chart), **asked})
    assert answer.status_code == 200, answer.content
    return answer.json()


def charted(charts: list[Any]) -> dict[str, str]:
    return {"charts": json.dumps(charts)}


def test_a_line_has_the_points_of_each_listed_run(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    log(make_run(start=True, display_name="one"), "loss", [3, 2.5, 1])
    log(make_run(start=True, display_name="two", experiment_name="other"), "loss", [7], first=5)
    make_run(display_name="bare")
    told = drawn(browser(alice), LINE)
    found = {mark["name"]: (mark["steps"], mark["values"]) for mark in told["marks"]}
    assert found == {"two": ([5], [7]), "one": ([0, 1, 2], [3, 2.5, 1])}
    assert told["summary"] == (
        "Line chart of loss over steps. 2 of 3 runs; the others have nothing to show here. "
        "Last values from 1 (one) to 7 (two)."
    )
    (only,) = drawn(browser(alice), LINE, filter="experiment:other")["marks"]
    assert only["address"] == f"/w/main/runs/{Run.objects.get(display_name='two').run_id}/"
    assert dict(zip(told["heads"], only["cells"], strict=True)) == {
        "Last": 7, "Last step": 5, "Least": 7, "Most": 7, "Points": 1
    }  # fmt: skip


def test_what_is_no_number_is_left_out_of_a_line_and_points_without_a_step_are_counted(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    log(make_run(start=True), "loss", [1, math.nan, "text", True, math.inf, 2.0], first=None)
    (mark,) = drawn(browser(alice), LINE)["marks"]
    assert (mark["steps"], mark["values"]) == ([0, 3, 5], [1, 1, 2])
    assert mark["cells"][0] == 2.0


def test_charts_show_the_page_that_the_list_shows(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for number in range(52):
        log(make_run(start=True, display_name=f"{number:02}"), "loss", [number])
    client = browser(alice)
    page = client.get(LIST, {"sort": "-metric:loss"})
    told = client.get(f"{DATA}{page.context['page'].after}&chart={json.dumps(LINE)}")
    assert [mark["name"] for mark in told.json()["marks"]] == ["01", "00"]
    assert page.context["state"].without_charts == "?sort=-metric%3Aloss"


def test_bars_points_and_parallel_lines_are_drawn_from_columns(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    one = make_run(start=True, display_name="one", tags={"rate": "0.1", "kind": "b"})
    two = make_run(start=True, display_name="two", tags={"rate": "1e-2", "kind": "a"})
    make_run(display_name="bare")
    log(one, "loss", [4, 2, 3])
    log(two, "loss", [math.nan])
    client = browser(alice)
    bars = drawn(client, {"kind": "bar", "metric": "loss.max"})
    assert [(m["name"], m["values"]) for m in bars["marks"]] == [("one", [4])]
    assert bars["axes"] == [{"label": "max loss", "type": "value"}]
    dots = drawn(client, {"kind": "scatter", "x": "tag:rate", "y": "tag:kind"})
    assert [axis["type"] for axis in dots["axes"]] == ["value", "category"]
    assert [m["values"] for m in dots["marks"]] == [[0.01, "a"], [0.1, "b"]]
    through = drawn(client, {"kind": "parallel", "columns": ["created", "metric:loss", "tag:kind"]})
    assert [axis["type"] for axis in through["axes"]] == ["time", "value", "category"]
    assert [m["values"][1:] for m in through["marks"]] == [[None, None], [None, "a"], [3, "b"]]
    assert through["marks"][2]["values"][0] == one.created_at.timestamp() * 1000
    assert through["marks"][1]["cells"][1] == "nan"


def test_parameters_are_axes_of_numbers_or_of_words(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    make_run(display_name="one", parameters={"lr": 1e-05, "optimizer": "adam"})
    make_run(display_name="two", parameters={"lr": 0.1, "optimizer": "sgd"})
    make_run(display_name="bare")
    client = browser(alice)
    dots = drawn(client, {"kind": "scatter", "x": "param:lr", "y": "param:optimizer"})
    assert dots["axes"] == [
        {"label": "lr", "type": "value"}, {"label": "optimizer", "type": "category"}
    ]  # fmt: skip
    assert [m["values"] for m in dots["marks"]] == [[0.1, "sgd"], [1e-05, "adam"]]
    lines = drawn(client, {"kind": "parallel", "columns": ["param:lr", "param:optimizer"]})
    assert len(lines["marks"]) == 2


@pytest.mark.parametrize(
    "chart",
    [
        "",
        "nonsense",
        "{",
        "[]",
        "null",
        "[" * 3_000,
        '{"kind":"line","metric":"a"},{"kind":"line","metric":"b"}',
        '{"kind":"pie","metric":"a"}',
        '{"kind":["line"]}',
        '{"metric":"a"}',
        '{"kind":"line"}',
        '{"kind":"line","metric":7}',
        '{"kind":"line","metric":""}',
        '{"kind":"line","metric":"\\u0000"}',
        '{"kind":"line","metric":"\\ud800"}',
        '{"kind":"line","metric":"a","bogus":1}',
        '{"kind":"line","metric":"a","wide":1}',
        '{"kind":"line","metric":"a","wide":NaN}',
        '{"kind":"line","metric":"a","wide":' + "9" * 3_990 + "}",
        '{"kind":"bar","metric":"a","log":true}',
        '{"kind":"line","metric":"' + "x" * 5_000 + '"}',
        '{"kind":"scatter","x":"created"}',
        '{"kind":"scatter","x":"created","y":"nonsense"}',
        '{"kind":"scatter","x":"created","y":"tags"}',
        '{"kind":"scatter","x":"created","y":"created"}',
        '{"kind":"parallel","columns":["created"]}',
        '{"kind":"parallel","columns":["created",["name"]]}',
        '{"kind":"parallel","columns":["created","created"]}',
        '{"kind":"parallel","columns":' + json.dumps([f"tag:{n}" for n in range(13)]) + "}",
    ],
)
def test_a_chart_that_cannot_be_drawn_is_refused_by_the_data_and_by_the_page(
    browser: Browser, alice: User, run: Run, chart: str
) -> None:
    client = browser(alice)
    answer = client.get(DATA, {"chart": chart})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    if chart and chart not in ("[]", "null") and "},{" not in chart:
        page = client.get(LIST, {"charts": f"[{chart}]"})
        assert page.status_code == 400
        assert "This is not understood" in page.content.decode()


@pytest.mark.parametrize(
    "asked",
    ["filter=status:nonsense", "filter=(a", "bogus=1", "after=x", "sort=nonsense", "chart="],
)
def test_data_refuse_what_the_list_refuses(
    browser: Browser, alice: User, run: Run, asked: str
) -> None:
    answer = browser(alice).get(f"{DATA}?{asked}&chart={json.dumps(LINE)}")
    assert answer.status_code == 400
    assert answer.json()["field"]


def test_only_members_see_what_is_drawn(
    browser: Browser, alice: User, rita: User, charlie: User, run: Run
) -> None:
    log(run, "loss", [1])
    asked = {"chart": json.dumps(LINE)}
    assert len(drawn(browser(rita), LINE)["marks"]) == 1
    stranger = browser(charlie).get(DATA, asked)
    assert stranger.status_code == 404
    assert b"loss" not in stranger.content
    assert Client().get(DATA, asked).status_code == 302
    assert browser(alice).post(DATA, asked).status_code == 405


def test_charts_ask_the_database_as_often_for_many_runs_as_for_few(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    kinds: list[dict[str, Any]] = [
        LINE,
        {"kind": "bar", "metric": "loss"},
        {"kind": "parallel", "columns": ["metric:loss", "metric:loss.max", "tag:a", "experiment"]},
    ]

    def counts() -> list[int]:
        found = []
        for chart in kinds:
            client = browser(alice)
            client.get(LIST)
            with CaptureQueriesContext(connection) as queries:
                drawn(client, chart)
            found.append(len(queries))
        return found

    log(make_run(start=True), "loss", [1.0] * 10)
    few = counts()
    for number in range(20):
        log(make_run(start=True, tags={"a": str(number)}), "loss", [1.0] * 1_100)
    assert counts() == few
    assert max(few) <= 12


def test_the_page_frames_its_charts_and_views_keep_them(
    browser: Browser, alice: User, workspace: Workspace, run: Run
) -> None:
    chart = {"kind": "line", "metric": 'lo"ss<b>', "wide": False, "tall": True}
    page = browser(alice).get(LIST, charted([chart]))
    state = page.context["state"]
    assert state.state.charts == ({"kind": "line", "metric": 'lo"ss<b>', "tall": True},)
    assert state.changed
    html = page.content.decode()
    assert 'class="chart is-tall"' in html
    assert "lo&quot;ss&lt;b&gt; over steps" in html
    assert "uPlot" in html
    again = browser(alice).get(LIST + state.link())
    assert again.context["state"].state == state.state
    by = Actor.of_user(alice)
    view = views.create(workspace, by=by, name="Charts", state=state.state.document())
    kept = browser(alice).get(LIST, {"view": view.slug})
    assert not kept.context["state"].changed
    assert [card.title for card in kept.context["charts"]] == ['lo"ss<b> over steps']
    bare = browser(alice).get(LIST, {"view": view.slug, "charts": ""})
    assert bare.context["state"].changed
    assert bare.context["charts"] == []
    assert "charts=" in bare.context["state"].link()


def test_a_save_of_charts_that_are_not_understood_is_told_and_changes_nothing(
    browser: Browser, alice: User, workspace: Workspace
) -> None:
    state = {"charts": [LINE]}
    view = views.create(workspace, by=Actor.of_user(alice), name="Charts", state=state)
    asked = {"version": "1", "address": f"?view={view.slug}&charts=nonsense"}
    client = browser(alice)
    answer = client.post(f"/w/main/views/{view.slug}/save/", asked)
    assert answer.status_code == 302
    told = client.get(LIST, {"view": view.slug})
    assert "This should be JSON: a list of charts." in told.content.decode()
    view.refresh_from_db()
    assert (view.version, view.state["charts"]) == (1, [LINE])


def test_a_page_without_charts_needs_no_library(browser: Browser, alice: User, run: Run) -> None:
    html = browser(alice).get(LIST).content.decode()
    assert "uPlot" not in html
    assert "echarts" not in html
    assert 'id="chart-dialog"' in html


def test_a_view_with_a_chart_of_another_time_opens_and_says_so(
    browser: Browser, alice: User, workspace: Workspace, run: Run
) -> None:
    charts = [{"kind": "hologram", "depth": 3}, LINE]
    view = views.create(workspace, by=Actor.of_user(alice), name="Future", state={"charts": charts})
    page = browser(alice).get(LIST, {"view": view.slug})
    assert page.status_code == 200
    html = page.content.decode()
    assert "There is no chart of kind &quot;hologram&quot;." in html
    assert "loss over steps" in html


def test_charts_and_links_of_a_persons_first_view_stay_in_that_view(
    browser: Browser, alice: User, workspace: Workspace, make_run: MakeRun
) -> None:
    for name in ("kept", "other"):
        log(make_run(start=True, display_name=name, experiment_name=name), "loss", [1])
    by = Actor.of_user(alice)
    state = {"filter": "experiment:kept", "charts": [LINE]}
    view = views.create(workspace, by=by, name="First", state=state)
    views.set_default(workspace, view, by=by)
    page = browser(alice).get(LIST)
    assert page.context["state"].without_charts == f"?view={view.slug}"
    assert page.context["state"].link(density="compact") == f"?view={view.slug}&density=compact"
    asked = f"{page.context['state'].without_charts}&chart={json.dumps(LINE)}"
    marks = browser(alice).get(DATA + asked).json()["marks"]
    assert [mark["name"] for mark in marks] == ["kept"]
