"""The page that shows runs side by side: its address, its links, what it says of what is not there."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from runs.access import Actor
from runs.actions import deletion, lifecycle
from runs.models import Run, User, Workspace
from studio.contract.words import MetricKind
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.queries.test_compare import log, with_source

PAGE = "/w/main/compare/"
DIFF = "/w/main/compare/diff/"


@pytest.fixture
def three(make_run: MakeRun) -> None:
    """Runs a, b and c with a loss of two steps, an accuracy, and a tag that differs."""
    for name, value in (("a", 2.0), ("b", 1.0), ("c", 4.0)):
        run = make_run(run_id=name, start=True, display_name=f"Run {name}", tags={"kind": name})
        log(run, "loss", value + 1, value)
        log(run, "accuracy", value / 10)


def shown(client: Client, **asked: str) -> str:
    answer = client.get(PAGE, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def names(html: str) -> list[str]:
    return re.findall(r'<a class="name" href="/w/main/runs/([^/]+)/"', html)


def test_runs_stand_side_by_side_in_the_order_of_the_address(
    browser: Browser, rita: User, three: None
) -> None:
    html = shown(browser(rita), runs="c,a,b")
    assert names(html) == ["c", "a", "b"]
    assert html.index("Run c") < html.index("Baseline") < html.index("Run a")
    assert "-2 (-50 %)" in html
    assert 'data-chart="{&quot;kind&quot;: &quot;line&quot;' in html
    assert 'data-source="/w/main/chart-data/?runs=c,a,b"' in html


def test_equal_rows_are_hidden_of_more_than_two_runs_and_by_a_switch(
    browser: Browser, alice: User, three: None
) -> None:
    client = browser(alice)
    experiment = '<span class="compare-name" title="Experiment">'
    for asked, is_there in {
        ("a,b", ""): True,
        ("a,b,c", ""): False,
        ("a,b", "true"): False,
        ("a,b,c", "false"): True,
    }.items():
        html = shown(client, runs=asked[0], differ=asked[1])
        assert (experiment in html) is is_there, asked
        assert ("equal rows are hidden" in html) is not is_there
        assert f'aria-checked="{"false" if is_there else "true"}"' in html


def test_a_delta_is_coloured_only_when_its_direction_is_chosen(
    browser: Browser, alice: User, three: None
) -> None:
    client = browser(alice)
    plain = shown(client, runs="a,b")
    assert "compare-good" not in plain
    assert "compare-bad" not in plain
    html = shown(client, runs="a,b", up="accuracy", down="loss")
    assert '<small class="compare-bad">-0.1 (-50 %) worse</small>' in html
    assert '<small class="compare-good">-1 (-50 %) better</small>' in html
    other = shown(client, runs="a,b", base="b", down="loss")
    assert '<small class="compare-bad">+1 (+100 %) worse</small>' in other


def test_a_duration_is_told_against_the_baseline_in_the_words_of_pages(
    browser: Browser, alice: User, three: None
) -> None:
    began = timezone.now() - timedelta(hours=5)
    for name, seconds in (("a", 60.0), ("b", 3 * 3600.0)):
        ended = began + timedelta(seconds=seconds)
        Run.objects.filter(run_id=name).update(started_at=began, ended_at=ended)
    assert "+2 h 59 m (+17,900 %)" in shown(browser(alice), runs="a,b")
    assert "-2 h 59 m (-99.4 %)" in shown(browser(alice), runs="b,a")


def test_what_is_not_there_is_told_and_the_rest_is_shown(
    browser: Browser, alice: User, charlie: User, other_workspace: Workspace, three: None,
    make_run: MakeRun,
) -> None:  # fmt: skip
    make_run(run_id="theirs", by=charlie, inside=other_workspace)
    binned = make_run(run_id="binned", start=True)
    lifecycle.complete(binned, by=Actor.of_user(alice))
    deletion.delete(binned, by=Actor.of_user(alice))
    client = browser(alice)
    html = shown(client, runs="a,theirs,nowhere,b,binned,a", base="zzz", differ="maybe", bogus="1")
    assert names(html) == ["a", "b"]
    assert "There are no runs “theirs”, “nowhere”, “binned” in this workspace." in html
    assert "Each run is shown once; the address names a again." in html
    assert "The baseline “zzz” is none of these runs" in html
    assert "&quot;differ&quot; is true or false, not &quot;maybe&quot;." in html
    assert "A comparison has no part &quot;bogus&quot;." in html
    assert "nowhere" not in "".join(re.findall(r'href="[^"]*"', html))


@pytest.mark.parametrize("asked", ["", " , ", "nowhere", "\0", "x" * 5_000, "<b>,'"])
def test_without_runs_the_page_says_how_to_choose_some(
    browser: Browser, alice: User, workspace: Workspace, asked: str
) -> None:
    html = shown(browser(alice), runs=asked)
    assert "No runs to compare yet" in html
    assert "studio run compare ID ID" in html
    assert "<b>," not in html


def test_one_run_is_shown_with_the_box_that_adds_others(
    browser: Browser, alice: User, three: None
) -> None:
    html = shown(browser(alice), runs="b")
    assert names(html) == ["b"]
    assert "One run alone: add another to compare it with." in html
    assert 'name="add"' in html
    assert "is-differing" not in html


def test_of_more_than_a_hundred_the_first_are_shown(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    ids = [make_run().run_id for _ in range(102)]
    html = shown(browser(alice), runs=",".join(ids))
    assert names(html) == ids[:100]
    assert "Up to 100 runs are compared at once: the last 2 are left out." in html
    assert "disabled" in html


def test_a_run_is_added_by_its_id_or_by_a_name_that_only_one_has(
    browser: Browser, alice: User, three: None, make_run: MakeRun
) -> None:
    client = browser(alice)
    for added, runs in {
        "b": "a,b",
        "Run c": "a,c",
        "a": "a",
        "b, c": "a,b,c",
        "no": "a,no",
    }.items():
        answer = client.get(PAGE, {"runs": "a", "add": added, "up": "loss"})
        assert answer.status_code == 302
        assert answer["Location"] == f"{PAGE}?runs={runs}&up=loss"
    make_run(display_name="Run c")
    answer = client.get(PAGE, {"runs": "a", "add": "Run c"})
    assert "no run “Run c”" in client.get(answer["Location"]).content.decode()


def test_a_long_value_shows_its_beginning_and_opens(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    make_run(run_id="a", tags={"long": "v" * 500, "short": "v" * 100})
    html = shown(browser(alice), runs="a")
    assert html.count("… more</span></summary>") == 1
    assert f'<bdi class="compare-text">{"v" * 500}</bdi></details>' in html


def test_text_from_outside_is_escaped(browser: Browser, alice: User, make_run: MakeRun) -> None:
    bad = "<script>alert(1)</script>\"'"
    for number in range(2):
        run = make_run(
            run_id=f"r{number}",
            start=True,
            display_name=bad,
            description=bad * 40,
            tags={bad: f"{bad}{number}"},
            properties={bad: bad},
            definition={"arguments": [bad], "environmentVariables": {bad: bad}},
        )
        log(run, bad, 1.0, 2.0 + number)
        log(run, f"{bad}text", bad)
        log(run, f"{bad}image", "a.png", kind=MetricKind.IMAGE)
        with_source(run, {f"{bad}.py": f"{bad}{number}"})
    client = browser(alice)
    html = shown(client, runs="r0,r1", find="<script>", up=bad)
    assert "<script>alert" not in html
    assert "style=" not in html
    diff = client.get(DIFF, {"runs": "r0,r1", "file": f"{bad}.py"}).content.decode()
    assert "&lt;script&gt;alert(1)" in diff
    assert "<script>alert" not in diff


def test_only_members_see_a_comparison(browser: Browser, charlie: User, three: None) -> None:
    asked = {"runs": "a,b"}
    assert browser(charlie).get(PAGE, asked).status_code == 404
    assert Client().get(PAGE, asked).status_code == 302
    line = json.dumps({"kind": "line", "metric": "loss"})
    data = browser(charlie).get("/w/main/chart-data/", {**asked, "chart": line})
    assert data.status_code == 404


def test_charts_are_drawn_of_the_named_runs_alone(
    browser: Browser, alice: User, three: None
) -> None:
    line = json.dumps({"kind": "line", "metric": "loss"})
    client = browser(alice)
    told = client.get("/w/main/chart-data/", {"runs": "c,a,zzz", "chart": line}).json()
    assert [mark["name"] for mark in told["marks"]] == ["Run c", "Run a"]
    empty = client.get("/w/main/chart-data/", {"runs": "", "chart": line}).json()
    assert empty["marks"] == []


def test_twelve_charts_are_shown_and_the_rest_by_a_click(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    runs = [make_run(start=True) for _ in range(2)]
    for run in runs:
        for number in range(15):
            log(run, f"metric {number:02}", 1.0, 2.0)
    answer = browser(alice).get(PAGE, {"runs": ",".join(run.run_id for run in runs)})
    assert [card.title for card in answer.context["cards"]][-1] == "metric 11 over steps"
    assert [card.place for card in answer.context["more_cards"]] == [13, 14, 15]
    assert "Show 3 more charts" in answer.content.decode()


def test_images_of_one_name_stand_side_by_side(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for name, path in (("a", "outputs/x.png"), ("b", "x.svg"), ("c", "")):
        run = make_run(run_id=name, start=True, display_name=name)
        if path:
            log(run, "plot", path, kind=MetricKind.IMAGE)
    html = shown(browser(alice), runs="a,b,c")
    assert '<img src="/w/main/runs/a/files/outputs/x.png?show" alt="plot of a"' in html
    assert "x.svg is shown on the run’s page only." in html
    assert "No such image." in html


def test_it_answers_nothing_until_a_compared_run_changes(
    browser: Browser, alice: User, three: None, make_run: MakeRun
) -> None:
    client = browser(alice)
    known = client.get(PAGE, {"runs": "a,b"}).context["changed"]
    part: dict[str, Any] = {"headers": {"HX-Request": "true"}}
    asked = {"runs": "a,b", "since": known}
    assert client.get(PAGE, asked, **part).status_code == 204
    make_run(start=True)
    assert client.get(PAGE, asked, **part).status_code == 204
    assert client.get(PAGE, {**asked, "runs": "a,c"}, **part).status_code == 200
    log(make_run(run_id="d", start=True), "loss", 1.0)
    answer = client.get(PAGE, {"runs": "a,d", "since": known}, **part)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()


def test_the_page_asks_the_database_as_often_for_many_runs_as_for_few(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    ids = []
    for number in range(20):
        run = make_run(start=True, tags={f"tag {n}": str(number) for n in range(number)})
        for n in range(number):
            log(run, f"metric {n}", 1.0, float(number))
        log(run, "plot", "a.png", kind=MetricKind.IMAGE)
        with_source(run, {"a.py": str(number)})
        ids.append(run.run_id)
    client = browser(alice)
    shown(client, runs=ids[0])

    def asked(count: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(client, runs=",".join(ids[:count]))
        return len(queries)

    assert asked(2) == asked(20)
    assert asked(20) <= 10
