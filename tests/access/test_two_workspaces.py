"""Two workspaces with the same names: whatever is asked of one, nothing of the other is in the answer."""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from runs.actions import accounts, tokens, workspaces
from runs.models import Membership, Run, User, Workspace
from studio.contract.words import Role
from tests.access.addresses import filled
from tests.access.twins import METRIC, RUN, TABLE, Secret, Twin, fill
from tests.api.conftest import Call, caller
from tests.api.test_rights import ask

RIGHTS: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("table.toml").read_text(encoding="utf-8")
)
PAGES = [place for place, row in RIGHTS["pages"].items() if "GET" in row.split()]
READS = [name.partition(" ")[2] for name in RIGHTS["api"] if name.startswith("GET ")]
CHANGES = [name for name in RIGHTS["api"] if not name.startswith("GET ") and "{ws}" in name]
PLUM, QUINCE = Secret("plumgarden", 6_531_846), Secret("quincemeadow", 7_771_277)


@pytest.fixture
def both(alice: User, charlie: User, workspace: Workspace, other_workspace: Workspace) -> User:
    """An owner of both workspaces: no right of theirs stands between the two."""
    person = accounts.create_user("dora", name="Dora")
    for place in (workspace, other_workspace):
        workspaces.add_member(place, person, Role.OWNER)
    for place, owner, secret in ((workspace, alice, PLUM), (other_workspace, charlie, QUINCE)):
        member = accounts.create_user(
            f"sam-{secret.word}", name="Sam", email=f"s@{secret.word}.org"
        )
        workspaces.add_member(place, member, Role.CONTRIBUTOR)
        workspaces.create_target(place, "studio-local")
        assert owner.pk != member.pk
    return person


@pytest.fixture
def twins(
    both: User, alice: User, charlie: User, workspace: Workspace, other_workspace: Workspace
) -> tuple[Twin, Twin]:
    plum = fill(workspace, alice, PLUM, runs=0)
    return plum, fill(other_workspace, charlie, QUINCE, runs=4)


def whole(answer: Any) -> bytes:
    """Return all that an answer says, also what it has packed."""
    body = answer.getvalue() if answer.streaming else answer.content
    said: bytes = body + "".join(f"\n{k}: {v}" for k, v in answer.headers.items()).encode()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            said += b"".join(archive.read(name) for name in archive.namelist())
    if body.startswith(b"PAR1"):
        parquet = pytest.importorskip("pyarrow.parquet")
        said += repr(parquet.read_table(io.BytesIO(body)).to_pylist()).encode()
    return said


def looked(client: Client, call: Call, places: list[str], twin: Twin, of: Twin) -> dict[str, bytes]:
    """Return the answers of all routes that only read."""
    found = {}
    for place in places:
        is_api = place in READS
        for address in filled(place, twin, of):
            with transaction.atomic():
                answer: Any = call("GET", address) if is_api else client.get(address)
                found[f"{'api' if is_api else 'page'} {place} {address}"] = whole(answer)
                transaction.set_rollback(True)
            assert answer.status_code < 500, address
    return found


def leaks(answers: dict[str, bytes], secret: Secret) -> list[str]:
    """Return what says a secret that was not in its own address."""
    return [
        name
        for name, said in answers.items()
        if secret.is_in(said.replace(name.split(" ")[-1].encode(), b""))
    ]


def signed_in(user: User) -> tuple[Client, Call]:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client, caller(tokens.issue(user, "test"))


def test_an_owner_of_both_finds_in_each_workspace_what_is_its_own(
    twins: tuple[Twin, Twin], both: User
) -> None:
    here, there = twins
    places = [place for place in [*PAGES, *READS] if "ws>" in place or "{ws}" in place]
    assert len(places) > 80
    for twin, other in ((here, there), (there, here)):
        client, call = signed_in(both)
        own = looked(client, call, places, twin, twin)
        assert leaks(own, other.secret) == []
        # With the ids of what is in the other one.
        foreign = looked(client, call, places, twin, other)
        strange = [name for name in leaks(foreign, other.secret) if other.secret.word not in name]
        assert strange == []
        # And the walk has seen something: what it looks for, where it may be.
        told = {name.split(" ")[1] for name in leaks(own, twin.secret)}
        silent = {place for place in places if place not in told}
        assert silent == SILENT


# What says names and numbers only that both have.
SILENT = {
    "/workspaces/{ws}",
    "/workspaces/{ws}/bulk/{task}/runs",
    "/workspaces/{ws}/compute",
    "/workspaces/{ws}/compute/{target}",
    "/workspaces/{ws}/runs/{run_id}/receipts",
    "w/<str:ws>/alerts/new/",
    "w/<str:ws>/alerts/preview/",
    "w/<str:ws>/settings/",
    "w/<str:ws>/tasks/",
    "w/<str:ws>/tasks/<str:number>/",
    "w/<str:ws>/views/<str:slug>/",
}


def test_who_is_in_one_workspace_sees_nothing_of_the_other_anywhere(
    twins: tuple[Twin, Twin], alice: User
) -> None:
    here, there = twins
    client, call = signed_in(alice)
    for of in (here, there):
        answers = looked(client, call, [*PAGES, *READS], here, of)
        foreign = looked(client, call, [*PAGES, *READS], there, of)
        strange = leaks({**answers, **foreign}, there.secret)
        assert [name for name in strange if there.secret.word not in name] == []


