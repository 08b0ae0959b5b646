"""Cancel stops the process, proves it, and never leaves a run hanging."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from studio.sdk import Experiment, ScriptRunConfig
from tests.acceptance.studio_process import StudioProcess, processes_of, runner_of, wait_for

STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: print("saving in the grace", flush=True))
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
start = f"subprocess.Popen([sys.executable, '-c', {child!r}])"
grand = f"import subprocess, sys, time; {start}; time.sleep(600)"
subprocess.Popen([sys.executable, "-c", grand])
subprocess.Popen([sys.executable, "-c", child], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    os._exit(0)
print("ready", flush=True)
while True:
    time.sleep(0.2)
"""


@pytest.mark.parametrize("target", ["local", "studio-local"])
def test_it_kills_the_whole_tree_and_says_so(
    studio: StudioProcess, experiment: Experiment, source: Path, target: str
) -> None:
    (source / "stubborn.py").write_text(STUBBORN)
    run = experiment.submit(ScriptRunConfig(source, script="stubborn.py", compute_target=target))
    studio.wait_for_status(run.id, "Running")
    wait_for(lambda: "ready" in studio.log(run.id), seconds=60, what="the script's tree")
    wait_for(lambda: len(processes_of(run.id)) >= 5, seconds=60, what="five processes")

    run.cancel()
    assert run.get_status() in {"CancelRequested", "Canceled"}
    studio.wait_for_status(run.id, "Canceled")
    assert processes_of(run.id) == {}
    assert [s for s in studio.steps(run.id) if s != "grace_over"] == [
        "term_sent",
        "kill_sent",
        "gone",
    ]
    assert "saving in the grace" in studio.log(run.id)


def test_a_kind_script_is_gone_before_the_grace_is_over(
    studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "kind.py").write_text("import time\nprint('go', flush=True)\ntime.sleep(600)\n")
    run = experiment.submit(ScriptRunConfig(source, script="kind.py", grace_seconds=60))
    wait_for(lambda: "go" in studio.log(run.id), seconds=60, what="the first line")
    run.cancel()
    studio.wait_for_status(run.id, "Canceled")
    assert processes_of(run.id) == {}
    assert [s for s in studio.steps(run.id) if s != "grace_over"] == ["term_sent", "gone"]


def test_a_queued_run_is_canceled_at_once(
    studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "sleep.py").write_text("import time\ntime.sleep(600)\n")
    config = ScriptRunConfig(source, script="sleep.py", compute_target="studio-local")
    limit = studio.api("GET", "/workspaces/main/compute/studio-local")["maxRuns"]
    runs = [experiment.submit(config) for _ in range(limit + 1)]
    for run in runs[:limit]:
        studio.wait_for_status(run.id, "Running")
    assert studio.run(runs[-1].id)["status"] == "Queued"
    runs[-1].cancel()
    assert studio.run(runs[-1].id)["status"] == "Canceled"
    for run in runs[:limit]:
        run.cancel()
        studio.wait_for_status(run.id, "Canceled", seconds=60)


def test_a_failed_run_holds_no_process(
    studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "sleep.py").write_text("import time\nprint('go', flush=True)\ntime.sleep(600)\n")
    run = experiment.submit(ScriptRunConfig(source, script="sleep.py"))
    wait_for(lambda: "go" in studio.log(run.id), seconds=60, what="the first line")
    run.fail("the wrong script")
    assert run.get_status() == "Failed"
    wait_for(lambda: not processes_of(run.id), seconds=60, what="the process to be gone")
    assert studio.run(run.id)["status"] == "Failed"
    wait_for(lambda: not runner_of(run.id), seconds=60, what="the runner to be done")


def test_a_killed_runner_fails_the_run_with_the_reason(
    studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "sleep.py").write_text("import time\nprint('go', flush=True)\ntime.sleep(600)\n")
    run = experiment.submit(
        ScriptRunConfig(source, script="sleep.py", compute_target="studio-local")
    )
    wait_for(lambda: "go" in studio.log(run.id), seconds=60, what="the first line")
    runner = next(
        int(p.name)
        for p in Path("/proc").glob("[0-9]*")
        if (c := _command(p)) and "studio.runner" in c and run.id in c
    )
    os.kill(runner, signal.SIGKILL)
    document = studio.wait_for_status(run.id, "Failed", seconds=60)
    assert "runner" in document["error"]["error"]["message"].lower()
    wait_for(lambda: not processes_of(run.id), seconds=60, what="the script to be gone")


def _command(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
