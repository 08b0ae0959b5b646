"""A comparison kept as a custom view: what it holds, who opens it, and what becomes of its runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runs.access import Actor
from runs.actions import deletion, lifecycle, views
from runs.actions.refused import Refused
from runs.models import CustomView, Run, User, Workspace
from studio.contract.words import Sharing
from tests.conftest import MakeRun
from tests.pages.conftest import Browser
from tests.pages.test_compare import PAGE, names, three

__all__ = ["three"]
LIST = "/w/main/runs/"
VIEWS = "/w/main/views/"
HOW = {"base": "c", "differ": True, "up": ["accuracy"], "axes": ["metric:loss", "metric:accuracy"]}


def html(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def kept(workspace: Workspace, bob: User, three: None) -> CustomView:
    """A comparison of Bob's that everybody sees, of the runs a, b and c."""
    by = Actor.of_user(bob)
    view = views.create(
        workspace, by=by, name="Side by side", state={"selected": ["a", "b", "c"], "compare": HOW}
    )
    views.share(view, by=by, sharing=Sharing.VIEW)
    return view


def test_the_comparison_as_it_is_becomes_a_view(browser: Browser, bob: User, three: None) -> None:
    client = browser(bob)
    asked = {"runs": "c,a,b", "base": "a", "differ": "true", "find": "lo", "up": "accuracy",
             "down": "loss", "closed": "tags", "axes": "metric:loss,metric:accuracy",
             "x": "metric:loss", "y": "metric:accuracy"}  # fmt: skip
    page = client.get(PAGE, asked)
    assert "Not saved" in html(page)
    form = {"name": "Of three", "address": page.context["state"].link(), "page": "compare"}
    answer = client.post(VIEWS, form, follow=True)
    view = CustomView.objects.get()
    assert answer.redirect_chain == [(f"{PAGE}?view={view.slug}", 302)]
    assert "Kept as a view of your own." in html(answer)
    state, asked_for = answer.context["state"], page.context["state"]
    for part in ("runs", "base", "differ", "find", "up", "down", "closed", "axes", "x", "y"):
        assert getattr(state, part) == getattr(asked_for, part), part
    assert (state.changed, state.link()) == ([], f"?view={view.slug}")
    assert names(html(answer)) == ["c", "a", "b"]
    assert view.state["selected"] == ["c", "a", "b"]


def test_each_door_to_the_view_leads_to_its_comparison(
    browser: Browser, kept: CustomView, rita: User, charlie: User
) -> None:
    client = browser(rita)
    for place in (f"{VIEWS}{kept.slug}/", f"{LIST}?view={kept.slug}"):
        opened = client.get(place, follow=True)
        assert opened.redirect_chain[-1][0] == f"{PAGE}?view={kept.slug}", place
        assert opened.context["state"].base == "c"
    for page in (client.get(LIST), client.get(PAGE, {"runs": "a,b"})):
        assert f'href="{PAGE}?view={kept.slug}"' in html(page)
        assert "compares 3 runs" in html(page)
    assert "3 runs side by side" in html(client.get(VIEWS))
    assert browser(charlie).get(f"{PAGE}?view={kept.slug}").status_code == 404
    assert client.get(f"{PAGE}?view=never-1").status_code == 404
    views.share(kept, by=Actor.of_user(kept.owner), sharing=Sharing.PRIVATE)
    assert client.get(f"{PAGE}?view={kept.slug}").status_code == 404


def test_a_view_of_a_list_is_no_comparison(browser: Browser, view: CustomView, bob: User) -> None:
    answer = browser(bob).get(f"{PAGE}?view={view.slug}")
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?view={view.slug}")


def test_what_differs_from_the_view_is_named_saved_and_kept_in_its_history(
    browser: Browser, kept: CustomView, bob: User, rita: User
) -> None:
    client = browser(bob)
    place = f"{PAGE}?view={kept.slug}"
    page = client.get(f"{place}&base=b&differ=false&up=")
    assert "Changed: baseline, only differences, what is better</span>" in html(page)
    address = page.context["state"].link()
    assert address == f"?view={kept.slug}&base=b&differ=false&up="
    part = client.get(f"{place}&base=b", headers={"HX-Request": "true"})
    assert 'data-differs="baseline"' in html(part)
    pressed = client.get(f"{place}&baseline=c")
    assert pressed["Location"] == place
    assert client.get(f"{place}&leave=c")["Location"] == f"{place}&runs=a,b&base="
    form = {"version": "1", "address": address, "page": "compare"}
    saved = client.post(f"{VIEWS}{kept.slug}/save/", form, follow=True)
    assert saved.redirect_chain == [(place, 302)]
    assert (saved.context["state"].base, saved.context["state"].changed) == ("b", [])
    refused = browser(rita).post(f"{VIEWS}{kept.slug}/save/", form, follow=True)
    assert "Save it as a view of your own." in html(refused)
    assert f"{VIEWS}{kept.slug}/save/" not in html(browser(rita).get(f"{place}&base=a"))
    history = html(client.get(f"{VIEWS}{kept.slug}/history/"))
    assert '<span class="faint">Compares</span> a, b, c' in history
    assert '<span class="faint">Baseline</span> c' in history
    back = client.post(f"{VIEWS}{kept.slug}/bring-back/", {"version": "1"}, follow=True)
    assert back.context["state"].base == "c"


