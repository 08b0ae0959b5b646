"""Custom views: who sees them, who saves them, and what becomes of two saves at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from runs import access
from runs.access import Actor, Right
from runs.actions import views
from runs.actions.refused import Refused
from runs.actions.view_state import ViewState, read_state
from runs.models import CustomView, User, Workspace
from runs.queries.views import first_view, seen
from studio.contract.errors import Code
from studio.contract.words import Sharing

Who = dict[str, Actor]
FULL: dict[str, Any] = {
    "filter": "tag:quality status:failed",
    "columns": [{"id": "tag:quality", "width": 120, "pinned": True}, {"id": "status"}],
    "sort": ["-metric:loss:min"],
    "group": "experiment",
    "density": "compact",
    "children": True,
    "charts": [{"kind": "line", "metrics": ["loss"], "height": 200, "log": False}],
    "selected": ["run-1"],
}


@pytest.fixture
def who(alice: User, bob: User, rita: User, charlie: User) -> Who:
    return {user.username: Actor.of_user(user) for user in (alice, bob, rita, charlie)}


@pytest.fixture
def view(workspace: Workspace, who: Who) -> CustomView:
    return views.create(workspace, by=who["bob"], name="Best runs", state=FULL)


def answer(act: Callable[[], object]) -> str:
    try:
        act()
    except Refused as refused:
        return f"{refused.code.value}. {refused.hint}"
    return "yes"


def sees(who: Who, view: CustomView) -> set[str]:
    told = {
        name: answer(partial(access.view_for, actor, "main", view.slug, Right.VIEW))
        for name, actor in who.items()
    }
    assert set(told.values()) <= {"yes", "not_found. "}
    return {name for name, said in told.items() if said == "yes"}


def edits(who: Who, view: CustomView) -> set[str]:
    told = {}
    for name in sees(who, view):
        fresh = access.view_for(who[name], "main", view.slug, Right.KEEP_VIEWS)
        save = partial(views.save, fresh, by=who[name], version=fresh.version, name=f"by {name}")
        told[name] = answer(save)
    assert set(told.values()) <= {"yes", "forbidden. Save it as a view of your own."}
    return {name for name, said in told.items() if said == "yes"}


def test_a_state_is_kept_as_it_is_and_read_back(view: CustomView) -> None:
    state, dropped = read_state(view.state)
    assert dropped == []
    assert state.sort == ("-metric:loss:min",)
    assert (state.columns[0].id, state.columns[0].width, state.columns[0].pinned) == (
        "tag:quality",
        120,
        True,
    )
    assert read_state(state.document()) == (state, [])
    assert view.slug.startswith("best-runs-")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"filter": 3}, "filter should be"),
        ({"filter": "x" * 2001}, "filter should be"),
        ({"filter": "\0"}, "filter should be"),
        ({"columns": [{"id": ""}]}, "columns should be"),
        ({"columns": [{"id": "a", "width": 9}]}, "columns should be"),
        ({"columns": [{"id": "a", "style": "x"}]}, "columns should be"),
        ({"columns": [{"id": "a"}] * 61}, "columns should be"),
        ({"sort": ["a", "b", "c"]}, "sort should be"),
        ({"density": "airy"}, "density should be one of normal, compact"),
        ({"children": 1}, "children should be"),
        ({"charts": [{"kind": {}}]}, "charts should be"),
        ({"charts": [{"kind": "line", "x": {"deep": 1}}]}, "charts should be"),
        ({"future": True}, 'no field "future"'),
        ([], "object of fields"),
        (None, "object of fields"),
    ],
)
def test_what_cannot_be_shown_is_refused_on_save_and_left_out_on_read(
    workspace: Workspace, who: Who, raw: Any, says: str
) -> None:
    with pytest.raises(Refused, match=says) as caught:
        views.create(workspace, by=who["bob"], name="x", state=raw)
    assert caught.value.field == "state"
    state, dropped = read_state(raw)
    assert state == ViewState()
    assert len(dropped) == 1
    if isinstance(raw, dict):
        kept, _ = read_state({"group": "status", **raw})
        assert kept.group == "status"


def test_a_private_view_is_its_owners_alone(view: CustomView, who: Who) -> None:
    assert sees(who, view) == edits(who, view) == {"bob"}


@pytest.mark.parametrize(
    ("sharing", "editors"), [(Sharing.VIEW, {"bob"}), (Sharing.EDIT, {"alice", "bob"})]
)
def test_a_shared_view_is_seen_by_members_of_the_workspace(
    view: CustomView, who: Who, sharing: Sharing, editors: set[str]
) -> None:
    views.share(view, by=who["bob"], sharing=sharing)
    assert sees(who, view) == {"alice", "bob", "rita"}
    assert edits(who, view) == editors


def test_a_view_can_be_shared_with_some(view: CustomView, who: Who) -> None:
    views.share(view, by=who["bob"], members={"alice": True, "rita": False, "bob": False})
    assert sees(who, view) == {"alice", "bob", "rita"}
    assert edits(who, view) == {"alice", "bob"}
    views.share(view, by=who["bob"], members={})
    assert sees(who, view) == {"bob"}
    with pytest.raises(Refused, match='"charlie" is no member'):
        views.share(view, by=who["bob"], members={"charlie": True})


def test_a_reader_keeps_views_for_herself(workspace: Workspace, who: Who) -> None:
    mine = views.create(workspace, by=who["rita"], name="mine", state={})
    views.save(mine, by=who["rita"], version=1, name="still mine")
    with pytest.raises(Refused, match="Readers keep views") as caught:
        views.share(mine, by=who["rita"], sharing=Sharing.VIEW)
    assert caught.value.code is Code.FORBIDDEN


def test_a_member_of_another_workspace_who_leaves_sees_nothing(
    view: CustomView, who: Who, alice: User
) -> None:
    views.share(view, by=who["bob"], members={"alice": True})
    alice.memberships.all().delete()
    assert "alice" not in sees(who, view)


def test_of_two_saves_at_once_the_second_gets_both(view: CustomView, who: Who) -> None:
    views.share(view, by=who["bob"], sharing=Sharing.EDIT)
    views.save(view, by=who["bob"], version=1, state={"filter": "tag:a"})
    with pytest.raises(Refused, match="saved this view meanwhile") as caught:
        views.save(view, by=who["alice"], version=1, state={"filter": "tag:b"})
    current = caught.value.extra["current"]
    assert (current["state"]["filter"], current["version"]) == ("tag:a", 2)
    saved = views.save(view, by=who["alice"], version=2, state={"filter": "tag:b"})
    assert (saved.version, saved.updated_by.username) == (3, "alice")


def test_the_same_again_is_no_new_version(view: CustomView, who: Who) -> None:
    saved = views.save(view, by=who["bob"], version=1, name="Best runs", state=FULL)
    assert saved.version == 1


def test_an_older_version_comes_back_as_the_newest(view: CustomView, who: Who) -> None:
    second = views.save(view, by=who["bob"], version=1, name="Worse", state={"filter": "tag:a"})
    third = views.bring_back(second, by=who["bob"], version=1)
    assert (third.version, third.name, third.state) == (3, "Best runs", view.state)
    assert [v.version for v in third.versions.order_by("version")] == [1, 2, 3]
    with pytest.raises(Refused, match='no version "9"'):
        views.bring_back(third, by=who["bob"], version=9)


def test_a_deleted_view_is_gone_for_all_and_can_be_brought_back(view: CustomView, who: Who) -> None:
    views.share(view, by=who["bob"], sharing=Sharing.EDIT)
    views.set_workspace_default(view.workspace, view, by=who["alice"])
    views.delete(view, by=who["bob"])
    assert sees(who, view) == {"alice", "bob"}, "they may bring it back"
    view.workspace.refresh_from_db()
    assert first_view(who["rita"], view.workspace) is None
    views.undelete(view, by=who["bob"])
    assert sees(who, view) == {"alice", "bob", "rita"}


def test_only_its_owner_and_owners_of_the_workspace_arrange_a_shared_view(
    view: CustomView, who: Who
) -> None:
    views.share(view, by=who["bob"], sharing=Sharing.EDIT)
    with pytest.raises(Refused, match="owns this view"):
        views.delete(view, by=who["rita"])
    views.delete(view, by=who["alice"])


def test_ones_own_default_goes_before_the_workspaces(
    view: CustomView, workspace: Workspace, who: Who
) -> None:
    with pytest.raises(Refused, match="Owners of the workspace"):
        views.set_workspace_default(workspace, view, by=who["bob"])
    with pytest.raises(Refused, match="no"):
        views.set_workspace_default(workspace, view, by=who["alice"])
    views.share(view, by=who["bob"], sharing=Sharing.VIEW)
    views.set_workspace_default(workspace, view, by=who["alice"])
    mine = views.create(workspace, by=who["rita"], name="mine", state={})
    views.set_default(workspace, mine, by=who["rita"])
    workspace.refresh_from_db()
    assert first_view(who["rita"], workspace) == mine
    assert first_view(who["bob"], workspace) == view
    views.share(view, by=who["bob"], sharing=Sharing.PRIVATE)
    assert first_view(who["alice"], workspace) is None


def test_a_star_is_ones_own(view: CustomView, workspace: Workspace, who: Who) -> None:
    views.share(view, by=who["bob"], sharing=Sharing.VIEW)
    views.star(view, by=who["rita"], on=True)
    views.star(view, by=who["rita"], on=True)

    def starred(name: str) -> bool:
        return seen([view], by=who[name], workspace=workspace)[0].is_starred

    assert [starred("rita"), starred("bob")] == [True, False]
    views.star(view, by=who["rita"], on=False)
    assert not starred("rita")


def test_a_narrow_token_has_no_views(view: CustomView, who: Who, bob: User, make_run: Any) -> None:
    run = make_run(by=bob)
    narrow = Actor("runner", run.run_id, bob, run=run)
    with pytest.raises(Refused) as caught:
        access.view_for(narrow, "main", view.slug, Right.VIEW)
    assert caught.value.code is Code.NOT_FOUND
    with pytest.raises(Refused, match="narrow"):
        views.create(view.workspace, by=narrow, name="x", state={})
