"""The view bar of the list: keep, save, share, choose, delete, and what happens to two saves at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runs.access import Actor
from runs.actions import deletion, lifecycle, views
from runs.models import CustomView, Run, User, Workspace
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_list import names

LIST = "/w/main/runs/"
VIEWS = "/w/main/views/"


def html(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_list_as_it_is_becomes_a_view(browser: Browser, bob: User, make_run: MakeRun) -> None:
    make_run(display_name="a", tags={"x": "1"})
    make_run(display_name="b")
    client = browser(bob)
    address = client.get(f"{LIST}?filter=tag:x&density=compact&sort=name").context["state"].link()
    answer = client.post(VIEWS, {"name": "  With x ", "address": address}, follow=True)
    assert "Kept as a view of your own." in html(answer)
    assert names(html(answer)) == ["a"]
    state = answer.context["state"]
    assert (state.view.view.name, state.state.density, state.changed) == (
        "With x",
        "compact",
        [],
    )
    assert "data-changes hidden" in html(answer)


def test_a_link_opens_exactly_this(
    browser: Browser, view: CustomView, rita: User, charlie: User
) -> None:
    opened = browser(rita).get(f"{VIEWS}{view.slug}/", follow=True)
    assert names(html(opened)) == ["good"]
    assert [h.column.id for h in opened.context["page"].heads] == ["name", "tag:quality"]
    assert browser(charlie).get(f"{VIEWS}{view.slug}/").status_code == 404
    assert browser(rita).get(f"{VIEWS}never-1/").status_code == 404
    assert browser(rita).get(f"{LIST}?view=never-1").status_code == 404


def test_what_differs_from_the_view_is_marked_and_can_be_saved_or_discarded(
    browser: Browser, view: CustomView, bob: User
) -> None:
    client = browser(bob)
    page = client.get(f"{LIST}?view={view.slug}&filter=tag:quality")
    assert "Changed: filter</span>" in html(page)
    more = f"{LIST}?view={view.slug}&sort=name&columns=name&density=compact&children=true"
    assert "Changed: columns, sort, density, child runs</span>" in html(client.get(more))
    address = page.context["state"].link()
    assert address == f"?view={view.slug}&filter=tag%3Aquality"
    saved = client.post(
        f"{VIEWS}{view.slug}/save/", {"version": "1", "address": address}, follow=True
    )
    assert len(names(html(saved))) == 2
    assert saved.context["state"].changed == []
    view.refresh_from_db()
    assert (view.version, view.state["filter"]) == (2, "tag:quality")
    assert [c["id"] for c in view.state["columns"]] == ["name", "tag:quality"]


def test_of_two_saves_the_second_sees_both_and_loses_nothing(
    browser: Browser, view: CustomView, alice: User, bob: User
) -> None:
    mine = f"?view={view.slug}&filter=tag%3Amine"
    views.save(view, by=Actor.of_user(bob), version=1, state={"filter": "tag:theirs"})
    client = browser(alice)
    save = f"{VIEWS}{view.slug}/save/"
    conflict = client.post(save, {"version": "1", "address": mine})
    assert conflict.status_code == 409
    assert "tag:theirs" in html(conflict)
    assert "tag:mine" in html(conflict)
    view.refresh_from_db()
    assert view.state["filter"] == "tag:theirs"
    client.post(save, {"version": conflict.context["now"].view.version, "address": mine})
    view.refresh_from_db()
    assert (view.version, view.state["filter"]) == (3, "tag:mine")


def test_a_reader_sees_why_she_cannot_save(browser: Browser, view: CustomView, rita: User) -> None:
    client = browser(rita)
    page = html(client.get(f"{LIST}?view={view.slug}&filter=tag:x"))
    assert f"{VIEWS}{view.slug}/save/" not in page
    assert "Bob owns this view: save it as your own." in page
    answer = client.post(
        f"{VIEWS}{view.slug}/save/", {"version": "1", "address": "?filter=x"}, follow=True
    )
    assert "Save it as a view of your own." in html(answer)
    view.refresh_from_db()
    assert view.version == 1


def test_its_owner_renames_and_shares(
    browser: Browser, view: CustomView, bob: User, rita: User
) -> None:
    arrange = f"{VIEWS}{view.slug}/arrange/"
    browser(bob).post(arrange, {"name": "Best", "sharing": "private"})
    assert browser(rita).get(f"{LIST}?view={view.slug}").status_code == 404
    view.refresh_from_db()
    assert (view.name, view.sharing) == ("Best", "private")
    answer = browser(bob).post(arrange, {"name": "Best", "sharing": "world"}, follow=True)
    assert "Share with nobody or the workspace." in html(answer)


def test_a_default_is_what_the_list_begins_with(
    browser: Browser, view: CustomView, rita: User, alice: User
) -> None:
    choose = f"{VIEWS}{view.slug}/choose/"
    client = browser(rita)
    client.post(choose, {"what": "default", "on": "true"})
    assert names(html(client.get(LIST))) == ["good"]
    assert len(names(html(client.get(f"{LIST}?view=default")))) == 2
    client.post(choose, {"what": "default", "on": "false"})
    assert len(names(html(client.get(LIST)))) == 2
    answer = client.post(choose, {"what": "workspace-default", "on": "true"}, follow=True)
    assert "Owners of the workspace" in html(answer)
    browser(alice).post(choose, {"what": "workspace-default", "on": "true"})
    assert names(html(client.get(LIST))) == ["good"]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("sta", ["status:"]),
        ("tag:", ["quality"]),
        ("status:failed tag:quality=", ["bad", "good"]),
        ("status:fail", ["Failed"]),
        ("-tag:qu", ["quality"]),
        ("submitter:", ["me", "alice", "bob", "charlie", "rita"]),
        ("is:a", ["archived"]),
        ("experiment:expl", ["explore-runs"]),
        ("nonsense:", []),
        ("created:", [">-1d", ">-7d", ">-30d"]),
    ],
)
def test_a_query_is_completed_from_what_there_is(
    browser: Browser, view: CustomView, alice: User, rita: User, text: str, labels: list[str]
) -> None:
    told = browser(alice).get("/w/main/complete/", {"filter": text}).json()
    found = [item["label"] for item in told["items"]]
    assert [label for label in found if label != "charlie"] == [
        label for label in labels if label != "charlie"
    ]
    for item in told["items"]:
        assert text[: item["start"]] + item["text"]


def test_a_wrong_query_is_told_with_its_place(
    browser: Browser, alice: User, workspace: Any
) -> None:
    told = browser(alice).get("/w/main/complete/", {"filter": "status:nope"}).json()["problem"]
    assert told["position"] == 8
    assert "no status" in told["detail"]
    for hostile in ("(" * 5000, "\0", "tag:" + "x" * 3000, 'a"', "é" * 1999, "-" * 2000):
        answer = browser(alice).get("/w/main/complete/", {"filter": hostile, "at": "9" * 30})
        assert answer.status_code == 200


def test_a_view_is_shared_with_members_by_name(
    browser: Browser, view: CustomView, bob: User, rita: User, alice: User
) -> None:
    arrange = f"{VIEWS}{view.slug}/arrange/"
    asked = {
        "name": "Good runs",
        "sharing": "private",
        "member": ["rita", " alice ", ""],
        "way": ["view", "edit", "view"],
    }
    browser(bob).post(arrange, asked)
    opened = browser(rita).get(f"{LIST}?view={view.slug}")
    assert names(html(opened)) == ["good"]
    assert not opened.context["state"].view.can_edit
    assert browser(alice).get(f"{LIST}?view={view.slug}").context["state"].view.can_edit
    answer = browser(bob).post(arrange, {**asked, "member": ["nobody"]}, follow=True)
    assert "no member of this workspace" in html(answer)
    answer = browser(bob).post(arrange, {**asked, "way": ["owns"]}, follow=True)
    assert "rita should be able to look at it" in html(answer)
    browser(bob).post(arrange, {**asked, "way": ["none", "edit"]})
    assert browser(rita).get(f"{LIST}?view={view.slug}").status_code == 404


def test_a_reader_renames_her_own_view(browser: Browser, rita: User, workspace: Workspace) -> None:
    mine = views.create(workspace, by=Actor.of_user(rita), name="mine", state={})
    asked = {"name": "still mine"}
    browser(rita).post(f"{VIEWS}{mine.slug}/arrange/", asked)
    mine.refresh_from_db()
    assert mine.name == "still mine"


def test_every_save_is_kept_and_can_be_brought_back(
    browser: Browser, view: CustomView, bob: User, rita: User
) -> None:
    views.save(view, by=Actor.of_user(bob), version=1, state={"filter": "tag:later"})
    page = html(browser(rita).get(f"{VIEWS}{view.slug}/history/"))
    assert "tag:quality=good" in page
    assert "tag:later" in page
    assert "Bring back</button>" not in page
    client = browser(bob)
    assert "Bring back</button>" in html(client.get(f"{VIEWS}{view.slug}/history/"))
    back = client.post(f"{VIEWS}{view.slug}/bring-back/", {"version": "1"}, follow=True)
    assert names(html(back)) == ["good"]
    view.refresh_from_db()
    assert (view.version, view.state["filter"]) == (3, "tag:quality=good")
    answer = client.post(f"{VIEWS}{view.slug}/bring-back/", {"version": "99"}, follow=True)
    assert "There is no version" in html(answer)


def test_a_view_is_an_endpoint(
    browser: Browser, view: CustomView, rita: User, charlie: User
) -> None:
    client = browser(rita)
    rows = client.get(f"{VIEWS}{view.slug}.csv").getvalue().decode("utf-8-sig").splitlines()
    assert rows[0] == "id,name,tag:quality"
    assert len(rows) == 2
    told = json.loads(client.get(f"{VIEWS}{view.slug}.json").getvalue())
    assert [row["name"] for row in told] == ["good"]
    feed = client.get(f"{VIEWS}{view.slug}.atom")
    assert feed["Content-Type"].startswith("application/atom+xml")
    assert "<title>good: NotStarted</title>" in html(feed)
    Run.objects.update(display_name="\x0bevil <b>&")
    assert "evil &lt;b&gt;&amp;" in html(client.get(f"{VIEWS}{view.slug}.atom"))
    assert client.get(f"{VIEWS}{view.slug}.exe/").status_code == 404
    for format in ("csv", "json", "atom"):
        assert browser(charlie).get(f"{VIEWS}{view.slug}.{format}").status_code == 404


def test_deleted_runs_are_brought_back_from_the_bin(
    browser: Browser, bob: User, rita: User, make_run: MakeRun
) -> None:
    run = make_run(by=bob, display_name="gone", run_id="gone", start=True)
    by = Actor.of_user(bob)
    lifecycle.complete(run, by=by)
    deletion.delete(Run.objects.get(pk=run.pk), by=by)
    client = browser(bob)
    assert names(html(client.get(LIST))) == []
    assert ">gone<" in html(client.get("/w/main/bin/"))
    assert browser(rita).get("/w/main/bin/").status_code == 403
    asked = {"action": "restore", "bin": "true", "run": "gone"}
    answer = client.post("/w/main/bulk/", asked, follow=True)
    assert "Restored 1 run." in html(answer)
    assert names(html(client.get(LIST))) == ["gone"]
    assert "The bin is empty" in html(client.get("/w/main/bin/"))
