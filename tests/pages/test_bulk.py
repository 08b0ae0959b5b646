"""The selected runs of the list: looked at, worked on, followed, put back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from runs.access import Actor
from runs.actions import bulk_work, labels, lifecycle
from runs.models import Run, Task, User, Workspace
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_list import names

LIST, BULK = "/w/main/runs/", "/w/main/bulk/"


@pytest.fixture
def runs(make_run: MakeRun, bob: User) -> list[Run]:
    return [
        make_run(
            by=bob,
            display_name=f"run {n}",
            run_id=f"r{n}",
            start=n > 0,
            tags={"group": str(n % 2)},
        )
        for n in range(4)
    ]


def post(client: Client, action: str, **asked: Any) -> Any:
    runs = json.dumps(asked.pop("ids", []))
    return client.post(BULK, {"action": action, "runs": runs, **asked}, follow=True)


def tags(run: Run) -> dict[str, str | None]:
    return dict(Run.objects.values_list("tags", flat=True).get(pk=run.pk))


def test_a_few_runs_are_tagged_at_once_and_it_can_be_undone(
    browser: Browser, bob: User, runs: list[Run]
) -> None:
    client = browser(bob)
    answer = post(client, "tag", ids=["r1", "r2"], text="quality=good = best\nflag\n")
    html = answer.content.decode()
    assert "Tagged 2 runs." in html
    assert tags(runs[1]) == {"group": "1", "quality": "good = best", "flag": None}
    assert tags(runs[3]) == {"group": "1"}
    task = Task.objects.get()
    assert f"/w/main/tasks/{task.pk}/" in html
    labels.set_tags(runs[2], {"quality": "other"}, by=Actor.of_user(bob))
    undo = f"/w/main/tasks/{task.pk}/undo/"
    assert f'action="{undo}"' in html
    address = "/w/main/runs/?filter=tag%3Agroup"
    undone = client.post(undo, {"back": address}, follow=True)
    assert undone.redirect_chain[0][0] == address
    assert "Put 1 of 2 runs back. 1 was left alone." in undone.content.decode()
    back = Task.objects.get(undo_of=task)
    page = client.get(f"/w/main/tasks/{back.pk}/").content.decode()
    assert "was changed since by bob" in page
    assert tags(runs[1]) == {"group": "1"}
    assert tags(runs[2])["quality"] == "other"


def test_all_that_match_are_meant_not_only_those_of_the_page(
    browser: Browser, bob: User, runs: list[Run]
) -> None:
    post(browser(bob), "untag", scope="all", address="?filter=tag:group=1", text="group")
    assert [tags(run) for run in runs] == [{"group": "0"}, {}, {"group": "0"}, {}]


def test_what_destroys_asks_for_the_number_and_goes_on_as_a_task(
    browser: Browser, bob: User, runs: list[Run]
) -> None:
    client = browser(bob)
    refused = post(client, "cancel", ids=["r1", "r2", "r3"])
    assert "This would cancel 3 runs" in refused.content.decode()
    page = post(client, "cancel", ids=["r1", "r2", "r3"], confirm="3").content.decode()
    assert "It waits for its turn." in page
    assert "<h1>Cancel 3 runs</h1>" in page
    assert "Stop" in page
    task = Task.objects.get()
    Task.objects.update(state="running")
    page = client.get(f"/w/main/tasks/{task.pk}/").content.decode()
    assert "<h1>Asking 3 runs to stop</h1>" in page
    Task.objects.update(state="waiting")
    bulk_work.work_at_once(task, "worker")
    done = client.get(f"/w/main/tasks/{task.pk}/")
    assert "<h1>Asked 3 runs to stop</h1>" in done.content.decode()
    assert done.content.decode().count('<td class="cell-wrap">done</td>') == 3
    assert {run.status for run in Run.objects.filter(run_id__in=["r1", "r2", "r3"])} == {"Canceled"}
    again = client.get(
        f"/w/main/tasks/{task.pk}/", {"since": done.context["changed"]},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert again.status_code == 204


def test_a_preview_says_what_each_action_can_touch(
    browser: Browser, bob: User, runs: list[Run]
) -> None:
    told = browser(bob).post(f"{BULK}preview/", {"runs": '["r0", "r1"]'}).json()
    assert told["selected"] == 2
    assert (told["touches"]["cancel"], told["touches"]["delete"], told["touches"]["tag"]) == (
        2,
        0,
        2,
    )
    assert "cancel it first" in told["reasons"]["delete"][0]
    everything = browser(bob).post(f"{BULK}preview/", {"scope": "all", "address": ""}).json()
    assert everything["selected"] == 4


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"runs": "nonsense"}, "named by their ids"),
        ({"runs": "[1]"}, "named by their ids"),
        ({"runs": "[" * 5000}, "named by their ids"),
        ({"scope": "all", "address": "?filter=status:nope"}, "no status"),
        ({"scope": "all", "address": "?bogus=1"}, "no such part"),
    ],
)
def test_a_selection_that_is_none_changes_nothing_and_says_so(
    browser: Browser, bob: User, runs: list[Run], asked: dict[str, str], says: str
) -> None:
    client = browser(bob)
    told = client.post(f"{BULK}preview/", asked)
    assert told.status_code == 400
    assert says in told.json()["problem"]
    page = client.post(BULK, {"action": "tag", "text": "x", **asked}, follow=True)
    assert says in page.content.decode() or page.status_code == 400
    assert not Task.objects.exists()


def test_a_reader_has_no_boxes_and_no_way_round_them(
    browser: Browser, rita: User, charlie: User, runs: list[Run]
) -> None:
    client = browser(rita)
    html = client.get(LIST).content.decode()
    assert len(names(html)) == 4
    assert "data-select" not in html
    assert client.post(BULK, {"action": "tag", "runs": '["r0"]', "text": "x"}).status_code == 403
    assert browser(charlie).post(BULK, {"action": "tag"}).status_code == 404
    assert tags(runs[0]) == {"group": "0"}


def test_a_task_of_another_workspace_is_not_there(
    browser: Browser, bob: User, charlie: User, runs: list[Run], other_workspace: Workspace
) -> None:
    post(browser(bob), "tag", ids=["r1"], text="x")
    task = Task.objects.get()
    assert browser(charlie).get(f"/w/elsewhere/tasks/{task.pk}/").status_code == 404
    for bad in ("0", "x", "9" * 40):
        assert browser(bob).get(f"/w/main/tasks/{bad}/").status_code == 404


def test_a_few_runs_are_deleted_at_once_with_a_way_back(
    browser: Browser, bob: User, runs: list[Run], make_run: MakeRun
) -> None:
    by = Actor.of_user(bob)
    for run in runs[1:3]:
        lifecycle.complete(run, by=by)
    client = browser(bob)
    answer = post(client, "delete", ids=["r1", "r2", "r3"], confirm="3")
    html = answer.content.decode()
    assert answer.redirect_chain == [(LIST, 302)]
    assert "Moved 2 of 3 runs to the bin. 1 was left alone." in html
    assert names(html) == ["run 3", "run 0"]
    undo = client.post(f"/w/main/tasks/{Task.objects.get().pk}/undo/", {"back": LIST}, follow=True)
    assert names(undo.content.decode()) == ["run 3", "run 2", "run 1", "run 0"]


def test_what_changed_nothing_offers_no_undo(browser: Browser, bob: User, runs: list[Run]) -> None:
    html = post(browser(bob), "restore", ids=["r1"]).content.decode()
    assert "The run was left alone. It is neither archived nor in the bin." in html
    assert "data-undo" not in html


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/w/main/", "/w/other/", ""]
)
def test_an_undo_leads_to_no_other_place(
    browser: Browser, bob: User, runs: list[Run], back: str
) -> None:
    client = browser(bob)
    post(client, "archive", ids=["r1"])
    answer = client.post(f"/w/main/tasks/{Task.objects.get().pk}/undo/", {"back": back})
    place = f"/w/main/tasks/{Task.objects.latest('pk').pk}/"
    assert (answer.status_code, answer["Location"]) == (302, place)


def test_the_selected_runs_are_a_file_with_the_columns_of_the_list(
    browser: Browser, rita: User, charlie: User, runs: list[Run]
) -> None:
    client = browser(rita)
    asked = {"address": "?columns=name,tag:group&sort=-name&filter=name:nothing", "format": "csv"}
    ids = {"runs": '["r3", "r1", "gone"]', "scope": "ids"}
    answer = client.post("/w/main/export/", {**asked, **ids})
    text = answer.getvalue().decode()
    assert text.splitlines() == ["id,name,tag:group", "r3,run 3,1", "r1,run 1,1"]
    every = {**asked, "scope": "all", "address": "?columns=name&filter=tag:group=0"}
    text = client.post("/w/main/export/", every).getvalue().decode()
    assert text.splitlines() == ["id,name", "r2,run 2", "r0,run 0"]
    page = client.post("/w/main/export/", {**ids, "format": "exe"}, follow=True)
    assert "There is no such format." in page.content.decode()
    assert browser(charlie).post("/w/main/export/", ids).status_code == 404


def test_one_run_is_archived_and_deleted_and_comes_back(
    browser: Browser, bob: User, runs: list[Run]
) -> None:
    lifecycle.complete(runs[1], by=Actor.of_user(bob))
    client, page = browser(bob), "/w/main/runs/r1/"
    archived = client.post(BULK, {"action": "archive", "run": "r1", "back": page}, follow=True)
    assert archived.redirect_chain == [(page, 302)]
    assert "Archived 1 run." in archived.content.decode()
    client.post(f"/w/main/tasks/{Task.objects.latest('pk').pk}/undo/", {"back": page})
    asked = {"action": "delete", "run": "r1", "confirm": "1", "back": LIST}
    deleted = client.post(BULK, asked, follow=True)
    assert "Moved 1 run to the bin." in deleted.content.decode()
    assert names(deleted.content.decode()) == ["run 3", "run 2", "run 0"]
    client.post(f"/w/main/tasks/{Task.objects.latest('pk').pk}/undo/", {"back": LIST})
    assert "run 1" in names(client.get(LIST).content.decode())


def test_tasks_are_listed_with_what_they_did_and_an_undo(
    browser: Browser, bob: User, rita: User, charlie: User, runs: list[Run]
) -> None:
    client = browser(bob)
    post(client, "tag", ids=["r1", "r2"], text="x")
    post(client, "cancel", ids=["r1"], confirm="1")
    html = client.get("/w/main/tasks/").content.decode()
    assert html.index("Cancel 1 run</a>") < html.index("Tagged 2 runs</a>")
    assert html.count("Undo</button>") == 1
    first = Task.objects.earliest("pk")
    back = client.post(
        f"/w/main/tasks/{first.pk}/undo/", {"back": "/w/main/tasks/"}, follow=True
    ).content.decode()
    assert "Put 2 runs back</a>" in back
    assert browser(rita).get("/w/main/tasks/").status_code == 403
    assert browser(charlie).get("/w/main/tasks/").status_code == 404
    assert client.get("/w/main/tasks/?after=nonsense").status_code == 404
