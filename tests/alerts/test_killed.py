"""A worker that is killed while it sends: the next one sends again, nothing is lost, the order stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.acceptance.studio_process import ROOT, wait_for
from tests.outside.receiver import Receiver, receiver, says

pytestmark = pytest.mark.acceptance

# Longer than a dead worker holds a message, on a machine with much to do.
_PATIENCE = 180.0
_SETUP = """
import sys
import django
django.setup()
from runs.access import Actor
from runs.actions import accounts, alerts, lifecycle, runs, workspaces
from runs.actions.alert_rules import Wanted
from runs.actions.alert_secrets import secret_of
from runs.models import AlertRule

if sys.argv[1] == "begin":
    alice = accounts.create_user("alice")
    place = workspaces.create("main", owner=alice)
    wanted = Wanted("All", statuses=("Running", "Failed"), channel="webhook", target=sys.argv[2])
    rule = alerts.create(place, by=Actor.of_user(alice), wanted=wanted)
else:
    rule = AlertRule.objects.select_related("owner", "workspace").get()
by = Actor.of_user(rule.owner)
for name in sys.argv[3:]:
    new = runs.NewRun("killed", run_id=name, start=True)
    run = runs.create(rule.workspace, by=by, new=new)
    lifecycle.fail(run, by=by, error={"message": name})
print(secret_of(rule))
"""


class Studio:
    """A data folder of its own, and what is started on it."""

    def __init__(self, folder: Path) -> None:
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith("STUDIO_")}
        self._environment |= {
            "STUDIO_DATA_DIR": str(folder / "data"),
            "STUDIO_WEBHOOK_ALLOW": "127.0.0.1/32",
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            "PYTHONPATH": str(ROOT),
        }
        self._environment.pop("DATABASE_URL", None)
        self._output = folder / "worker.txt"
        self._python("manage.py", "migrate", "-v", "0")

    def do(self, *arguments: str) -> str:
        return self._python("-c", _SETUP, *arguments).strip()

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Work until the end of the block, or until somebody kills it."""
        command = [sys.executable, "manage.py", "worker"]
        with self._output.open("ab") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=output, stderr=output
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def _python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def told(there: Receiver) -> list[tuple[str, str, str]]:
    """Return id, run and status of each message that came, in order."""
    found = []
    for got in there.received:
        data = json.loads(got.body)["data"]
        found.append((got.headers["webhook-id"], data["runId"], data["runStatus"]))
    return found


def test_a_worker_killed_between_commit_and_send_loses_nothing_and_keeps_the_order(
    tmp_path: Path,
) -> None:
    studio = Studio(tmp_path)
    names = ["r0", "r1", "r2"]
    wanted = [(name, status) for name in names for status in ("Running", "Failed")]
    over = threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        over.wait(_PATIENCE)

    with receiver() as there:
        secret = studio.do("begin", there.url, *names)
        there.answer = silent
        with studio.worker() as first:
            wait_for(lambda: there.received, seconds=_PATIENCE, what="the first message")
            first.kill()
            first.wait()
        over.set()
        assert len(there.received) == 1
        there.answer = says(200)
        # What happens while no worker lives waits as well.
        studio.do("go-on", "", "r3")
        wanted += [("r3", "Running"), ("r3", "Failed")]
        with studio.worker():
            wait_for(
                lambda: len(there.received) >= len(wanted) + 1,
                seconds=_PATIENCE,
                what="all messages",
            )
        found = told(there)
        for got in there.received:
            Webhook(secret).verify(got.body, got.headers)
    assert found[0] == found[1]
    assert [each[1:] for each in found[1:]] == wanted
    assert len({each[0] for each in found}) == len(wanted)
