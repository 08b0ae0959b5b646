"""The audit, as the owners of a workspace read it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable

import pytest

from runs.access import Actor
from runs.actions import audit, labels, members, passwords, tokens, views
from runs.actions.refused import Refused
from runs.models import AuditEvent, CustomView, Run, User, Workspace
from studio.contract.words import Role, Sharing
from tests.api.conftest import caller
from tests.conftest import MakeRun
from tests.pages.conftest import Browser

PLACE = "/w/main/settings/audit/"


def verbs(workspace: Workspace) -> list[str]:
    return list(AuditEvent.objects.inside(workspace).values_list("verb", flat=True))


def test_edits_cancels_deletes_and_exports_leave_a_line_each(
    browser: Browser, bob: User, workspace: Workspace, run: Run
) -> None:
    client, place = browser(bob), f"/w/main/runs/{run.run_id}/"
    client.post(f"{place}name/", {"display_name": "renamed"})
    client.post(f"{place}cancel/")
    client.post("/w/main/bulk/", {"action": "delete", "run": run.run_id})
    assert client.head("/w/main/export/?format=csv").status_code == 200
    assert client.get("/w/main/export/?format=csv").status_code == 200
    assert client.get("/w/main/export/?format=nonsense").status_code == 302
    assert [v for v in verbs(workspace) if v != "run.delete"] == [
        "run.edit",
        "run.cancel",
        "runs.export",
    ]
    edit = AuditEvent.objects.get(verb="run.edit")
    assert (edit.about, edit.user, edit.address) == (run.run_id, bob, "127.0.0.1")
    assert (edit.after or {})["display_name"] == "renamed"


def test_a_deleted_run_and_one_that_is_gone_leave_a_line(
    workspace: Workspace, alice: User, make_run: MakeRun
) -> None:
    from runs.actions import deletion, lifecycle

    by, run = Actor.of_user(alice), make_run(start=True)
    lifecycle.complete(run, by=by)
    deletion.delete(run, by=by)
    deletion.purge(run, by=by)
    assert verbs(workspace) == ["run.delete", "run.purge"]


def test_what_a_run_reports_of_itself_is_no_affair_of_the_audit(
    workspace: Workspace, alice: User, run: Run
) -> None:
    token = tokens.find(tokens.issue(alice, "runner", run=run))
    assert token is not None
    labels.set_tags(run, {"a": "b"}, by=Actor.of_token(token))
    assert verbs(workspace) == []


def test_an_export_by_the_api_names_its_token(
    workspace: Workspace, alice: User, token_of: Callable[[User], str]
) -> None:
    plain = token_of(alice)
    assert caller(plain)("GET", "/workspaces/main/export").status_code == 200
    told = AuditEvent.objects.get(verb="runs.export")
    assert told.token_prefix == plain[:12]


def test_shared_deleted_and_default_views_leave_a_line(
    workspace: Workspace, alice: User, bob: User, view: CustomView
) -> None:
    by = Actor.of_user(bob)
    views.share(view, by=by, sharing=Sharing.VIEW, members={"alice": True})
    views.set_workspace_default(workspace, view, by=Actor.of_user(alice))
    with pytest.raises(Refused):
        views.set_workspace_default(workspace, None, by=by)
    views.delete(view, by=by)
    assert verbs(workspace)[-3:] == ["view.share", "workspace.default_view", "view.delete"]
    told = AuditEvent.objects.filter(verb="view.share").last()
    assert told is not None
    assert told.before == {"sharing": "edit"}
    assert told.after == {"sharing": "view", "members": {"alice": True}}


def test_an_owner_reads_it_and_filters_by_kind_and_person(
    browser: Browser, alice: User, bob: User, workspace: Workspace
) -> None:
    with pytest.raises(Refused):
        passwords.sign_in("bob", "wrong", address="192.0.2.77")
    members.change_role(members.find(workspace, "bob"), Role.READER, by=Actor.of_user(alice))
    client = browser(alice)
    page = client.get(PLACE).content.decode()
    assert "role: contributor" in page
    assert "192.0.2.77" in page
    assert "192.0.2.77" not in client.get(f"{PLACE}?verb=member.").content.decode()
    assert "role: contributor" not in client.get(f"{PLACE}?who=bob").content.decode()
    for strange in ("?verb=%00", "?who=%00", "?after=x", f"?after={'9' * 30}", "?who=nobody"):
        assert client.get(PLACE + strange).status_code == 200, strange


def test_only_owners_read_it(
    browser: Browser, bob: User, rita: User, charlie: User, workspace: Workspace
) -> None:
    for user, status in ((bob, 403), (rita, 403), (charlie, 404)):
        for place in (PLACE, "/w/main/settings/audit.csv"):
            assert browser(user).get(place).status_code == status


def test_nothing_of_another_workspace_is_in_it(
    browser: Browser, alice: User, charlie: User, workspace: Workspace, other_workspace: Workspace
) -> None:
    stranger = Actor.of_user(charlie)
    audit.record(stranger, "member.role", workspace=other_workspace, about="secret")
    audit.record(stranger, "sign_in.password", about="secret")
    audit.record(Actor("nobody", "charlie"), "sign_in.fail", about="secret")
    audit.record(Actor.of_user(alice), "profile.change", about="secret")
    client = browser(alice)
    assert "secret" not in client.get(PLACE).content.decode()
    for kind in ("csv", "ndjson"):
        answer = client.get(f"/w/main/settings/audit.{kind}")
        assert b"secret" not in b"".join(answer)


def test_it_can_be_had_whole_as_a_file(browser: Browser, alice: User, workspace: Workspace) -> None:
    by = Actor.of_user(alice)
    for n in range(250):
        audit.record(by, "run.edit", workspace=workspace, about=f"=run-{n}", after={"n": n})
    client = browser(alice)
    answer = client.get("/w/main/settings/audit.csv?verb=run.edit")
    rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
    assert len(rows) == 250
    assert (rows[0]["about"], rows[0]["after"]) == ("'=run-249", '{"n": 249}')
    answer = client.get("/w/main/settings/audit.ndjson")
    lines = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert (lines[0]["about"], lines[0]["after"]) == ("=run-249", {"n": 249})
    assert client.get("/w/main/settings/audit.exe").status_code == 404


def test_its_page_is_turned_and_asks_the_same_for_one_line_and_for_many(
    browser: Browser, alice: User, workspace: Workspace
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, by, counts = browser(alice), Actor.of_user(alice), []
    for many in (1, 249):
        for n in range(many):
            audit.record(by, "run.edit", workspace=workspace, about=f"run-{many}-{n}")
        with CaptureQueriesContext(connection) as asked:
            page = client.get(PLACE).content.decode()
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert page.count("run-249-") == 100
    following = page.partition("after=")[2].partition('"')[0]
    assert "run-249-148" in client.get(f"{PLACE}?after={following}").content.decode()
