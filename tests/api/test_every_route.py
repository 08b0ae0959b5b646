"""Every route once as it is meant, against its own description; a route without a case here fails."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs.access import Actor
from runs.actions import experiments, invitations, leases, lifecycle, views
from runs.api.v1 import api as v1
from runs.api.v1.docs import described
from runs.models import (
    ComputeTarget,
    CustomView,
    Experiment,
    Run,
    Task,
    User,
    Workspace,
)
from studio.contract.words import Role
from tests.api.alert_calls import ALERT_CASES, keep_alert, known_alert
from tests.api.conftest import Call
from tests.api.member_calls import MEMBER_CASES, known_invitation
from tests.api.retention_calls import RETENTION_CASES, keep_rule, known_rule
from tests.api.test_rights import ROUTES
from tests.conftest import MakeRun

SOURCE = b"print(1)"
SHA = hashlib.sha256(SOURCE).hexdigest()
LOG = "logs/user_logs/std_log.txt"
MOST_QUERIES_OF_A_GET = 8


@dataclass(frozen=True)
class Case:
    """One good call; ``place`` is what stands behind the workspace."""

    place: str
    body: Any = None
    status: int = 200


RUN, WS = "/workspaces/{ws}/runs/{run_id}", "/workspaces/{ws}"
AGENT = {"agent": "a", "host": "h"}
TAGGING = {"action": "tag", "tags": {"t": "1"}, "selection": {"runIds": ["led"]}}
CASES: dict[tuple[str, str], Case] = {
    ("GET", "/"): Case("/"),
    ("GET", "/workspaces"): Case("/workspaces"),
    ("GET", WS): Case(""),
    ("GET", f"{WS}/experiments"): Case("/experiments?limit=1"),
    ("GET", f"{WS}/experiments/{{name}}"): Case("/experiments/known"),
    ("PUT", f"{WS}/experiments/{{name}}"): Case("/experiments/new", {}, 201),
    ("GET", f"{WS}/experimentids/{{eid}}"): Case("/experimentids/{eid}"),
    ("PATCH", f"{WS}/experimentids/{{eid}}"): Case(
        "/experimentids/{eid}", {"archived": True, "description": "text"}
    ),
    ("DELETE", f"{WS}/experimentids/{{eid}}"): Case("/experimentids/{eid}"),
    ("PUT", f"{WS}/experimentids/{{eid}}/tags"): Case("/experimentids/{eid}/tags", {"a": None}),
    ("DELETE", f"{WS}/experimentids/{{eid}}/tags"): Case(
        "/experimentids/{eid}/tags", {"keys": ["a"]}
    ),
    ("GET", f"{WS}/views"): Case("/views"),
    ("POST", f"{WS}/views"): Case("/views", {"name": "v", "state": {"filter": "tag:a"}}, 201),
    ("GET", f"{WS}/views/{{slug}}"): Case("/views/known"),
    ("PATCH", f"{WS}/views/{{slug}}"): Case("/views/known", {"version": 1, "name": "other"}),
    ("DELETE", f"{WS}/views/{{slug}}"): Case("/views/known"),
    ("POST", f"{WS}/views/{{slug}}/undelete"): Case("/views/known/undelete", {}),
    ("PUT", f"{WS}/views/{{slug}}/sharing"): Case(
        "/views/known/sharing", {"sharing": "view", "members": {}}
    ),
    ("GET", f"{WS}/views/{{slug}}/versions"): Case("/views/known/versions"),
    ("POST", f"{WS}/views/{{slug}}/bring-back"): Case("/views/known/bring-back", {"version": 1}),
    ("PUT", f"{WS}/views/{{slug}}/star"): Case("/views/known/star", {"on": True}),
    ("PUT", f"{WS}/views/{{slug}}/default"): Case("/views/known/default", {"on": True}),
    ("GET", f"{WS}/views/{{slug}}/runs"): Case("/views/known/runs?limit=1"),
    ("GET", f"{WS}/runs"): Case("/runs?experiment=explore-runs"),
    ("GET", f"{WS}/compare"): Case("/compare?runs=led,new,nowhere&base=new"),
    ("POST", f"{WS}/runs"): Case("/runs", {"experimentName": "e"}, 201),
    ("GET", RUN): Case("/runs/led"),
    ("PATCH", RUN): Case("/runs/led", {"description": "text", "hidden": True, "version": 1}),
    ("GET", f"{RUN}/events"): Case("/runs/led/events?after=0"),
    ("PUT", f"{RUN}/tags"): Case("/runs/led/tags", {"a": "b", "c": None}),
    ("DELETE", f"{RUN}/tags"): Case("/runs/led/tags", {"keys": ["a"]}),
    ("POST", f"{RUN}/children"): Case("/runs/led/children", {"children": [{}, {}]}, 201),
    ("POST", f"{RUN}/properties"): Case("/runs/led/properties", {"author": "alice"}),
    ("POST", f"{RUN}/parameters"): Case("/runs/led/parameters", {"lr": 0.01, "schedule": None}),
    ("POST", f"{RUN}/start"): Case("/runs/new/start", {"host": "h"}),
    ("POST", f"{RUN}/finalize"): Case("/runs/led/finalize", {}),
    ("POST", f"{RUN}/complete"): Case("/runs/led/complete", {"exitCode": 0}),
    ("POST", f"{RUN}/fail"): Case("/runs/led/fail", {"error": {"message": "m"}, "exitCode": 1}),
    ("POST", f"{RUN}/cancel"): Case("/runs/led/cancel", {"reason": "r"}),
    ("POST", f"{RUN}/canceled"): Case("/runs/led/canceled", {"reason": "r", "exitCode": 143}),
    ("POST", f"{RUN}/steps"): Case("/runs/led/steps", {"step": "gone", "message": "m"}),
    ("POST", f"{RUN}/warnings"): Case("/runs/led/warnings", {"source": "s", "message": "m"}),
    ("POST", f"{RUN}/heartbeat"): Case("/runs/led/heartbeat?wait=0", {"host": "h"}),
    ("POST", f"{RUN}/metrics"): Case(
        "/runs/led/metrics",
        {"session": "t", "sequence": 0, "rows": [{"name": "loss", "value": 1.5, "step": 1}]},
    ),
    ("GET", f"{RUN}/metrics"): Case("/runs/led/metrics?name=loss"),
    ("GET", f"{RUN}/metrics/{{path:name}}/points"): Case("/runs/led/metrics/loss/points?most=10"),
    ("GET", f"{RUN}/receipts"): Case("/runs/led/receipts?session=s"),
    ("GET", f"{RUN}/files"): Case("/runs/led/files"),
    ("PUT", f"{RUN}/files/{{path:path}}"): Case("/runs/led/files/outputs/b.bin", b"bytes", 201),
    ("GET", f"{RUN}/files/{{path:path}}"): Case("/runs/led/files/outputs/a.txt"),
    ("GET", f"{RUN}/attachments"): Case("/runs/led/attachments"),
    ("POST", f"{RUN}/attachments"): Case("/runs/led/attachments?name=b.txt", b"bytes", 201),
    ("GET", f"{RUN}/attachments/{{name}}"): Case("/runs/led/attachments/a.txt"),
    ("POST", f"{RUN}/logs/{{path:path}}"): Case(f"/runs/led/{LOG}?session=t&sequence=0", b"x\n"),
    ("GET", f"{RUN}/logs/{{path:path}}"): Case(f"/runs/led/{LOG}?offset=0&limit=2"),
    ("GET", f"{RUN}/logs/lines"): Case(f"/runs/led/logs/lines?path={LOG[5:]}"),
    ("GET", f"{RUN}/logs/search"): Case(f"/runs/led/logs/search?path={LOG[5:]}&text=one"),
    ("POST", f"{WS}/snapshots"): Case(
        "/snapshots", {"files": {"b.py": {"sha256": "0" * 64, "size": 1}}}
    ),
    ("PUT", f"{WS}/snapshots/{{sid}}/content"): Case("/snapshots/{sid}/content", b"zip"),
    ("GET", f"{WS}/snapshots/{{sid}}"): Case("/snapshots/{sid}"),
    ("PUT", f"{RUN}/snapshot"): Case("/runs/new/snapshot", {"snapshotId": "{sid}"}),
    ("GET", f"{RUN}/snapshot"): Case("/runs/led/snapshot"),
    ("GET", f"{WS}/compute"): Case("/compute"),
    ("GET", f"{WS}/compute/{{target}}"): Case("/compute/studio-local"),
    ("POST", f"{WS}/compute/{{target}}/lease"): Case("/compute/studio-local/lease", AGENT),
    ("POST", f"{RUN}/lease"): Case("/runs/mine/lease", AGENT),
    ("POST", f"{WS}/bulk/preview"): Case("/bulk/preview", {"selection": {"query": {}}}),
    ("POST", f"{WS}/bulk"): Case("/bulk", TAGGING, 201),
    ("GET", f"{WS}/bulk"): Case("/bulk"),
    ("GET", f"{WS}/bulk/{{task}}"): Case("/bulk/{task}"),
    ("GET", f"{WS}/bulk/{{task}}/runs"): Case("/bulk/{task}/runs?result=done"),
    ("POST", f"{WS}/bulk/{{task}}/stop"): Case("/bulk/{task}/stop", {}),
    ("POST", f"{WS}/bulk/{{task}}/undo"): Case("/bulk/{task}/undo", {}, 201),
    **{r: Case(*told) for r, told in (ALERT_CASES | MEMBER_CASES | RETENTION_CASES).items()},
    ("GET", f"{WS}/bin"): Case("/bin?limit=1"),
    ("GET", f"{WS}/export"): Case("/export?columns=id,metric:loss"),
}


@pytest.fixture
def call(
    api: Callable[..., Call],
    alice: User,
    rita: User,
    workspace: Workspace,
    target: ComputeTarget,
    make_run: MakeRun,
    settings: LazySettings,
) -> Call:
    """A studio with one of everything: run ``led`` has it all, ``mine`` and ``queued`` wait."""
    call = api(alice)
    experiments.get_or_create(workspace, "known", by=Actor.of_user(alice))
    invitations.invite(workspace, Role.READER, by=Actor.of_user(alice))
    view = views.create(workspace, by=Actor.of_user(alice), name="all", state={})
    CustomView.objects.filter(pk=view.pk).update(slug="known")
    make_run(run_id="led", start=True, tags={"a": "b"})
    keep_rule(workspace, alice)
    keep_alert(workspace, alice, Run.objects.get(run_id="led"))
    settings.HAS_EMAIL, alice.email = True, "alice@example.org"
    alice.save()
    make_run(run_id="new")
    make_run(run_id="mine", target="local")
    make_run(run_id="queued", target="studio-local")
    leases.note_agent(target, leases.AgentInfo("before", "h"))
    led = "/workspaces/main/runs/led"
    sid = call("POST", "/workspaces/main/snapshots", manifest()).json()["snapshotId"]  # type: ignore[attr-defined]
    for method, place, body in (
        ("PUT", f"/workspaces/main/snapshots/{sid}/content", zipped()),
        ("PUT", f"{led}/snapshot", {"snapshotId": sid}),
        ("PUT", f"{led}/files/outputs/a.txt", b"text"),
        ("POST", f"{led}/attachments?name=a.txt", b"text"),
        ("POST", f"{led}/{LOG}?session=s&sequence=0", b"one\n"),
        ("POST", f"{led}/metrics", {"session": "s", "sequence": 0, "rows": [
            {"name": "loss", "value": 1}, {"name": "loss", "valueText": "NaN"}]}),
        ("POST", "/workspaces/main/bulk", TAGGING),
    ):  # fmt: skip
        assert call(method, place, body).status_code < 300
    return call


def manifest() -> dict[str, Any]:
    return {"files": {"train.py": {"sha256": SHA, "size": len(SOURCE)}}}


def snapshot_id() -> str:
    canonical = {"train.py": {"executable": False, "sha256": SHA, "size": len(SOURCE)}}
    return hashlib.sha256(json.dumps(canonical, separators=(",", ":")).encode()).hexdigest()


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(SHA, SOURCE)
    return stream.getvalue()


def asked(call: Call, route: tuple[str, str]) -> Any:
    case = CASES[route]
    sid = snapshot_id()
    place = case.place.replace("{sid}", sid)
    if "{eid}" in place:
        place = place.replace("{eid}", str(Experiment.objects.get(name="known").pk))
    if "{task}" in place:
        place = place.replace("{task}", str(Task.objects.earliest("pk").pk))
    if "{invitation}" in place:
        place = place.replace("{invitation}", known_invitation())
    if "{rule}" in place:
        place = place.replace("{rule}", known_rule())
    if "{alert}" in place:
        for name, value in known_alert().items():
            place = place.replace(f"{{{name}}}", value)
    body = {"snapshotId": sid} if route[1].endswith("/snapshot") and case.body else case.body
    if body == b"zip":
        body = zipped()
    top = "" if route[1] in ("/", "/workspaces") else "/workspaces/main"
    return call(route[0], top + place, body)


def misfits(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """Return where ``value`` differs from its description."""
    shapes = described(v1)["components"]["schemas"]
    if "$ref" in schema:
        schema = shapes[schema["$ref"].rsplit("/", 1)[-1]]
    if "anyOf" in schema:
        found = [misfits(value, choice, where) for choice in schema["anyOf"]]
        return min(found, key=len)
    kinds: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool,
             "object": dict, "array": list, "null": type(None)}  # fmt: skip
    kind = schema.get("type")
    if kind is not None and not isinstance(value, kinds[kind]):
        return [f"{where}: {value!r} is no {kind}"]
    if kind == "array":
        return [m for item in value for m in misfits(item, schema.get("items", {}), f"{where}[]")]
    fields = schema.get("properties")
    if kind != "object" or fields is None:
        return []
    missing = [f"{where}.{name} is missing" for name in schema["required"] if name not in value]
    unknown = [f"{where}.{name} is not described" for name in value if name not in fields]
    inside = [
        m for name, told in fields.items() if name in value
        for m in misfits(value[name], told, f"{where}.{name}")
    ]  # fmt: skip
    return missing + unknown + inside


def test_every_route_has_a_case() -> None:
    assert {(method, path) for method, path, _ in ROUTES} == set(CASES)


@pytest.mark.parametrize("route", CASES, ids=[f"{m} {p}" for m, p in CASES])
def test_a_good_call_is_answered_as_described(call: Call, route: tuple[str, str]) -> None:
    answer = asked(call, route)
    assert answer.status_code == CASES[route].status, getattr(answer, "content", "")
    assert answer["Cache-Control"] == "no-store"
    method, path = route
    entry = described(v1)["paths"]["/api/v1" + path.replace("{path:", "{")]
    told = entry[method.lower()]["responses"][str(answer.status_code)]["content"]
    kind = answer["Content-Type"].split(";")[0]
    assert kind in told
    if kind == "application/json":
        assert misfits(answer.json(), told[kind]["schema"]) == []
    else:
        whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert whole


@pytest.mark.parametrize("path", [path for method, path in CASES if method == "GET"])
def test_looking_changes_nothing_and_asks_little(call: Call, path: str) -> None:
    asked(call, ("GET", path))
    with CaptureQueriesContext(connection) as caught:
        assert asked(call, ("GET", path)).status_code == 200
    writes = [q["sql"] for q in caught if not re.match(r"SELECT|BEGIN|COMMIT", q["sql"])]
    # Who was here, and who took an export along, is noted; nothing that anybody made is changed.
    noted = ('"last_used_at"', 'INSERT INTO "runs_auditevent"')
    assert [sql for sql in writes if not any(each in sql for each in noted)] == []
    assert len(caught) <= MOST_QUERIES_OF_A_GET


def test_a_run_that_is_led_by_its_runner_takes_no_end_from_others(
    call: Call, api: Callable[..., Call], bob: User, target: ComputeTarget
) -> None:
    queued = leases.take_next(
        target, by=Actor("agent", "a"), agent=leases.note_agent(target, leases.AgentInfo("a", "h"))
    )
    assert queued is not None
    lifecycle.start(queued, by=Actor("runner", "queued"))
    for ending in ("complete", "finalize", "canceled"):
        answer = api(bob)("POST", f"/workspaces/main/runs/queued/{ending}", {})
        assert answer.status_code == 403
    assert Run.objects.get(run_id="queued").status == "Running"