def test_of_two_saves_of_a_comparison_the_second_sees_both(
    browser: Browser, kept: CustomView, bob: User
) -> None:
    theirs = {"selected": ["a", "c"], "compare": {"base": "c"}}
    views.save(kept, by=Actor.of_user(bob), version=1, state=theirs)
    client = browser(bob)
    form = {"version": "1", "address": f"?view={kept.slug}&runs=a,b", "page": "compare"}
    conflict = client.post(f"{VIEWS}{kept.slug}/save/", form)
    assert conflict.status_code == 409
    assert ("Compares", "a, c", "a, b") in conflict.context["parts"]
    address = conflict.context["address"]
    assert client.get(PAGE + address).context["state"].runs == ("a", "b")
    client.post(f"{VIEWS}{kept.slug}/save/", {**form, "version": "2", "address": address})
    kept.refresh_from_db()
    assert (kept.version, kept.state["selected"]) == (3, ["a", "b"])
    views.save(kept, by=Actor.of_user(bob), version=3, state={"filter": "tag:x"})
    conflict = client.post(f"{VIEWS}{kept.slug}/save/", form)
    assert ("Filter", "tag:x", "–") in conflict.context["parts"]


def test_a_run_that_is_gone_is_noted_and_the_rest_compared(
    browser: Browser, kept: CustomView, bob: User
) -> None:
    by = Actor.of_user(bob)
    lifecycle.complete(Run.objects.get(run_id="c"), by=by)
    deletion.delete(Run.objects.get(run_id="c"), by=by)
    page = browser(bob).get(f"{PAGE}?view={kept.slug}")
    assert names(html(page)) == ["a", "b"]
    assert "There is no run “c” in this workspace. It may have been deleted" in html(page)
    assert (page.context["state"].changed, page.context["state"].place) == ([], 0)
    views.save(kept, by=by, version=1, state={"selected": ["zzz"], "compare": {}})
    assert "No runs to compare yet" in html(browser(bob).get(f"{PAGE}?view={kept.slug}"))


def test_a_comparison_can_be_what_somebody_begins_with(
    browser: Browser, kept: CustomView, rita: User
) -> None:
    client = browser(rita)
    client.post(f"{VIEWS}{kept.slug}/choose/", {"what": "default", "on": "true"})
    assert client.get(LIST)["Location"] == f"{PAGE}?view={kept.slug}"
    assert len(client.get(f"{LIST}?view=default").context["page"].rows) == 3
    # A list that is open while that is chosen stays a list.
    assert client.get(LIST, headers={"HX-Request": "true"}).status_code == 204


def test_its_endpoints_answer_with_the_runs_that_it_compares(
    browser: Browser, kept: CustomView, rita: User, make_run: MakeRun
) -> None:
    make_run(run_id="other")
    client = browser(rita)
    rows = json.loads(client.get(f"{VIEWS}{kept.slug}.json").getvalue())
    assert [row["id"] for row in rows] == ["c", "b", "a"]
    text = client.get(f"{VIEWS}{kept.slug}.csv").getvalue().decode("utf-8-sig")
    assert len(text.splitlines()) == 4
    assert html(client.get(f"{VIEWS}{kept.slug}.atom")).count("<entry>") == 3
    # All runs of the list are others: nothing that is asked of the list can mean them by this view.
    for place in ("export/", "chart-data/"):
        answer = client.get(f"/w/main/{place}", {"view": kept.slug, "chart": "{}"})
        assert answer.status_code in (302, 400), place


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"compare": {}}, "A comparison needs runs in selected."),
        ({"selected": ["a"], "compare": []}, "compare should be nothing, or an object"),
        ({"selected": ["a"], "compare": {"colour": "red"}}, "compare should be"),
        ({"selected": ["a"], "compare": {"differ": "yes"}}, "compare should be"),
        ({"selected": ["a"], "compare": {"up": "loss"}}, "compare should be"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_and_one_of_another_time_shown_as_a_list(
    browser: Browser, workspace: Workspace, bob: User, state: dict[str, Any], told: str
) -> None:
    with pytest.raises(Refused, match=told) as caught:
        views.create(workspace, by=Actor.of_user(bob), name="x", state=state)
    assert caught.value.field == "state"
    kept = views.create(workspace, by=Actor.of_user(bob), name="x", state={})
    CustomView.objects.filter(pk=kept.pk).update(state=state)
    opened = browser(bob).get(f"{VIEWS}{kept.slug}/", follow=True)
    assert opened.redirect_chain == [(f"{LIST}?view={kept.slug}", 302)]
    assert told in html(opened)


def test_a_form_without_runs_is_refused(browser: Browser, bob: User, workspace: Workspace) -> None:
    form = {"name": "Nothing", "address": "?runs=", "page": "compare"}
    answer = browser(bob).post(VIEWS, form, follow=True)
    assert answer.redirect_chain == [(f"{PAGE}?runs=", 302)]
    assert "A comparison needs runs in selected." in html(answer)
    assert not CustomView.objects.exists()
