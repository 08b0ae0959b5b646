"""Rows A-21 and A-22: custom views of the list, and sharing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runs.actions import tokens, workspaces
from runs.actions.accounts import create_user
from runs.models import Workspace as WorkspaceRow
from studio.contract.words import Role
from studio.sdk import Run, ServiceException
from studio.sdk._transport import Transport
from tests.rows.conftest import Pages, Start, shown_runs

Result = Callable[..., Any]
RUNS = "/w/main/runs/"
STATE = {
    "filter": "tag:quality=good",
    "columns": [{"id": "name", "width": 300, "pinned": True}, {"id": "description"}],
    "sort": ["-createdUtc"],
    "charts": [{"kind": "line", "metric": "loss"}],
    "selected": ["good"],
}


@pytest.fixture
def of_bob(run: Run) -> Iterator[Transport]:
    """What Bob, a member of the workspace, has in his hands."""
    bob = create_user("bob", name="Bob")
    workspaces.add_member(WorkspaceRow.objects.get(), bob, Role.CONTRIBUTOR)
    transport = Transport(run._transport.url, tokens.issue(bob, "test"), "main")
    yield transport
    transport.close()


def create(run: Run) -> str:
    body = {"name": "Good runs", "state": STATE}
    return str(run._transport.api("POST", "views", json=body).json()["slug"])


@pytest.mark.row("A-21")
def test_a21_what_the_list_looks_like_is_kept_as_a_custom_view(
    run: Run, start: Start, result: Result
) -> None:
    start(run_id="good", tags={"quality": "good"})
    view = create(run)
    (kept,) = result("view", "list")
    assert (kept["name"], kept["slug"]) == ("Good runs", view)
    assert kept["state"]["filter"] == STATE["filter"]
    assert [column["id"] for column in kept["state"]["columns"]] == ["name", "description"]
    for part in ("sort", "charts", "selected"):
        assert kept["state"][part] == STATE[part]
    assert [told["runId"] for told in result("view", "show", "Good runs")] == ["good"]


@pytest.mark.row("A-22")
def test_a22_a_shared_view_is_seen_and_edited_by_members(run: Run, of_bob: Transport) -> None:
    view = create(run)
    with pytest.raises(ServiceException) as refused:
        of_bob.api("GET", "views", view)
    assert refused.value.status == 404
    told = run._transport.api("PUT", "views", view, "sharing", json={"sharing": "edit"}).json()
    assert told["url"].endswith(f"/w/main/views/{view}/")
    seen = of_bob.api("GET", "views", view).json()
    assert (seen["state"]["filter"], seen["canEdit"]) == (STATE["filter"], True)
    edit = {"version": seen["version"], "state": {**STATE, "filter": "status:failed"}}
    of_bob.api("PATCH", "views", view, json=edit)
    again = run._transport.api("GET", "views", view).json()
    assert (again["state"]["filter"], again["updatedBy"]["name"]) == ("status:failed", "Bob")
    # Who has not seen Bob's words does not write over them.
    with pytest.raises(ServiceException) as refused:
        run._transport.api("PATCH", "views", view, json=edit)
    assert refused.value.status == 409


@pytest.mark.row("A-22")
def test_a22_a_view_that_is_shared_to_be_seen_is_not_edited(run: Run, of_bob: Transport) -> None:
    view = create(run)
    run._transport.api("PUT", "views", view, "sharing", json={"sharing": "view"})
    seen = of_bob.api("GET", "views", view).json()
    assert seen["canEdit"] is False
    with pytest.raises(ServiceException) as refused:
        of_bob.api("PATCH", "views", view, json={"version": seen["version"], "name": "Mine"})
    assert refused.value.status == 403


@pytest.mark.row("A-21", "A-22")
def test_a21_a22_the_page_keeps_the_list_as_a_view_and_hands_out_its_link(
    run: Run, start: Start, pages: Pages, of_bob: Transport
) -> None:
    start(run_id="good", tags={"quality": "good"})
    html = pages.send(f"{RUNS}?tag=quality=good", "/w/main/views/", name="Good runs")
    (view,) = run._transport.api("GET", "views").json()["items"]
    assert shown_runs(html) == ["good"]
    assert "Share …</button>" in html
    link = f"/w/main/views/{view['slug']}/"
    bob = Pages(of_bob.url, "bob")
    assert bob.status(link) == 404
    pages.send(f"{RUNS}?view={view['slug']}", f"{link}arrange/", sharing="view")
    assert shown_runs(bob.get(link)) == ["good"]
    assert "Good runs" in bob.get(RUNS)


@pytest.mark.row("A-21", "A-22")
def test_a21_a22_the_address_of_a_list_is_all_of_it_and_opens_it_for_any_member(
    run: Run, start: Start, pages: Pages, of_bob: Transport
) -> None:
    start(run_id="good", tags={"quality": "good"}).complete()
    start(run_id="other", tags={"quality": "good"})
    address = f"{RUNS}?experiment=explore-runs&status=Completed&tag=quality=good"
    assert shown_runs(pages.get(address)) == ["good"]
    assert shown_runs(Pages(of_bob.url, "bob").get(address)) == ["good"]
    create_user("charlie", name="Charlie")
    assert Pages(of_bob.url, "charlie").status(address) == 404
