"""The address of a comparison, the box that adds runs to it, and the page of one file."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from django.http import QueryDict

from runs.access import Actor
from runs.actions import views
from runs.models import CustomView, User
from runs.views import compare_state
from runs.views.compare_state import CompareState
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_compare import DIFF, PAGE, shown
from tests.queries.test_compare import with_source


def test_the_difference_of_a_file_is_a_page(
    browser: Browser, alice: User, charlie: User, make_run: MakeRun
) -> None:
    for name, text in (("a", "x\nrate = 1\n"), ("b", "x\nrate = 2\n")):
        with_source(make_run(run_id=name, start=True), {"train.py": text, "same.py": "s"})
    client = browser(alice)
    html = shown(client, runs="a,b")
    (link,) = re.findall(r'<a href="([^"]+)">Difference</a>', html)
    page = client.get(link.replace("&amp;", "&"))
    assert page.status_code == 200
    text = page.content.decode()
    assert '<td class="diff-sign">−</td><td class="diff-text">rate = 1</td>' in text
    assert '<td class="diff-sign">+</td><td class="diff-text">rate = 2</td>' in text
    same = client.get(DIFF, {"runs": "a,b", "file": "same.py"}).content.decode()
    assert "Both runs have the same file." in same
    for asked in ("", "?runs=a", "?runs=a,b", "?runs=a,b&file=no", "?runs=a,zzz&file=train.py",
                  "?runs=a,b&file=%00"):  # fmt: skip
        assert client.get(DIFF + asked).status_code == 404, asked
    assert browser(charlie).get(f"{DIFF}?runs=a,b&file=train.py").status_code == 404


def test_the_palettes_search_finds_runs_alone_for_the_box(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for name in ("a", "b", "c"):
        make_run(run_id=name, display_name=f"Run {name}")
    client = browser(alice)
    newest = client.get("/w/main/find/", {"kind": "run"}).json()["items"]
    assert [each["id"] for each in newest] == ["c", "b", "a"]
    found = client.get("/w/main/find/", {"kind": "run", "text": "Run b"}).json()["items"]
    assert [(each["kind"], each["id"]) for each in found] == [("run", "b")]
    rest = client.get("/w/main/find/", {"kind": "run", "but": "c,a,\0"}).json()["items"]
    assert [each["id"] for each in rest] == ["b"]
    assert client.get("/w/main/find/", {"kind": "run", "text": "\0"}).json()["items"] == []
    pages = client.get("/w/main/find/", {"text": "compare"}).json()["items"]
    assert [each["address"] for each in pages] == [PAGE]


def test_an_address_reads_back_as_it_is_written() -> None:
    state = CompareState(
        runs=("a", "b", "c"),
        base="c",
        differ=False,
        find="a, b & c",
        up=("x,y", "100 %", "é"),
        down=("x%2Cy",),
        closed=("tags", "files"),
        axes=("param:a,b", "metric:loss"),
        x="param:a,b",
        y="metric:50 %",
    )
    asked = QueryDict(state.link().removeprefix("?"))
    again, problems = compare_state.read(asked)
    assert problems == []
    assert asked["runs"] == "a,b,c"
    assert replace(again, runs=("a", "b", "c")) == state
    by_hand, _ = compare_state.read(QueryDict("up=accuracy,f1&down=loss,f1"))
    assert (by_hand.up, by_hand.down) == (("accuracy", "f1"), ("loss",))


def test_each_button_changes_one_part_of_the_address() -> None:
    def after(state: CompareState, step: str, what: str) -> str:
        return state.after(step, what).link()

    state = CompareState(runs=("a", "b", "c"), base="b", up=("f1",))
    same = "?runs=a,b,c&base=b&up=f1"
    for step, run in (("left", "a"), ("right", "c"), ("left", "zzz"), ("leave", "zzz")):
        assert after(state, step, run) == same, step
    assert after(state, "left", "c") == "?runs=a,c,b&base=b&up=f1"
    assert after(state, "left", "b") == "?runs=b,a,c&up=f1"
    # The first run is the baseline until another one is chosen, and stays it when it moves.
    assert after(CompareState(runs=("a", "b")), "right", "a") == "?runs=b,a&base=a"
    assert after(state, "baseline", "c") == "?runs=a,b,c&base=c&up=f1"
    assert after(state, "leave", "b") == "?runs=a,c&up=f1"
    assert after(state, "toggle", "tags").endswith("&closed=tags")
    assert after(CompareState(runs=("a",), closed=("tags",)), "toggle", "tags") == "?runs=a"
    ways = [after(state, "turn", "loss"), after(state, "turn", "f1")]
    assert ways == ["?runs=a,b,c&base=b&up=f1,loss", "?runs=a,b,c&base=b&down=f1"]
    assert after(CompareState(runs=("a",), down=("f1",)), "turn", "f1") == "?runs=a"
    assert quote("é") in CompareState(runs=("a",)).link(find="é")


def test_a_pressed_button_leads_to_the_address_of_what_it_makes(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for name in ("a", "b", "c"):
        make_run(run_id=name)
    client = browser(alice)
    for step, what, address in (
        ("baseline", "c", "?runs=a,b,c&base=c&find=x"),
        ("left", "b", "?runs=b,a,c&base=a&find=x"),
        ("right", "b", "?runs=a,c,b&find=x"),
        ("leave", "a", "?runs=b,c&find=x"),
        ("turn", "loss, or so", "?runs=a,b,c&find=x&up=loss%252C+or+so"),
        ("toggle", "tags", "?runs=a,b,c&find=x&closed=tags"),
    ):
        answer = client.get(PAGE, {"runs": "a,b,c", "find": "x", step: what})
        assert (answer.status_code, answer["Location"]) == (302, PAGE + address), step
        assert client.get(answer["Location"]).status_code == 200


def test_a_view_that_holds_runs_to_compare_leads_to_them(
    browser: Browser, bob: User, view: CustomView
) -> None:
    client = browser(bob)
    place = f"/w/main/runs/?view={view.slug}"
    assert "Compare the runs that this view holds" not in client.get(place).content.decode()
    state = {"filter": "tag:quality=good", "selected": ["a", "b c", "d"]}
    views.save(view, by=Actor.of_user(bob), version=1, state=state)
    html = client.get(place).content.decode()
    (link,) = re.findall(r'href="([^"]+)" title="Compare the runs that this view holds"', html)
    assert link == f"{PAGE}?runs=a%2Cb%20c%2Cd"
    assert "“a”, “b c”, “d”" in client.get(link).content.decode()


def test_a_hundred_runs_by_two_hundred_rows_stay_light(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    ids = [f"{number:08}-0000-4000-8000-000000000000" for number in range(100)]
    for number, run_id in enumerate(ids):
        parameters = {f"p{key}": str(number * key / 10) for key in range(200)}
        make_run(run_id=run_id, parameters=parameters)
    html = shown(browser(alice), runs=",".join(ids))
    cells = html.count("<td")
    assert cells > 19_900
    assert len(html) < 60 * cells
