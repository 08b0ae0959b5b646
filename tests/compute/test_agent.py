"""An agent takes runs, and closes those whose runner is no more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from studio.contract import environ
from studio.runner import _processes
from tests.compute.conftest import StartAgent, lease_of, runner_of
from tests.runner.conftest import spec_of
from tests.runner.fake_studio import RUN, FakeStudio, wait_for

LONG = "import time; print('go', flush=True); time.sleep(60)"


def lease(fake: FakeStudio, script: str, **changes: object) -> None:
    """Queue a run, and wait for its script's first line."""
    fake.lease = lease_of(fake, script, **changes)
    wait_for(lambda: "go" in fake.log, "the script")


def test_it_runs_what_it_leases_and_clears_the_folder(
    fake: FakeStudio, start_agent: StartAgent, root: Path
) -> None:
    agent = start_agent()
    lease(fake, "print('go')")
    wait_for(lambda: fake.status == "Completed", "the end")
    wait_for(lambda: not (root / RUN).exists(), "the folder to go")
    children = Path(f"/proc/{agent.pid}/task/{agent.pid}/children").read_text()
    assert children.split() == [], "a runner that ended was not buried"


def test_once_runs_one_run_and_ends(fake: FakeStudio, start_agent: StartAgent, root: Path) -> None:
    fake.lease = lease_of(fake, "print('go')")
    assert start_agent("--once", RUN).wait(20) == 0
    assert (fake.status, fake.log) == ("Completed", "go\n")
    assert list(root.iterdir()) == []


def test_a_killed_runner_fails_the_run_and_leaves_no_process(
    fake: FakeStudio, start_agent: StartAgent, root: Path
) -> None:
    start_agent()
    child = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', "
    lease(fake, child + "'import time; time.sleep(60)'], start_new_session=True)\n" + LONG)
    runner = runner_of(root)
    assert runner is not None
    os.kill(runner, signal.SIGKILL)
    wait_for(lambda: fake.status == "Failed", "the run to be closed")
    assert "runner was killed" in fake.final["error"]["message"]
    assert _processes.of_run(RUN) == set()
    assert fake.bodies("steps")[0]["step"] == "late_proof"


def test_a_cancel_after_the_runner_died_is_answered(
    fake: FakeStudio, start_agent: StartAgent, root: Path
) -> None:
    first = start_agent()
    lease(fake, LONG)
    first.kill()
    first.wait()
    runner = runner_of(root)
    assert runner is not None
    os.kill(runner, signal.SIGKILL)
    fake.cancel()
    start_agent()
    wait_for(lambda: fake.status == "Canceled", "the answer")
    assert _processes.of_run(RUN) == set()


def test_what_a_dead_runner_had_to_say_is_delivered_for_it(
    fake: FakeStudio, start_agent: StartAgent, root: Path
) -> None:
    first = start_agent()
    lease(fake, "import time; print('go', flush=True); time.sleep(1); print('end'); exit(3)")
    fake.is_away = True
    first.kill()
    first.wait()
    wait_for(lambda: "exit code 3" in (root / RUN / "runner.txt").read_text(), "the script's end")
    time.sleep(0.3)
    runner = runner_of(root)
    assert runner is not None
    os.kill(runner, signal.SIGKILL)
    fake.is_away = False
    start_agent()
    wait_for(lambda: fake.status == "Failed", "the run to be closed")
    assert fake.log == "go\nend\n"
    assert "finalize" in [what for what, _ in fake.reports]


def test_a_run_of_before_a_restart_of_the_machine_is_closed(
    fake: FakeStudio, start_agent: StartAgent, folder: Path
) -> None:
    (folder / "spec.json").write_text(spec_of(fake, folder).to_json())
    # A process that lives: but for the boot it would be taken for the runner.
    alive = _processes.this_process()
    told = {"boot_id": "another", "runner_pid": alive.pid, "runner_started": alive.started}
    (folder / "status.json").write_text(json.dumps(told))
    start_agent()
    wait_for(lambda: fake.status == "Failed", "the run to be closed")
    assert "machine was restarted" in fake.final["error"]["message"]


def test_a_run_that_was_being_prepared_is_failed_and_other_folders_are_left_alone(
    fake: FakeStudio, start_agent: StartAgent, root: Path
) -> None:
    (root / RUN / "code").mkdir(parents=True)
    (root / RUN / "preparing").touch()
    (root / "thesis").mkdir()
    (root / "thesis" / "chapter1.tex").write_text("years of work")
    start_agent()
    wait_for(lambda: fake.status == "Failed", "the run to be closed")
    assert "while it prepared" in fake.final["error"]["message"]
    wait_for(lambda: not (root / RUN).exists(), "the folder to go")
    time.sleep(1)
    assert (root / "thesis" / "chapter1.tex").read_text() == "years of work"


def test_a_stop_for_a_run_it_never_had_is_proven(
    fake: FakeStudio, start_agent: StartAgent, root: Path
) -> None:
    marked = os.environ | {environ.MARKER: _processes.marker(RUN, root) + "x"}
    with subprocess.Popen([sys.executable, "-c", LONG], env=marked, stdout=-3) as stray:
        fake.cancel()
        start_agent()
        wait_for(lambda: fake.status == "Canceled", "the answer")
        assert stray.wait(5) != 0
    assert fake.bodies("steps")[0]["data"]["count"] == 1


def test_a_run_of_another_studio_with_the_same_id_is_left_alone(
    fake: FakeStudio, start_agent: StartAgent, tmp_path: Path
) -> None:
    marked = os.environ | {environ.MARKER: _processes.marker(RUN, tmp_path / "other") + "x"}
    with subprocess.Popen([sys.executable, "-c", LONG], env=marked, stdout=-3) as stranger:
        fake.cancel()
        start_agent()
        wait_for(lambda: fake.status == "Canceled", "the answer")
        assert stranger.poll() is None
        stranger.kill()


def test_a_runner_outlives_its_agent_and_the_next_agent_takes_it_over(
    fake: FakeStudio, start_agent: StartAgent, root: Path
) -> None:
    first = start_agent()
    lease(fake, "import time; print('go', flush=True); time.sleep(3); print('end')")
    first.terminate()
    assert first.wait(1) == 0
    start_agent()
    wait_for(lambda: fake.status == "Completed", "the run")
    assert fake.log == "go\nend\n"
    wait_for(lambda: not (root / RUN).exists(), "the folder to go")


def test_a_studio_that_was_away_is_served_again(fake: FakeStudio, start_agent: StartAgent) -> None:
    fake.is_away = True
    start_agent()
    time.sleep(2)
    fake.is_away = False
    lease(fake, "print('go')")
    wait_for(lambda: fake.status == "Completed", "the run")
