"""Section 2.8: wait for a run, the run of this script, and where runs go."""

from __future__ import annotations

import _thread
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.sdk import (
    ActivityFailedException,
    Experiment,
    ExperimentExecutionException,
    Run,
    RunEnvironmentException,
    ScriptRunConfig,
)
from tests.cli.conftest import Cli
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


@pytest.mark.row("A-65")
@pytest.mark.parametrize("show_output", [False, True])
def test_a65_ctrl_c_ends_the_wait_and_not_the_run(run: Run, show_output: bool) -> None:
    stop = threading.Timer(0.5, _thread.interrupt_main)
    stop.start()
    with pytest.raises(ExperimentExecutionException, match="goes on"):
        run.wait_for_completion(show_output=show_output)
    stop.join()
    assert run.get_status() == "Running"


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
def test_a66_an_offline_run_is_whole_and_can_become_a_run(
    experiment: Experiment, cli: Cli, capsys: pytest.CaptureFixture[str]
) -> None:
    run: Any = Run.get_context()
    run.set_tags({"quality": "good", "look": None})
    run.add_properties({"author": "azureml-user"})
    for step in range(3):
        run.log("loss", 3 - step, step=step)
    run.upload_file("a.txt", io.BytesIO(b"a"))
    first, second = run.create_children(count=2)
    first.log("deep", 1)
    assert [child.id for child in run.get_children()] == [second.id, first.id]
    assert first.parent is run
    for each in (first, second, run):
        each.complete()
    assert run.wait_for_completion()["status"] == run.get_details()["status"] == "Completed"
    (folder,) = Path(os.environ["STUDIO_CONFIG_DIR"], "offline").glob(f"{run.id}*")
    code, out, err = cli("import", str(folder), "-e", "offline")
    assert (code, run.id in out) == (0, True), err
    found = Run.get(experiment.workspace, run.id)
    assert (found.status, found.experiment.name) == ("Completed", "offline")
    assert (found.tags, found.properties["author"]) == (run.get_tags(), "azureml-user")
    assert found.get_metrics() == {"loss": [3, 2, 1]}
    assert found.get_file_names() == ["a.txt"]
    assert len(list(found.get_children())) == 2


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
