"""Scripts that log: half of them by the SDK, half by calls of the API, each one run after the other."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3

from studio.sdk import Experiment, Run, StudioException, Workspace
from tests.acceptance.studio_process import TOKEN

_EXPERIMENTS = 5
_STEPS = 40
_PACE = 0.05
_LOG = "user_logs/std_log.txt"


def write(url: str, seconds: float, writers: int, results: Any) -> None:
    """Write until the time is over; puts what was done and what went wrong into ``results``."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"STUDIO_URL": url, "STUDIO_TOKEN": TOKEN, "STUDIO_CONFIG_DIR": folder}
        os.chdir(folder)
        until = time.monotonic() + seconds
        kinds = [BySdk if number % 2 else ByCalls for number in range(writers)]
        done: Counter[str] = Counter()
        wrong: list[str] = []
        with ThreadPoolExecutor(writers) as pool:
            for writer in pool.map(lambda n: _worked(kinds[n](url, n), until), range(writers)):
                done += writer.done
                wrong += writer.wrong
        results.put((dict(done), wrong))


def _worked(writer: BySdk | ByCalls, until: float) -> BySdk | ByCalls:
    number = 0
    while time.monotonic() < until:
        try:
            writer.one_run(number)
        except (StudioException, AssertionError, urllib3.exceptions.HTTPError) as error:
            writer.wrong.append(f"{type(writer).__name__}: {error}")
        number += 1
    return writer


class ByCalls:
    """A script that speaks to the API itself."""

    def __init__(self, url: str, name: int) -> None:
        self._top = f"{url}/api/v1/workspaces/main"
        self._name = name
        self._http = urllib3.PoolManager(retries=False, timeout=60)
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []

    def one_run(self, number: int) -> None:
        """Make a run, log to it, tag it, give it a file, end it, and look whether all is there."""
        experiment = f"soak-{(self._name + number) % _EXPERIMENTS}"
        body = {"experimentName": experiment, "start": True, "tags": {"writer": str(self._name)}}
        place = f"/runs/{self._call('POST', '/runs', body)['runId']}"
        sent, lines = 0, b""
        for first in range(0, _STEPS, 10):
            rows = [{"name": "loss", "value": 1 / (step + 1), "step": step}
                    for step in range(first, first + 10)]  # fmt: skip
            logged = {"session": "s", "sequence": sent, "rows": rows}
            self._call("POST", f"{place}/metrics", logged)
            sent += len(rows)
            line = f"step {first}\n".encode() * 20
            self._call("POST", f"{place}/logs/{_LOG}?session=s&sequence={len(lines)}", line)
            lines += line
            self._call("PUT", f"{place}/tags", {"step": str(first)})
            time.sleep(_PACE * 10)
        self._call("PUT", f"{place}/files/outputs/a.txt", b"a" * 10_000)
        if number % 5:
            self._call("POST", f"{place}/complete", {"exitCode": 0})
        else:
            self._call("POST", f"{place}/fail", {"error": {"message": "soaked"}, "exitCode": 1})
        self._check(place, sent, len(lines))

    def _check(self, place: str, points: int, bytes_of_log: int) -> None:
        (metric,) = self._call("GET", f"{place}/metrics?name=loss")["items"]
        assert metric["count"] == points, f"{metric['count']} of {points} points are there"
        files = {
            each["path"]: each["size"] for each in self._call("GET", f"{place}/files")["items"]
        }
        assert files[_LOG] == bytes_of_log, f"{files} of {bytes_of_log} bytes"
        self.done["runs by calls"] += 1
        self.done["points"] += points

    def _call(self, method: str, place: str, body: Any = None) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self._http.request(
            method,
            self._top + place,
            body=None if body is None else raw,
            headers={
                "Authorization": f"Bearer {TOKEN}",
                "Content-Type": "application/octet-stream"
                if isinstance(body, bytes)
                else "application/json",
            },
        )
        self.done["calls"] += 1
        assert answer.status < 300, f"{method} {place}: {answer.status} {answer.data[:300]!r}"
        return json.loads(answer.data)


class BySdk:
    """A script with the SDK, as people write it."""

    def __init__(self, url: str, name: int) -> None:
        self._name = name
        self._workspace = Workspace.get("main")
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []

    def one_run(self, number: int) -> None:
        """Log values and tags to a run, with a child run now and then, and end it."""
        experiment = Experiment(self._workspace, f"soak-{(self._name + number) % _EXPERIMENTS}")
        with experiment.start_logging(snapshot_directory=None, outputs=False) as run:
            for step in range(_STEPS):
                run.log("loss", 1 / (step + 1), step=step)
                time.sleep(_PACE)
            run.tag("writer", str(self._name))
            if number % 3 == 0:
                child = run.child_run()
                child.log("loss", 0.5)
                child.complete()
        self._check(run)

    def _check(self, run: Run) -> None:
        found = self._workspace._transport.api("GET", "runs", run.id, "metrics").json()["items"]
        counts = {each["name"]: each["count"] for each in found}
        assert counts.get("loss") == _STEPS, f"{run.id}: {counts} of {_STEPS} points"
        assert run.get_status() == "Completed", run.get_status()
        self.done["runs by the SDK"] += 1
        self.done["points"] += _STEPS
