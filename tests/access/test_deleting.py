"""Deletion is for owners: contributors bin what they have submitted, and end nothing for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runs.access import Actor
from runs.actions import deletion
from runs.actions.bulk_rules import NOT_YOURS, ONLY_OWNERS
from runs.models import Run, User
from runs.rights import RIGHTS, Right
from studio.contract.words import Role
from tests.actions.tasks import make_ended
from tests.api.bulk_calls import BULK, begun, finish, read
from tests.api.conftest import Call
from tests.conftest import MakeRun
from tests.pages.conftest import Browser

PAGE = "/w/main/bulk/"


@pytest.fixture
def runs(make_run: MakeRun, alice: User, bob: User) -> dict[str, Run]:
    """One that Alice has submitted, one of Bob's."""
    by = Actor.of_user(alice)
    return {
        "hers": make_ended(make_run, by, run_id="hers", by=alice),
        "his": make_ended(make_run, by, run_id="his", by=bob),
    }


def results(call: Call, task: dict[str, object]) -> dict[str, str]:
    rows = read(call("GET", f"{BULK}/{task['id']}/runs"))["items"]
    return {row["runId"]: row["reason"] or row["result"] for row in rows}


def test_a_contributor_bins_what_they_have_submitted_and_nothing_else(
    api: Callable[..., Call], bob: User, runs: dict[str, Run]
) -> None:
    call, both = api(bob), {"runIds": ["hers", "his"]}
    seen = read(call("POST", f"{BULK}/preview", {"selection": both}))
    assert (seen["touches"]["delete"], seen["touches"]["archive"]) == (1, 2)
    assert seen["touches"]["purge"] == 0
    assert {"action": "delete", "runId": "hers", "reason": NOT_YOURS} in seen["reasons"]
    task = begun(call, "delete", both, confirm=2)
    assert results(call, task) == {"hers": NOT_YOURS, "his": "done"}
    undone = read(call("POST", f"{BULK}/{task['id']}/undo", {}), 201)
    assert results(call, undone) == {"his": "done"}
    assert not Run.objects.binned().exists()


def test_an_owner_bins_any_run_and_a_contributor_does_not_undo_that(
    api: Callable[..., Call], alice: User, bob: User, runs: dict[str, Run]
) -> None:
    both = {"runIds": ["hers", "his"]}
    task = begun(api(alice), "delete", both, confirm=2)
    assert task["done"] == 2
    undone = read(api(bob)("POST", f"{BULK}/{task['id']}/undo", {}), 201)
    assert results(api(bob), undone) == {"hers": NOT_YOURS, "his": "done"}
    one = begun(api(bob), "restore", {"runIds": ["hers"], "inBin": True})
    assert results(api(bob), one) == {"hers": NOT_YOURS}
    one = begun(api(alice), "restore", {"runIds": ["hers"], "inBin": True})
    assert results(api(alice), one) == {"hers": "done"}


def test_only_an_owner_ends_runs_for_good(
    api: Callable[..., Call], alice: User, bob: User, runs: dict[str, Run]
) -> None:
    deletion.delete(runs["his"], by=Actor.of_user(bob))
    body = {"action": "purge", "selection": {"runIds": ["his"], "inBin": True}, "confirm": 1}
    problem = read(api(bob)("POST", BULK, body), 403)
    assert (problem["detail"], problem["field"]) == (ONLY_OWNERS, "action")
    assert read(api(alice)("POST", BULK, body), 201)["state"] == "waiting"
    finish()
    assert list(Run.objects.values_list("run_id", flat=True)) == ["hers"]


def test_an_owner_who_is_one_no_more_ends_nothing(
    api: Callable[..., Call], alice: User, bob: User, runs: dict[str, Run]
) -> None:
    deletion.delete(runs["his"], by=Actor.of_user(bob))
    body = {"action": "purge", "selection": {"runIds": ["his"], "inBin": True}, "confirm": 1}
    task = read(api(alice)("POST", BULK, body), 201)
    alice.memberships.update(role=Role.CONTRIBUTOR)
    finish()
    assert results(api(alice), task) == {"his": ONLY_OWNERS}


def test_the_page_of_a_run_offers_its_deletion_to_whom_it_belongs(
    browser: Browser, alice: User, bob: User, rita: User, runs: dict[str, Run]
) -> None:
    def shown(user: User, run: str) -> str:
        return browser(user).get(f"/w/main/runs/{run}/").content.decode()

    for user, run in ((alice, "hers"), (alice, "his"), (bob, "his")):
        assert 'id="delete-dialog"' in shown(user, run)
    not_his = shown(bob, "hers")
    assert 'id="delete-dialog"' not in not_his
    assert 'disabled title="Alice has submitted it: only they and owners delete it."' in not_his
    assert "delete-dialog" not in shown(rita, "hers")


def test_the_bin_offers_what_each_may(
    browser: Browser, alice: User, bob: User, rita: User, runs: dict[str, Run]
) -> None:
    for run in runs.values():
        deletion.delete(run, by=Actor.of_user(alice))
    page = browser(bob).get("/w/main/bin/").content.decode()
    assert page.count('value="restore"') == 1
    assert 'name="run" value="his"' in page
    assert "Empty the bin" not in page
    assert "by owners, who also end them for good" in page
    assert browser(rita).get("/w/main/bin/").status_code == 403
    page = browser(alice).get("/w/main/bin/").content.decode()
    assert page.count('value="restore"') == 2
    assert "End 2 runs for good?" in page


def test_an_owner_empties_the_bin(browser: Browser, alice: User, runs: dict[str, Run]) -> None:
    deletion.delete(runs["his"], by=Actor.of_user(alice))
    asked = {"action": "purge", "bin": "true", "scope": "all", "confirm": "1"}
    told = browser(alice).post(PAGE, {**asked, "confirm": "2"}, follow=True)
    assert "This would purge 1 run, not 2." in told.content.decode()
    browser(alice).post(PAGE, asked)
    finish()
    assert list(Run.objects.values_list("run_id", flat=True)) == ["hers"]


def test_a_contributor_is_told_that_the_bin_is_not_theirs_to_empty(
    browser: Browser, bob: User, runs: dict[str, Run]
) -> None:
    deletion.delete(runs["his"], by=Actor.of_user(bob))
    asked = {"action": "purge", "bin": "true", "scope": "all", "confirm": "1"}
    told = browser(bob).post(PAGE, asked, follow=True)
    assert ONLY_OWNERS in told.content.decode()
    assert Run.objects.binned().count() == 1


def test_the_right_to_delete_any_run_is_the_owners_alone() -> None:
    assert [role for role in Role if Right.DELETE in RIGHTS[role]] == [Role.OWNER]
