"""The table of All runs: columns that differ, pins, groups with counts, and children below their runs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from runs.access import Actor
from runs.actions import deletion, lifecycle, metrics, runs
from runs.actions.metrics import Row
from runs.models import Run, User, Workspace
from runs.queries import groups
from runs.templatetags.runs import ago_words
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_list import LIST, names


def heads(answer: Any) -> list[str]:
    return [head.column.id for head in answer.context["page"].heads]


def test_columns_in_which_all_runs_are_alike_can_be_hidden(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for number in range(2):
        make_run(display_name="same", tags={"kept": str(number), "alike": "x"})
    client = browser(alice)
    asked = {"columns": "name,status,compute,tag:kept,tag:alike,tag:nobody", "differ": "true"}
    answer = client.get(LIST, asked)
    assert heads(answer) == ["name", "status", "tag:kept"]
    assert "3 columns hidden: all the same" in answer.content.decode()
    shown = client.get(LIST + answer.context["everything"])
    assert len(heads(shown)) == 6
    assert "hidden: all the same" not in shown.content.decode()
    # A run alone differs from none.
    assert len(heads(client.get(LIST, asked | {"filter": "tag:kept=1"}))) == 6


def test_a_view_keeps_which_columns_differ_and_which_groups_are_closed(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    make_run(experiment_name="one")
    make_run(experiment_name="two")
    client = browser(alice)
    answer = client.get(LIST, {"group": "experiment", "closed": "one", "differ": "true"})
    address = answer.context["state"].link()
    kept = client.post("/w/main/views/", {"name": "Kept", "address": address}, follow=True)
    state = kept.context["state"]
    assert (state.state.closed, state.state.differ) == (("one",), True)
    opened = client.get(LIST + state.link(closed=(), differ=False)).context["state"]
    assert (opened.state.closed, opened.state.differ) == ((), False)


def test_pinned_columns_stand_first_and_the_name_is_pinned_unless_said(
    browser: Browser, alice: User, run: Run
) -> None:
    client = browser(alice)
    own = client.get(LIST).context["page"]
    assert [head.column.id for head in own.heads if head.shown.pinned] == ["name"]
    answer = client.get(LIST, {"columns": "created,name,*status!150,*tag:a%2Cb"})
    assert heads(answer) == ["status", "tag:a,b", "created", "name"]
    assert answer.context["page"].columns == "*status!150,*tag:a%2Cb,created,name"
    assert len(re.findall(r"<th [^>]*data-pinned", answer.content.decode())) == 2


def counted(answer: Any) -> list[tuple[Any, int, int, bool]]:
    bands = answer.context["page"].bands
    return [(b.head.value, b.head.count, len(b.rows), b.head.is_closed) for b in bands]


def test_a_group_says_how_many_runs_it_has_also_beyond_the_page(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for number in range(62):
        make_run(experiment_name="b" if number % 31 else "a")
    client = browser(alice)
    first = client.get(LIST, {"group": "experiment"})
    assert counted(first) == [("a", 2, 2, False), ("b", 60, 48, False)]
    assert "60 runs" in first.content.decode()
    second = client.get(LIST + first.context["page"].after)
    assert counted(second) == [("b", 60, 12, False)]


def test_beyond_a_number_a_count_says_that_there_are_more(
    browser: Browser, alice: User, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "COUNTED", 55)
    for _ in range(60):
        make_run()
    assert "55+ runs" in browser(alice).get(LIST, {"group": "experiment"}).content.decode()


@pytest.mark.parametrize("filter", ["", "tag:k", "-tag:nothing"])
def test_a_closed_group_shows_its_head_in_its_place_and_takes_no_room(
    browser: Browser, alice: User, make_run: MakeRun, filter: str
) -> None:
    for number in range(130):
        make_run(experiment_name="abc"[number % 3], tags={"k": "v"})
    client = browser(alice)
    answer = client.get(LIST, {"group": "experiment", "filter": filter})
    link = answer.context["page"].bands[0].head.toggle
    answer = client.get(LIST + link)
    sizes = [(value, count, is_closed) for value, count, _, is_closed in counted(answer)]
    assert sizes[0] == ("a", 44, True)
    assert sizes[1][0] == "b"
    assert len(answer.context["page"].rows) == 49
    seen = list(answer.context["page"].rows)
    while answer.context["page"].after:
        answer = client.get(LIST + answer.context["page"].after)
        seen += answer.context["page"].rows
    assert {row.run.experiment.name for row in seen} == {"b", "c"}
    assert len({row.run.pk for row in seen}) == 86
    opened = client.get(LIST + link)
    again = client.get(LIST + opened.context["page"].bands[0].head.toggle)
    assert counted(again)[0][1:] == (44, 44, False)


@pytest.mark.parametrize(
    ("by", "first", "second"),
    [
        ("tag:t", "x-y,+", None),
        ("tag:t", "-", None),
        ("property:p", "x", None),
        ("param:q", 0.5, "text"),
        ("metric:m", 1.0, 2.0),
        ("status", "Completed", "Running"),
        ("type", "", "special"),
        ("exit_code", None, None),
    ],
)
def test_runs_are_grouped_and_closed_by_whatever_they_have(
    browser: Browser,
    alice: User,
    make_run: MakeRun,
    by: str,
    first: Any,
    second: Any,
) -> None:
    actor = Actor.of_user(alice)
    label = str(first)
    one = make_run(tags={"t": label}, properties={"p": label}, parameters={"q": label}, start=True)
    two = make_run(parameters={"q": second if isinstance(second, str) else "zz"}, start=True)
    Run.objects.filter(pk=two.pk).update(run_type="special")
    for run, value in ((one, 1.0), (two, 2.0)):
        metrics.append(run, by=actor, session="s", sequence=0, rows=[Row("m", value)])
    lifecycle.complete(one, by=actor)
    client = browser(alice)
    answer = client.get(LIST, {"group": by})
    values = [value for value, *_ in counted(answer)]
    assert values == ([first, second] if by != "exit_code" else [None])
    for band in answer.context["page"].bands:
        closed = client.get(LIST + band.head.toggle)
        shut = [value for value, _, rows, is_closed in counted(closed) if is_closed]
        assert shut == [band.head.value]
        assert [count for _, count, _, _ in counted(closed)] == [1] * len(values) or values == [
            None
        ]


@pytest.mark.parametrize(
    "asked",
    ["group=created", "group=duration", "group=id", "differ=maybe", "closed=%00",
     "closed=" + ",".join(map(str, range(51))), "closed=" + "x" * 301],
)  # fmt: skip
def test_what_no_group_can_be_is_refused_with_a_sentence(
    browser: Browser, alice: User, run: Run, asked: str
) -> None:
    answer = browser(alice).get(f"{LIST}?{asked}")
    assert answer.status_code == 400
    assert "This is not understood" in answer.content.decode()


def test_what_is_closed_in_vain_closes_nothing(browser: Browser, alice: User, run: Run) -> None:
    client = browser(alice)
    for group in ("", "metric:m", "exit_code", "param:p", "tag:t", "experiment"):
        answer = client.get(LIST, {"group": group, "closed": "nobody,1e400,99999999999999999999"})
        assert len(names(answer.content.decode())) == 1, group


def test_a_run_with_children_says_how_they_went_and_opens(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    parent = make_run(display_name="parent", start=True)
    for number in range(3):
        child = make_run(display_name=f"child {number}", parent_run_id=parent.run_id, start=True)
        if number:
            lifecycle.complete(child, by=Actor.of_user(alice))
    make_run(display_name="deep", parent_run_id=child.run_id)
    make_run(display_name="lonely")
    client = browser(alice)
    page = client.get(LIST, {"columns": "name,tag:x"})
    html = page.content.decode()
    assert html.count('class="twig"') == 1
    assert 'title="3 child runs: 2 Completed, 1 Running"' in html
    rest = page.context["page"].below
    rows = client.get(f"{LIST}{parent.run_id}/rows/{rest}").content.decode()
    assert names(rows) == ["child 2", "child 1", "child 0"]
    assert rows.count("<td") == 9
    assert rows.count('data-level="1"') == 3
    assert 'title="1 child run: 1 NotStarted"' in rows
    deeper = client.get(f"{LIST}{child.run_id}/rows/{rest}&level=2").content.decode()
    assert (names(deeper), 'data-level="2"' in deeper) == (["deep"], True)


def test_children_come_fifty_at_a_time_in_the_order_of_the_list(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    parent = make_run()
    for number in range(60):
        make_run(display_name=f"child {number:02}", parent_run_id=parent.run_id)
    client = browser(alice)
    address = f"{LIST}{parent.run_id}/rows/?sort=name&group=experiment"
    first = client.get(address).content.decode()
    (after,) = re.findall(r'data-more="([^"]+)"', first)
    second = client.get(f"{address}&after={after}").content.decode()
    assert names(first) + names(second) == [f"child {n:02}" for n in range(60)]
    assert "data-more" not in second


@pytest.mark.parametrize("asked", ["level=0", "level=x", "level=51", "after=x", "columns=nonsense"])
def test_rows_below_that_cannot_be_are_refused(
    browser: Browser, alice: User, run: Run, asked: str
) -> None:
    answer = browser(alice).get(f"{LIST}{run.run_id}/rows/?{asked}")
    assert answer.status_code == 400
    assert answer.content.decode().startswith(f"{asked.split('=')[0]}: ")


def test_nobody_else_sees_the_rows_below_a_run(
    browser: Browser, charlie: User, rita: User, run: Run, workspace: Workspace
) -> None:
    assert browser(charlie).get(f"{LIST}{run.run_id}/rows/").status_code == 404
    assert browser(charlie).get(f"/w/elsewhere/runs/{run.run_id}/rows/").status_code == 404
    assert browser(rita).get(f"{LIST}{run.run_id}/rows/").status_code == 200
    assert browser(rita).get(f"{LIST}nobody/rows/").status_code == 404


def test_children_that_are_archived_or_deleted_are_not_counted(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    parent = make_run()
    hidden, deleted = (make_run(parent_run_id=parent.run_id, start=True) for _ in range(2))
    actor = Actor.of_user(alice)
    runs.edit(hidden, hidden=True, by=actor)
    assert "1 child run:" in browser(alice).get(LIST).content.decode()
    lifecycle.fail(deleted, by=actor)
    deletion.delete(Run.objects.get(pk=deleted.pk), by=actor)
    assert 'class="twig"' not in browser(alice).get(LIST).content.decode()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (9.9, "just now"),
        (59.9, "59 seconds ago"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (7200, "2 hours ago"),
        (86_400, "yesterday"),
        (400 * 86_400, "400 days ago"),
    ],
)
def test_a_time_is_said_in_the_words_that_the_page_keeps_true(seconds: float, said: str) -> None:
    assert ago_words(seconds) == said
