"""The address of a comparison, the box that adds runs to it, and the page of one file."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.http import QueryDict

from runs.models import User
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
    )
    asked = QueryDict(state.link().removeprefix("?"))
    again, problems = compare_state.read(asked)
    assert problems == []
    assert asked["runs"] == "a,b,c"
    assert CompareState(
        ("a", "b", "c"), again.base, again.differ, again.find, again.up, again.down, again.closed
    ) == state  # fmt: skip
    by_hand, _ = compare_state.read(QueryDict("up=accuracy,f1&down=loss,f1"))
    assert (by_hand.up, by_hand.down) == (("accuracy", "f1"), ("loss",))


def test_links_change_one_part_of_the_address() -> None:
    state = CompareState(runs=("a", "b", "c"), base="b", up=("f1",))
    assert state.moved(0, -1) == ""
    assert state.moved(2, 1) == ""
    assert state.moved(2, -1) == "?runs=a,c,b&base=b&up=f1"
    assert state.moved(1, -1) == "?runs=b,a,c&up=f1"
    # The first run is the baseline until another one is chosen, and stays it when it moves.
    assert CompareState(runs=("a", "b")).moved(0, 1) == "?runs=b,a&base=a"
    assert state.without("b") == "?runs=a,c&up=f1"
    assert state.toggled("tags").endswith("&closed=tags")
    assert CompareState(runs=("a",), closed=("tags",)).toggled("tags") == "?runs=a"
    ways = [state.directed("loss"), state.directed("f1")]
    assert ways == ["?runs=a,b,c&base=b&up=f1,loss", "?runs=a,b,c&base=b&down=f1"]
    assert CompareState(runs=("a",), down=("f1",)).directed("f1") == "?runs=a"
    assert quote("é") in CompareState(runs=("a",)).link(find="é")
