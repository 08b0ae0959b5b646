"""Views in the menu and on their own page; deleted ones; and those of which a part is gone."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import views
from runs.models import CustomView, Run, RunTag, User
from tests.pages.conftest import Browser
from tests.pages.test_list import names

LIST = "/w/main/runs/"
VIEWS = "/w/main/views/"


def html(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_deleted_view_can_be_brought_back(
    browser: Browser, view: CustomView, bob: User, rita: User
) -> None:
    client = browser(bob)
    answer = client.post(f"{VIEWS}{view.slug}/delete/", follow=True)
    assert answer.redirect_chain == [(f"{LIST}?view=default", 302)]
    assert "The view Good runs is deleted." in html(answer)
    undo = f"{VIEWS}{view.slug}/undelete/"
    assert f'action="{undo}"' in html(answer)
    assert browser(rita).get(f"{LIST}?view={view.slug}").status_code == 404
    assert browser(rita).post(undo).status_code == 404
    assert undo in html(client.get(VIEWS))
    assert "Good runs" not in html(browser(rita).get(VIEWS))
    back = client.post(undo, follow=True)
    assert names(html(back)) == ["good"]
    assert "Deleted</h2>" not in html(client.get(VIEWS))


def test_an_owner_of_the_workspace_brings_back_what_she_deleted(
    browser: Browser, view: CustomView, alice: User, bob: User
) -> None:
    browser(alice).post(f"{VIEWS}{view.slug}/delete/")
    assert "Good runs" in html(browser(alice).get(VIEWS))
    browser(alice).post(f"{VIEWS}{view.slug}/undelete/")
    assert names(html(browser(bob).get(f"{LIST}?view={view.slug}"))) == ["good"]
    CustomView.objects.update(sharing="private")
    assert browser(alice).post(f"{VIEWS}{view.slug}/delete/").status_code == 404


def test_a_deleted_view_is_forgotten_after_its_time(view: CustomView, bob: User) -> None:
    views.delete(view, by=Actor.of_user(bob))
    gone = view.deleted_at
    assert gone is not None
    assert views.forget_old(gone + views.KEPT_FOR) == 0
    assert views.forget_old(gone + views.KEPT_FOR * 1.01) == 1
    assert not CustomView.objects.exists()


def test_all_views_are_on_one_page_for_whoever_sees_them(
    browser: Browser, view: CustomView, alice: User, bob: User, rita: User, charlie: User
) -> None:
    views.create(view.workspace, by=Actor.of_user(rita), name="Of Rita alone", state={})
    page = html(browser(rita).get(VIEWS))
    assert "Of Rita alone" in page
    assert "tag:quality=good" in page
    assert f"{VIEWS}{view.slug}/delete/" not in page
    assert "Of Rita alone" not in html(browser(alice).get(VIEWS))
    assert browser(charlie).get(VIEWS).status_code == 404
    few = counted(browser(bob))
    for number in range(5):
        made = views.create(view.workspace, by=Actor.of_user(bob), name=f"n {number}", state={})
        views.share(made, by=Actor.of_user(bob), members={"rita": True})
    assert counted(browser(bob)) == few


def counted(client: Client) -> int:
    client.get(VIEWS)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(VIEWS).status_code == 200
    return len(caught)


def test_the_menu_has_a_place_for_starred_own_and_shared_views(
    browser: Browser, view: CustomView, rita: User
) -> None:
    client = browser(rita)
    mine = views.create(view.workspace, by=Actor.of_user(rita), name="Mine", state={})

    def menu() -> list[tuple[str, list[str]]]:
        groups = client.get(LIST).context["groups"]
        return [(title, [each.view.name for each in found]) for title, found in groups]

    assert menu() == [("Mine", ["Mine"]), ("Shared with me", ["Good runs"])]
    views.star(view, by=Actor.of_user(rita), on=True)
    assert menu() == [("Starred", ["Good runs"]), ("Mine", ["Mine"])]
    page = html(client.get(f"{LIST}?view={mine.slug}"))
    assert "Readers keep views for themselves" in page
    assert 'name="sharing"' not in page


def test_a_view_of_another_time_shows_what_it_can(
    browser: Browser, view: CustomView, bob: User
) -> None:
    broken = {"filter": "tag:quality", "sort": ["gone"], "columns": [{"id": "future"},
              {"id": "name"}], "hologram": True}  # fmt: skip
    CustomView.objects.filter(pk=view.pk).update(state=broken)
    page = browser(bob).get(f"{LIST}?view={view.slug}")
    assert len(names(html(page))) == 2
    assert "hologram" in html(page)
    assert [h.column.id for h in page.context["page"].heads] == ["name"]
    assert page.context["notes"] == [
        'The column "future" is not known here and left out.',
        'Runs cannot be sorted by "gone" here; they are not.',
    ]


def test_what_no_run_has_is_noted_and_no_error(
    browser: Browser, view: CustomView, bob: User
) -> None:
    client = browser(bob)
    columns = "name,tag:quality,tag:never,param:lr,metric:loss.min,metric:loss"
    query = "-tag:absent (tag:quality=good OR property:owner=bob) tag:quality!=x"
    page = client.get(LIST, {"columns": columns, "filter": query})
    assert page.status_code == 200
    assert page.context["notes"] == [
        'No run here has the property "owner" that the filter asks for.',
        'No run here has the tag "never": its column stays empty.',
        'No run here has the parameter "lr": its column stays empty.',
        'No run here has the metric "loss": its column stays empty.',
    ]
    Run.objects.get(display_name="bad").delete()
    RunTag.objects.all().delete()
    page = client.get(f"{LIST}?view={view.slug}")
    assert "No run here has the tag &quot;quality&quot; that" in html(page)
    assert client.get(LIST).context["notes"] == []
