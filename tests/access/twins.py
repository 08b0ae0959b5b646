"""Two workspaces in which everything has the same names, and a word of its own in everything it holds."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from runs.access import Actor
from runs.actions import (
    alerts,
    comments,
    experiments,
    invitations,
    log_documents,
    outbox,
    retention,
    stars,
    tokens,
    views,
)
from runs.actions.alert_rules import Wanted
from runs.actions.outbox import Happening
from runs.models import AlertRule, ApiToken, LogFile, Run, Task, User, Workspace
from studio.contract.words import Role, Sharing
from tests.api.conftest import Call, caller

RUN = "same"
METRIC, TABLE = "loss", "table"
LOG = "user_logs/std_log.txt"
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@dataclass(frozen=True)
class Secret:
    """What is held by one workspace only: a word, and a number as a page might write it."""

    word: str
    number: float

    def is_in(self, text: bytes) -> bool:
        digits = str(int(self.number))
        pattern = rf"{self.word}|{digits[0]}[., ]?{digits[1:4]}[., ]?{digits[4:7]}"
        return re.search(pattern.encode(), text, re.I) is not None


@dataclass(frozen=True)
class Twin:
    """A workspace, its secret, and the ids of what it holds."""

    workspace: Workspace
    secret: Secret
    run: Run
    ids: dict[str, str]


def fill(workspace: Workspace, owner: User, secret: Secret, *, runs: int) -> Twin:
    """Fill a workspace; ``runs`` is how many more runs it gets than those that are needed."""
    token = tokens.issue(owner, "twin")
    call = caller(token)
    ids = {"sid": _runs(call, workspace.name, secret, runs)}
    ApiToken.objects.filter(user=owner, name="twin").delete()
    run = Run.objects.get(workspace=workspace, run_id=RUN)
    experiments.describe(run.experiment, f"About {secret.word}", by=Actor.of_user(owner))
    by = Actor.of_user(owner)
    comments.comment(run, f"They said {secret.word}", by=by)
    stars.star(run, by=by, on=True)
    invitations.invite(workspace, Role.READER, by=by, email=f"new@{secret.word}.example")
    for log in LogFile.objects.filter(run__workspace=workspace):
        while not log.is_searched:
            log_documents.write(log, timezone.now())
            log.refresh_from_db()
    view = _view(workspace, by, "Best", f"tag:where={secret.word}")
    _view(workspace, by, f"View {secret.word}", "status:completed")
    rule, message = _alert(workspace, by, run, secret)
    ids |= {"number": str(run.experiment_id), "eid": str(run.experiment_id), "slug": view}
    kept = retention.create(
        workspace, by=by, query=f"tag:where={secret.word}", days=9, goes=0, confirm=0
    )
    ids |= {
        "rule": str(kept.pk),
        "alert": rule,
        "message": message,
        "task": str(_task(workspace).pk),
    }
    return Twin(workspace, secret, run, ids)


def _runs(call: Call, name: str, secret: Secret, more: int) -> str:
    """Make the runs by the API; returns the id of their snapshot."""
    top, word = f"/workspaces/{name}", secret.word
    code = f"print('{word}')\n".encode()
    sha = hashlib.sha256(code).hexdigest()
    manifest = {"files": {"train.py": {"sha256": sha, "size": len(code)}}}
    sid = str(_told(call("POST", f"{top}/snapshots", manifest))["snapshotId"])
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(sha, code)
    assert call("PUT", f"{top}/snapshots/{sid}/content", zipped.getvalue()).status_code < 300
    for run_id in (RUN, "other", "gone", *(f"more-{place}" for place in range(more))):
        _run(call, top, run_id, secret, sid)
    _told(
        call(
            "POST",
            f"{top}/runs/{RUN}/children",
            {"children": [{"runId": "child", "displayName": f"Child {word}"}]},
        )
    )
    body = {"experimentName": f"only-{word}", "runId": f"only-{word}", "start": True}
    named = {"displayName": f"Run {word}", "tags": {f"key-{word}": "1"}}
    _told(call("POST", f"{top}/runs", body | named))
    row = {"name": f"metric-{word}", "value": secret.number}
    logged = {"session": "s", "sequence": 0, "rows": [row]}
    _told(call("POST", f"{top}/runs/only-{word}/metrics", logged))
    chosen = {"selection": {"runIds": [RUN]}, "tags": {"bulk": word}}
    _told(call("POST", f"{top}/bulk", {"action": "tag", **chosen}))
    gone = {"action": "delete", "selection": {"runIds": ["gone"]}, "confirm": 1}
    _told(call("POST", f"{top}/bulk", gone))
    return sid


def _run(call: Call, top: str, run_id: str, secret: Secret, sid: str) -> None:
    word, place = secret.word, f"{top}/runs/{run_id}"
    body = {
        "experimentName": "same-experiment",
        "runId": run_id,
        "displayName": f"Gone {word}" if run_id == "gone" else "Same run",
        "description": f"About **{word}**.",
        "tags": {} if run_id == "gone" else {"where": word},
        "properties": {"author": word},
        "parameters": {"lr": secret.number, "note": word},
        "start": True,
    }
    _told(call("POST", f"{top}/runs", body))
    row = {"name": TABLE, "kind": "table", "value": {"where": word, "x": secret.number}}
    rows = [row, *({"name": METRIC, "value": secret.number + n, "step": n} for n in range(3))]
    for method, path, sent in (
        ("POST", "metrics", {"session": "s", "sequence": 0, "rows": rows}),
        (
            "POST",
            f"logs/{LOG}?session=s&sequence=0",
            f"{run_id}\nerror: {word} {run_id}\n".encode(),
        ),
        ("PUT", "files/outputs/a.txt", word.encode()),
        ("PUT", "files/outputs/pixel.png", _PIXEL),
        ("POST", "attachments?name=a.txt", word.encode()),
        ("PUT", f"files/outputs/{word}.txt", b"named"),
        ("POST", f"attachments?name={word}.txt", b"named"),
        ("PUT", "snapshot", {"snapshotId": sid}),
        ("PATCH", "", {"description": f"More about **{word}**.", "version": 1}),
        ("POST", "warnings", {"source": "s", "message": f"Warned of {word}"}),
        ("POST", "fail", {"error": {"message": f"Fell over {word}"}, "exitCode": 1}),
    ):
        _told(call(method, f"{place}/{path}".rstrip("/"), sent))


def _told(answer: Any) -> Any:
    assert answer.status_code < 300, answer.content
    return answer.json()


def _view(workspace: Workspace, by: Actor, name: str, query: str) -> str:
    chart = {"kind": "line", "metric": METRIC}
    columns = [{"id": each, "width": 200, "pinned": False} for each in ("name", "tag:where")]
    state = {"filter": query, "columns": columns, "charts": [chart]}
    view = views.create(workspace, by=by, name=name, state=state)
    views.share(view, by=by, sharing=Sharing.EDIT)
    return view.slug


def _alert(workspace: Workspace, by: Actor, run: Run, secret: Secret) -> tuple[str, str]:
    """Make an alert with a message; returns the number of one and the name of the other."""
    wanted = Wanted(
        "Failures",
        statuses=("Failed",),
        query=f"tag:where={secret.word}",
        channel="webhook",
        target=f"https://{secret.word}.example/",
        for_all=True,
    )
    rule = alerts.create(workspace, by=by, wanted=wanted)
    happening = Happening(run.pk, timezone.now(), "Failed", f"{secret.word} has failed")
    message = outbox.message(rule, rule.target, [happening], timezone.now())
    assert AlertRule.objects.get(pk=rule.pk).workspace == workspace
    return str(rule.pk), message.uid


def _task(workspace: Workspace) -> Task:
    return Task.objects.filter(workspace=workspace).earliest("pk")


def chart(metric: str = METRIC) -> str:
    """Return a chart as an address names it."""
    return json.dumps({"kind": "line", "metric": metric})
