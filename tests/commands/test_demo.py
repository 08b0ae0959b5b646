"""``manage.py demo``: examples once, and a folder that is connected to the studio."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.acceptance.studio_process import ROOT, free_port, wait_for
from tests.commands.terminal import Terminal, status_of

TERMINAL = {"Completed", "Failed", "Canceled"}
ENDS = {"example-softmax": "Completed", "example-damaged-data": "Failed"}
LIST_RUNS = """
from studio.sdk import Workspace
workspace = Workspace.from_config()
print([run.id for e in workspace.experiments.values() for run in e.get_runs()])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def demo(folder: Path, port: int) -> Iterator[Terminal]:
    terminal = Terminal(folder, "demo", "--port", port)
    terminal.wait_for_text("Workspace.from_config()")
    yield terminal
    _cancel_all(terminal)
    terminal.stop()


def test_the_examples_really_run(demo: Terminal) -> None:
    for run_id, status in ENDS.items():
        assert _end_of(demo, run_id) == status
    error = _run(demo, "example-damaged-data")["error"]["error"]
    assert "damaged.csv, line 317" in json.dumps(error)
    files = _get(demo, "/runs/example-softmax/files")["items"]
    assert {"outputs/model.json", "outputs/metrics.csv"} <= {file["path"] for file in files}


def test_the_sweep_has_a_child_run_for_each_learning_rate(demo: Terminal) -> None:
    assert _end_of(demo, "example-sweep") == "Completed"
    children = _get(demo, "/runs?parent=example-sweep")["items"]
    assert len(children) == 4
    assert {child["status"] for child in children} == {"Completed"}


def test_python_in_that_folder_finds_the_studio(demo: Terminal, folder: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("STUDIO_")}
    answer = subprocess.run(
        [sys.executable, "-c", LIST_RUNS],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "example-softmax" in answer.stdout


def test_only_the_credentials_hold_the_token(demo: Terminal, folder: Path) -> None:
    credentials = demo.data_dir / "credentials.json"
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
    config = json.loads((folder / ".studio" / "config.json").read_text())
    assert set(config) == {"url", "workspace", "credentials"}
    assert config["credentials"] == str(credentials)


def test_a_second_start_submits_nothing_twice(demo: Terminal, folder: Path, port: int) -> None:
    wait_for(lambda: (demo.data_dir / "examples.submitted").exists(), seconds=60, what="the marker")
    before = {run["runId"] for run in _get(demo, "/runs?limit=500")["items"]}
    demo.stop()
    again = Terminal(folder, "demo", "--port", port)
    try:
        again.wait_for_text("the example trainings are still there")
        assert {run["runId"] for run in _get(again, "/runs?limit=500")["items"]} == before
        _cancel_all(again)
    finally:
        again.stop()


def _place(terminal: Terminal) -> dict[str, str]:
    place: dict[str, str] = json.loads((terminal.data_dir / "credentials.json").read_text())
    return place


def _get(terminal: Terminal, path: str, *, method: str = "GET") -> dict[str, Any]:
    place = _place(terminal)
    answer = urllib3.request(
        method,
        f"{place['url']}/api/v1/workspaces/main{path}",
        headers={"Authorization": f"Bearer {place['token']}"},
        json={} if method == "POST" else None,
        retries=False,
        timeout=30,
    )
    document: dict[str, Any] = answer.json()
    return document


def _run(terminal: Terminal, run_id: str) -> dict[str, Any]:
    return _get(terminal, f"/runs/{run_id}")


def _end_of(terminal: Terminal, run_id: str) -> str:
    """Wait until a run has ended; return how."""

    def look() -> str:
        status = str(_run(terminal, run_id).get("status"))
        return status if status in TERMINAL else ""

    return wait_for(look, seconds=60, what=f"the end of {run_id}")


def _cancel_all(terminal: Terminal) -> None:
    """End what still runs: a run outlives its studio, and no test may leave one behind."""
    if status_of(f"{_place(terminal)['url']}/healthz") != 200:
        return
    for run in _get(terminal, "/runs?limit=500")["items"]:
        if run["status"] not in TERMINAL:
            _get(terminal, f"/runs/{run['runId']}/cancel", method="POST")
            _end_of(terminal, run["runId"])
