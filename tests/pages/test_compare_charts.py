"""Charts of compared runs over parameters and metrics: axes by themselves, and by the address."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from runs.models import User
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_compare import PAGE
from tests.queries.test_compare import log


@pytest.fixture
def pair(make_run: MakeRun) -> None:
    """Runs a and b: two parameters differ and one does not, one metric is of both and one of a."""
    for number, name in enumerate("ab", 1):
        parameters = {"lr": f"0.{number}", "same": "x", "opt, kind": name}
        run = make_run(run_id=name, start=True, display_name=name, parameters=parameters)
        log(run, "loss", 2.0, 1.0 / number)
        if number == 1:
            log(run, "only", 1.0)


def drawn(client: Client, **asked: Any) -> list[dict[str, Any]]:
    axes = client.get(PAGE, asked).context["axes"]
    return [json.loads(card.written) for card in axes.cards]


def test_axes_are_parameters_that_differ_and_metrics_of_all_runs(
    browser: Browser, alice: User, pair: None
) -> None:
    client = browser(alice)
    parallel, scatter = drawn(client, runs="a,b")
    assert parallel == {
        "kind": "parallel",
        "columns": ["param:lr", "param:opt, kind", "metric:loss"],
        "wide": True,
    }
    assert scatter == {"kind": "scatter", "x": "param:lr", "y": "metric:loss"}
    told = client.get("/w/main/chart-data/", {"runs": "a,b", "chart": json.dumps(parallel)}).json()
    assert [mark["cells"] for mark in told["marks"]] == [["0.1", "a", 1.0], ["0.2", "b", 0.5]]
    assert told["summary"].startswith("Parallel coordinates of lr, opt, kind, loss. 2 runs.")


def test_the_first_eight_axes_leave_room_for_metrics(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for number, name in enumerate("ab"):
        parameters = {f"p{key:02}": str(number) for key in range(12)}
        run = make_run(run_id=name, start=True, parameters=parameters)
        for metric in range(5):
            log(run, f"m{metric}", float(number))
    parallel, _ = drawn(browser(alice), runs="a,b")
    names = [f"param:p{key:02}" for key in range(5)] + [f"metric:m{key}" for key in range(3)]
    assert parallel["columns"] == names


def test_the_address_chooses_axes_and_a_form_sends_them_one_by_one(
    browser: Browser, alice: User, pair: None
) -> None:
    client = browser(alice)
    ticked = ["param:opt%2C kind", "duration"]
    asked = {"runs": "a,b", "axes": ticked, "x": "metric:loss", "y": "param:same"}
    parallel, scatter = drawn(client, **asked)
    assert parallel["columns"] == ["param:opt, kind", "duration"]
    assert scatter == {"kind": "scatter", "x": "metric:loss", "y": "param:same"}
    html = client.get(PAGE, asked).content.decode()
    assert 'name="axes" value="param:opt%2C kind" checked' in html
    assert 'name="axes" value="param:lr">' in html
    assert '<option value="param:same" selected>same</option>' in html
    assert '<input type="hidden" name="axes" value="param:opt%2C kind,duration">' in html


def test_axes_that_cannot_be_drawn_are_told_in_the_chart(
    browser: Browser, alice: User, pair: None
) -> None:
    client = browser(alice)
    for asked, told in (
        ({"axes": "nonsense,param:lr"}, "There is no column"),
        ({"axes": ",".join(f"param:p{n}" for n in range(13))}, "2 to 12 columns"),
        ({"axes": "param:lr,tags"}, "All tags at once cannot be drawn."),
        ({"x": "metric:loss", "y": "metric:loss"}, "A column against itself is a line."),
        ({"x": "<script>bad"}, "There is no column"),
        ({"y": "\0param:lr"}, "A column against itself is a line."),
    ):
        answer = client.get(PAGE, {"runs": "a,b", **asked})
        assert answer.status_code == 200
        html = answer.content.decode()
        assert "This chart cannot be shown." in html
        assert told in html, asked
        assert "<script>bad" not in html


def test_one_run_or_nothing_that_differs_has_no_such_charts(
    browser: Browser, alice: User, pair: None, make_run: MakeRun
) -> None:
    client = browser(alice)
    for name in ("c", "d"):
        make_run(run_id=name)
    for runs in ("a", "c,d"):
        assert client.get(PAGE, {"runs": runs}).context["axes"] is None


def test_each_chart_asks_for_the_runs_that_its_section_names_once(
    browser: Browser, alice: User, pair: None
) -> None:
    html = browser(alice).get(PAGE, {"runs": "a,b"}).content.decode()
    assert html.count('data-source="/w/main/chart-data/?runs=a,b"') == 2
    assert html.count("<run-chart") == 3
