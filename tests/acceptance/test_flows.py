"""The public example flows, each as its script, against the demo."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.studio_process import ROOT, TOKEN, StudioProcess

FLOWS = sorted((Path(__file__).parent / "flows").glob("*.py"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    folder = tmp_path_factory.mktemp("demo")
    process = StudioProcess(folder / "var", folder=folder)
    process.start("demo")
    yield process
    for run in process.api("GET", "/workspaces/main/runs?includeChildren=true&limit=500")["items"]:
        if not run["endTimeUtc"]:
            process.api("POST", f"/workspaces/main/runs/{run['runId']}/cancel", {})
            process.wait_for_status(run["runId"], "Canceled", "Completed", "Failed")
    process.stop()


def test_there_is_a_script_for_each_flow() -> None:
    assert len(FLOWS) >= 12


@pytest.mark.parametrize("flow", FLOWS, ids=[flow.stem for flow in FLOWS])
def test_the_flow_works(flow: Path, demo: StudioProcess, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    (folder / ".studio").mkdir(parents=True)
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps({"url": demo.url, "workspace": "main", "token": TOKEN}))
    (folder / ".studio/config.json").write_text(
        json.dumps({"url": demo.url, "workspace": "main", "credentials": str(credentials)})
    )
    (folder / "flow.py").write_text(flow.read_text())
    answer = subprocess.run(
        [sys.executable, "-W", "error", "flow.py"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr == ""
