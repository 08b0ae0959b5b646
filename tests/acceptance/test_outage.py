"""The studio may die at any time: a run goes on, and nothing of it is lost or doubled."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from studio.sdk import Experiment, ScriptRunConfig, Workspace
from tests.acceptance.studio_process import TOKEN, StudioProcess, processes_of, wait_for

LINES = 300
COUNTING = f"""
import time
from studio.sdk import Run
run = Run.get_context()
for number in range({LINES}):
    print(f"line {{number}}", flush=True)
    run.log("loss", number)
    time.sleep(0.03)
"""


@pytest.mark.parametrize("target", ["local", "studio-local"])
def test_a_run_outlives_a_kill_of_the_whole_studio(
    studio: StudioProcess, experiment: Experiment, source: Path, target: str
) -> None:
    (source / "count.py").write_text(COUNTING)
    run = experiment.submit(ScriptRunConfig(source, script="count.py", compute_target=target))
    wait_for(lambda: studio.log(run.id).count("line") > 30, seconds=60, what="30 lines")
    studio.kill()
    assert not _answers(studio)
    before = len(processes_of(run.id))
    assert before > 0, "the run went down with the studio"
    time.sleep(3)
    studio.start()
    studio.wait_for_status(run.id, "Completed", seconds=60)
    assert studio.log(run.id).splitlines() == [f"line {n}" for n in range(LINES)]
    assert run.get_metrics()["loss"] == list(range(LINES))
    ends = [
        e["to"] for e in studio.events(run.id) if e["to"] in {"Completed", "Failed", "Canceled"}
    ]
    assert ends == ["Completed"]


def test_a_run_that_ends_while_the_studio_is_away_arrives_later(
    studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "count.py").write_text(COUNTING.replace("0.03", "0.005") + "raise SystemExit(3)\n")
    run = experiment.submit(
        ScriptRunConfig(source, script="count.py", compute_target="studio-local")
    )
    studio.wait_for_status(run.id, "Running")
    studio.kill()
    wait_for(lambda: not _scripts(run.id), seconds=60, what="the script to end")
    studio.start()
    document = studio.wait_for_status(run.id, "Failed", seconds=60)
    assert document["exitCode"] == 3
    assert studio.log(run.id).count("line") == LINES
    assert len(run.get_metrics()["loss"]) == LINES


def test_a_run_finds_the_studio_at_another_address(
    studio: StudioProcess, experiment: Experiment, source: Path
) -> None:
    (source / "count.py").write_text(COUNTING)
    run = experiment.submit(
        ScriptRunConfig(source, script="count.py", compute_target="studio-local")
    )
    wait_for(lambda: studio.log(run.id).count("line") > 30, seconds=60, what="30 lines")
    studio.kill()
    studio.move()
    studio.start()
    studio.wait_for_status(run.id, "Completed", seconds=60)
    assert studio.log(run.id).splitlines() == [f"line {n}" for n in range(LINES)]
    run.experiment.workspace._transport.url = studio.url
    assert run.get_metrics()["loss"] == list(range(LINES))


def test_a_silent_run_is_not_responding_and_later_failed(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = StudioProcess(
        tmp_path / "var",
        environment={"STUDIO_RUN_SILENT_SECONDS": "12", "STUDIO_RUN_LOST_SECONDS": "18"},
    )
    studio.start()
    try:
        monkeypatch.setenv("STUDIO_URL", studio.url)
        monkeypatch.setenv("STUDIO_TOKEN", TOKEN)
        (source / "sleep.py").write_text("import time\nprint('go', flush=True)\ntime.sleep(600)\n")
        experiment = Experiment(Workspace.get("main"), "silent")
        run = experiment.submit(ScriptRunConfig(source, script="sleep.py"))
        wait_for(lambda: "go" in studio.log(run.id), seconds=60, what="the first line")
        _freeze(run.id, signal.SIGSTOP)
        studio.wait_for_status(run.id, "NotResponding", seconds=60)
        _freeze(run.id, signal.SIGCONT)
        studio.wait_for_status(run.id, "Running", seconds=60)
        _freeze(run.id, signal.SIGKILL)
        studio.wait_for_status(run.id, "NotResponding", seconds=60)
        document = studio.wait_for_status(run.id, "Failed", seconds=60)
        assert "heartbeat" in document["error"]["error"]["message"].lower()
    finally:
        studio.stop()
        for pid in processes_of("silent_"):
            os.kill(pid, signal.SIGKILL)


def _answers(studio: StudioProcess) -> bool:
    try:
        studio.http.request("GET", f"{studio.url}/healthz", timeout=1)
    except Exception:
        return False
    return True


def _scripts(run_id: str) -> list[int]:
    return [pid for pid, command in processes_of(run_id).items() if "count.py" in command]


def _freeze(run_id: str, number: signal.Signals) -> None:
    """Signal the runner and the agent of one run, and check that there were some."""
    hit = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if run_id.encode() in command and (
            b"studio.runner" in command or b"studio.compute" in command
        ):
            os.kill(int(folder.name), number)
            hit.append(int(folder.name))
    assert hit, "no runner and no agent found"
