"""Section 2.8: wait for a run, the run of this script, and where runs go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.sdk import (
    ActivityFailedException,
    Experiment,
    Run,
    RunEnvironmentException,
    ScriptRunConfig,
)
from tests.rows.conftest import Start

Work = Callable[[], str]


@pytest.mark.row("A-65")
def test_a65_the_end_is_waited_for_and_the_details_returned(start: Start) -> None:
    run = start()
    seen = Run.get(run.experiment.workspace, run.id)
    later = threading.Timer(0.4, run.complete)
    later.start()
    details = seen.wait_for_completion()
    later.join()
    assert (details["status"], details["runId"]) == ("Completed", run.id)


@pytest.mark.row("A-65")
def test_a65_a_failure_is_raised_and_a_cancel_is_not(start: Start) -> None:
    failed, canceled = start(), start()
    failed.fail("no good")
    with pytest.raises(ActivityFailedException, match="no good") as raised:
        failed.wait_for_completion()
    assert raised.value.error["error"]["message"] == "no good"
    assert failed.wait_for_completion(raise_on_error=False)["status"] == "Failed"
    canceled.cancel()
    assert canceled.wait_for_completion()["status"] == "Canceled"


@pytest.mark.row("A-65", "A-66")
def test_a65_a66_the_log_of_a_submitted_script_is_shown_until_its_end(
    experiment: Experiment,
    config: ScriptRunConfig,
    source: Path,
    work: Work,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (source / "train.py").write_text(
        "from studio.sdk import Run\n"
        "run = Run.get_context(allow_offline=False)\n"
        "print(run.id, run.experiment.name, Run.get_context() is run)\n"
        "run.log('loss', 0.5)\n"
        "run.complete()\n"
        "print(run.get_status())\n"
        "import os\n"
        "os.makedirs('outputs', exist_ok=True)\n"
        "open('outputs/model.txt', 'w').write('weights')\n"
    )
    run = experiment.submit(config)
    work()
    assert run.wait_for_completion(show_output=True)["status"] == "Completed"
    shown = capsys.readouterr().out
    assert shown.startswith(f"RunId: {run.id}\nWeb View: {run.get_portal_url()}\n")
    # The runner sets the status, from the exit code: complete() inside the script did not.
    assert f"\n{run.id} explore-runs True\nRunning\n" in shown
    assert f"Execution Summary\n=================\nRunId: {run.id}" in shown
    assert run.get_metrics() == {"loss": 0.5}
    assert "outputs/model.txt" in run.get_file_names()


@pytest.mark.row("A-66")
@pytest.mark.usefixtures("outside", "experiment")
def test_a66_outside_of_a_submitted_run_there_is_an_offline_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(RunEnvironmentException, match="start_logging"):
        Run.get_context(allow_offline=False)
    run: Any = Run.get_context()
    assert Run.get_context() is run
    assert run.id.startswith("OfflineRun_")
    with run:
        run.log("loss", 0.5)
        run.tag("quality", "good")
        assert run.child_run("first").id == f"{run.id}.first"
    said = capsys.readouterr().out
    assert said.startswith(
        f"[START] Run {run.id} context\nAttempted to log scalar metric loss:\n0.5"
    )
    assert said.rstrip().endswith(f"[STOP] Run {run.id} context")
    assert (run.get_status(), run.get_metrics()) == ("Completed", {"loss": 0.5})


@pytest.mark.row("A-66")
@pytest.mark.usefixtures("outside")
def test_a66_inside_a_submitted_run_a_script_does_not_end_its_own_run(
    experiment: Experiment, config: ScriptRunConfig, monkeypatch: pytest.MonkeyPatch, queue: str
) -> None:
    run = experiment.submit(config)
    transport = experiment.workspace._transport
    lease = transport.api("POST", "compute", queue, "lease", json={"agent": "a", "host": "h"})
    token = lease.json()["lease"]["token"]
    for name, value in {"RUN_ID": run.id, "RUN_TOKEN": token, "WORKSPACE": "main"}.items():
        monkeypatch.setenv(f"STUDIO_{name}", value)
    inside = Run.get_context()
    assert isinstance(inside, Run)
    inside.start()
    inside.complete()
    inside.fail("no good")
    with pytest.warns(UserWarning, match="end the script"):
        inside.cancel()
    with inside:
        inside.log("loss", 1)
    inside._transport.close()
    assert (run.get_status(), run.get_metrics()) == ("Running", {"loss": 1})


@pytest.mark.row("A-67")
def test_a67_compute_targets_are_found_by_name(
    experiment: Experiment, source: Path, queue: str
) -> None:
    targets = experiment.workspace.compute_targets
    assert list(targets) == [queue]
    assert targets[queue].name == queue
    with pytest.raises(KeyError):
        targets["moon"]
    for target in (targets[queue], queue):
        config = ScriptRunConfig(source, script="train.py", compute_target=target)
        assert experiment.submit(config).get_details()["target"] == queue
