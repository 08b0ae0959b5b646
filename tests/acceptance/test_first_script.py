"""The first script a newcomer writes, in a checkout while the demo is up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.acceptance.studio_process import ROOT, TOKEN, StudioProcess

SCRIPT = """
from studio.sdk import Workspace, Experiment, ScriptRunConfig
ws = Workspace.from_config(); exp = Experiment(workspace=ws, name="explore-runs")
run = exp.start_logging(); run.log(name="message", value="Hello from run!"); print(run.get_status())
run.complete(); print(run.get_status())
src = ScriptRunConfig(source_directory=".", script="sleep_a_minute.py")
a = exp.submit(src); a.fail(); print(a.get_status())
b = exp.submit(src); b.cancel(); print(b.wait_for_completion(raise_on_error=False)["status"])
"""


def test_it_prints_the_four_statuses(studio: StudioProcess, tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    (folder / ".studio").mkdir(parents=True)
    credentials = folder / ".studio" / "credentials.json"
    credentials.write_text(json.dumps({"url": studio.url, "workspace": "main", "token": TOKEN}))
    (folder / ".studio" / "config.json").write_text(
        json.dumps({"url": studio.url, "workspace": "main", "credentials": str(credentials)})
    )
    (folder / "sleep_a_minute.py").write_text("import time\ntime.sleep(60)\n")
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["Running", "Completed", "Failed", "Canceled"]
