"""All runs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import labels, lifecycle
from runs.models import Run, User
from studio.contract import limits
from tests.conftest import MakeRun
from tests.pages.conftest import Browser

LIST = "/w/main/runs/"
PART = {"HX-Request": "true"}


def names(html: str) -> list[str]:
    return [part.split("</a>")[0].split(">")[-1] for part in html.split('class="name"')[1:]]


def test_an_empty_workspace_says_what_to_do_next(
    browser: Browser, alice: User, workspace: object
) -> None:
    page = browser(alice).get(LIST).content.decode()
    assert "No runs yet" in page
    assert "experiment.start_logging()" in page


def test_it_shows_runs_newest_first(browser: Browser, alice: User, make_run: MakeRun) -> None:
    for name in ("first", "second", "third"):
        make_run(display_name=name)
    assert names(browser(alice).get(LIST).content.decode()) == ["third", "second", "first"]


def test_children_stand_on_their_parents_page(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    parent = make_run(display_name="parent")
    make_run(display_name="child", parent_run_id=parent.run_id)
    client = browser(alice)
    assert names(client.get(LIST).content.decode()) == ["parent"]
    assert "child" in client.get(f"{LIST}{parent.run_id}/").content.decode()
    assert len(names(client.get(f"{LIST}?children=true").content.decode())) == 2


def test_a_page_goes_on_where_the_one_before_ended(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for number in range(60):
        make_run(display_name=f"run {number}")
    client = browser(alice)
    first = client.get(LIST)
    assert len(names(first.content.decode())) == 50
    second = client.get(LIST + first.context["page"].after)
    assert names(second.content.decode()) == [f"run {n}" for n in range(9, -1, -1)]
    assert second.context["page"].after == ""


@pytest.mark.parametrize(
    "asked",
    [
        "status=running,nonsense",
        "bogus=1",
        "after=x",
        "after=LTE",
        "children=maybe",
        "density=airy",
        "experiment=%00",
        "filter=status:nonsense",
        "filter=(a",
        "filter=" + "(" * 10_000,
        "filter=" + "x" * 5_000,
        "filter=%00",
        "filter=metric:loss>1e999999",
        "columns=nonsense",
        "columns=name!99999",
        "columns=name!wide",
        "columns=" + ",".join(f"tag:{n}" for n in range(100)),
        "sort=nonsense",
        "sort=tags",
        "sort=name,status,created",
        "group=tags",
        "group=nonsense",
        "status=Failed&status=Running",
        "after=MQ&before=MQ",
        "before=x",
    ],
)
def test_what_it_does_not_understand_shows_no_rows_and_a_sentence(
    browser: Browser, alice: User, run: Run, asked: str
) -> None:
    answer = browser(alice).get(f"{LIST}?{asked}")
    assert answer.status_code == 400
    assert names(answer.content.decode()) == []
    assert "This is not understood" in answer.content.decode()


def test_a_page_that_shows_another_in_its_place_is_told_where_a_query_breaks_off(
    browser: Browser, alice: User, run: Run
) -> None:
    asked = {"filter": "tag:a status:nope"}
    answer = browser(alice).get(LIST, asked, headers={"HX-Request-Type": "full"})
    assert answer.status_code == 200
    assert 'data-position="14"' in answer.content.decode()
    assert "HX-Request-Type" in answer["Vary"]
    assert names(answer.content.decode()) == []
    assert browser(alice).get(LIST, asked).status_code == 400


def test_a_page_that_shows_another_in_its_place_gets_no_more_than_it_shows(
    browser: Browser, alice: User, run: Run
) -> None:
    client = browser(alice)
    whole = client.get(LIST, {"filter": "experiment:*"}).content.decode()
    answer = client.get(LIST, {"filter": "experiment:*"}, headers={"HX-Request-Type": "full"})
    part = answer.content.decode()
    around = ('<header class="bar"', '<nav class="side"', 'id="palette"', "<script", "<link rel")
    assert all(each in whole for each in around)
    assert not any(each in part for each in around)
    assert names(part) == names(whole) == [run.display_name]
    assert '<input id="query"' in part
    assert "<title>All runs" in part
    assert 'id="toasts"' in part


def test_one_can_go_back_to_newer_pages_and_keep_the_filter(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for number in range(160):
        make_run(display_name=f"run {number}")
    client = browser(alice)
    pages = [client.get(f"{LIST}?experiment=explore-runs")]
    for _ in range(3):
        pages.append(client.get(LIST + pages[-1].context["page"].after))
    seen = [names(page.content.decode()) for page in pages]
    assert [name for shown in seen for name in shown] == [f"run {n}" for n in range(159, -1, -1)]
    back = pages[-1]
    for before in (seen[2], seen[1], seen[0]):
        assert "experiment%3Aexplore-runs" in back.context["page"].first
        back = client.get(LIST + back.context["page"].before)
        assert names(back.content.decode()) == before
    assert back.context["page"].before == ""
    assert back.context["page"].after


def test_a_condition_is_a_chip_that_can_be_left_out(
    browser: Browser, alice: User, run: Run
) -> None:
    page = browser(alice).get(f"{LIST}?experiment=explore-runs&filter=status:Running")
    chips = {chip.text: chip.without for chip in page.context["chips"]}
    assert chips == {
        "status:Running": "?filter=experiment%3Aexplore-runs",
        "experiment:explore-runs": "?filter=status%3ARunning",
    }
    html = page.content.decode()
    assert 'aria-label="Leave out status:Running"' in html
    assert "Leave out" not in browser(alice).get(LIST).content.decode().split("<dialog")[0]


def test_what_stands_in_an_address_in_short_is_a_query(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    make_run(
        display_name="labelled",
        tags={"a b": "c=d", "flag": None},
        properties={"x": "y"},
        parameters={"lr": 0.01},
    )
    make_run(display_name="bare")
    client = browser(alice)
    for asked in ("tag=a b", "tag=a b=c=d", "tag=flag", "property=x=y", "param=lr", "param=lr=1e-2",
                  "name=labelled",
                  "tag=a b&tag=flag&status=NotStarted,Failed"):  # fmt: skip
        assert names(client.get(f"{LIST}?{asked}").content.decode()) == ["labelled"], asked


def test_each_status_can_be_asked_for_and_left_out_again(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    by = Actor.of_user(alice)
    for number in range(3):
        lifecycle.complete(make_run(start=True, display_name=f"done {number}"), by=by)
    lifecycle.fail(make_run(start=True, display_name="broken"), by=by)
    client = browser(alice)
    first = {b.name: b for b in client.get(LIST).context["page"].counts.buckets}
    assert {name: b.count for name, b in first.items()} == {
        "Running": 0, "Completed": 3, "Failed": 1, "Canceled": 0, "Queued": 0, "Other": 0
    }  # fmt: skip
    failed = client.get(LIST + first["Failed"].link)
    assert names(failed.content.decode()) == ["broken"]
    again = {b.name: b for b in failed.context["page"].counts.buckets}
    assert (again["Completed"].count, again["Failed"].is_chosen) == (3, True)
    both = client.get(LIST + again["Completed"].link)
    assert len(names(both.content.decode())) == 4
    assert len(both.context["chips"]) == 1
    neither = client.get(LIST + again["Failed"].link)
    assert neither.context["state"].state.filter == ""


def test_looking_again_writes_nothing(browser: Browser, alice: User, run: Run) -> None:
    client = browser(alice)
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []


def test_the_longest_tags_do_not_make_the_page_heavy(
    browser: Browser, alice: User, make_run: MakeRun
) -> None:
    for _ in range(50):
        make_run(tags={f"{n:0250}": "v" * limits.VALUE for n in range(limits.TAGS_PER_RUN)})
    assert len(browser(alice).get(LIST).content) < 300_000


def test_a_filter_without_a_match_says_so(browser: Browser, alice: User, run: Run) -> None:
    page = browser(alice).get(f"{LIST}?experiment=nowhere").content.decode()
    assert "No run matches" in page


def test_it_answers_nothing_when_nothing_changed(browser: Browser, alice: User, run: Run) -> None:
    client = browser(alice)
    known = client.get(LIST).context["changed"]
    again = client.get(LIST, {"since": known}, headers=PART)
    assert (again.status_code, again.content) == (204, b"")
    lifecycle.complete(run, by=Actor.of_user(alice))
    changed = client.get(LIST, {"since": known}, headers=PART)
    assert b"Completed" in changed.content
    assert b"<html" not in changed.content


def test_hostile_names_are_only_text(browser: Browser, alice: User, run: Run) -> None:
    evil = "<script>alert(1)</script>\"'{{7*7}}"
    Run.objects.update(display_name=evil)
    labels.set_tags(run, {evil: evil}, by=Actor.of_user(alice))
    for page in (LIST, f"{LIST}{run.run_id}/", f"{LIST}{run.run_id}/logs/"):
        html = browser(alice).get(page).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html
        assert "49" not in html.split("<main")[1].split("&lt;script")[1][:60]


@pytest.mark.parametrize("page", ["", "{run}/", "{run}/logs/"])
def test_each_page_asks_the_database_as_often_for_many_as_for_few(
    browser: Browser, alice: User, make_run: MakeRun, page: str
) -> None:
    parent = make_run(run_id="parent", tags={"a": "b"})

    def count() -> int:
        client = browser(alice)
        client.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(LIST + page.format(run="parent")).status_code == 200
        return len(queries)

    make_run(parent_run_id=parent.run_id)
    few = count()
    for number in range(20):
        make_run(tags={"n": str(number)})
        make_run(parent_run_id=parent.run_id)
    assert count() == few
    assert few <= 20


def test_a_page_of_fifty_rows_is_light(browser: Browser, alice: User, make_run: MakeRun) -> None:
    for number in range(50):
        make_run(tags={"number": str(number), "quality": "good"})
    assert len(browser(alice).get(LIST).content) < 150_000