def rows_of(workspace: Workspace) -> dict[str, list[Any]]:
    """Return all rows that belong to a workspace."""
    found = {}
    for model in apps.get_app_config("runs").get_models():
        names = {field.name for field in model._meta.fields}
        for way in ("workspace", "run", "rule", "view", "task", "metric", "target"):
            if way in names:
                rule = {way if way == "workspace" else f"{way}__workspace": workspace}
                rows = model._default_manager.filter(**rule).order_by("pk").values_list()
                found[model.__name__] = list(rows)
                break
    return found


def test_no_call_in_one_workspace_changes_the_other(twins: tuple[Twin, Twin], both: User) -> None:
    here, there = twins
    before, call = rows_of(there.workspace), signed_in(both)[1]
    assert sum(map(bool, before.values())) > 20
    others = {**there.ids, "task": there.ids["task"]}
    statuses = set()
    for name in CHANGES:
        method, _, path = name.partition(" ")
        for key, value in others.items():
            path = path.replace(f"{{{key}}}", value)
        run = Run.objects.filter(workspace=here.workspace, run_id=RUN).first() or here.run
        answer = ask(call, method, path, run, here.workspace.name)
        assert answer.status_code < 500, name
        statuses.add(answer.status_code)
        if any(f"{{{key}}}" in name for key in others if key != "sid"):
            assert answer.status_code in (400, 404), (name, answer.status_code)
    assert {200, 404} <= statuses
    assert rows_of(there.workspace) == before


@pytest.mark.parametrize("action", ["tag", "archive", "delete", "cancel"])
def test_who_selects_everything_here_touches_nothing_there(
    twins: tuple[Twin, Twin], both: User, action: str
) -> None:
    here, there = twins
    before, call = rows_of(there.workspace), signed_in(both)[1]
    more = {"tags": {"all": "1"}} if action == "tag" else {}
    runs = Run.objects.filter(workspace=here.workspace, deleted_at=None, parent=None)
    selections: tuple[dict[str, Any], ...] = (
        {"query": {}},
        {"runIds": [RUN, f"only-{there.secret.word}", "more-1"]},
        {"query": {"filter": f"log:{there.secret.word} OR tag:where={there.secret.word}"}},
    )
    for selection, most in zip(selections, (runs.count(), 1, 0), strict=True):
        place = f"/workspaces/{here.workspace.name}/bulk"
        seen: Any = call("POST", f"{place}/preview", {"selection": selection})
        found = seen.json()["selected"]
        assert found == most
        body = {"action": action, "selection": selection, "confirm": found, **more}
        call("POST", place, body)
    assert rows_of(there.workspace) == before


def test_counts_are_those_of_the_workspace(twins: tuple[Twin, Twin], both: User) -> None:
    client, call = signed_in(both)
    for twin, most in zip(twins, (2, 6), strict=True):
        top = twin.workspace.name
        items: Any = client.get(f"/w/{top}/complete/", {"filter": "tag:where="}).json()
        assert [(each["label"], each["count"]) for each in items["items"]] == [
            (twin.secret.word, most)
        ]
        items = client.get(f"/w/{top}/complete/", {"filter": "metric:"}).json()
        counts = {each["label"]: each["count"] for each in items["items"]}
        assert counts == {METRIC: most + 1, f"metric-{twin.secret.word}": 1, TABLE: most + 1}
        answer: Any = call("GET", f"/workspaces/{top}/runs?experiment=same-experiment")
        assert len(answer.json()["items"]) == most
        exported = client.get(f"/w/{top}/export/?format=ndjson").getvalue()
        assert len(exported.splitlines()) == most + 1


def test_a_change_there_is_no_news_here(twins: tuple[Twin, Twin], both: User) -> None:
    here, there = twins
    client, call = signed_in(both)
    top = f"/w/{here.workspace.name}"
    pages = (f"{top}/runs/?view=default", f"{top}/runs/{RUN}/?", f"{top}/compare/?runs={RUN},other")

    def news() -> list[int]:
        asked = (f"{page}&since={told}" for page, told in zip(pages, known, strict=True))
        return [client.get(each, headers={"HX-Request": "true"}).status_code for each in asked]

    shown = [client.get(page).content.decode() for page in pages]
    known = [found[1] for text in shown if (found := re.search(r'data-changed="(.+?)"', text))]
    for twin, status in ((there, 204), (here, 200)):
        place = f"/workspaces/{twin.workspace.name}/runs/{RUN}/tags"
        assert call("PUT", place, {"new": "1"}).status_code == 200
        assert news() == [status] * 3


def test_who_leaves_one_workspace_has_nothing_of_it_any_more(
    twins: tuple[Twin, Twin], both: User
) -> None:
    here, there = twins
    client, call = signed_in(both)
    client.get(f"/w/{there.workspace.name}/runs/{RUN}/")
    Membership.objects.filter(user=both, workspace=there.workspace).delete()
    own = looked(client, call, [*PAGES, *READS], here, here)
    gone = looked(client, call, [*PAGES, *READS], there, there)
    strange = leaks({**own, **gone}, there.secret)
    assert [name for name in strange if there.secret.word not in name] == []
