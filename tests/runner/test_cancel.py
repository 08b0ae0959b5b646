"""A cancel ends the whole tree, proves it, and keeps what was written in the grace."""

from __future__ import annotations

import signal
import time

import pytest

from studio.contract.words import Step
from studio.runner import _processes, _stop
from studio.runner._processes import Process
from tests.runner.conftest import StartRunner
from tests.runner.fake_studio import RUN, FakeStudio, wait_for

HOSTILE = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: print("saving", flush=True))
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
subprocess.Popen([sys.executable, "-c", child], start_new_session=True)
subprocess.Popen([sys.executable, "-c", child], env={}, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    os._exit(0)
time.sleep(0.5)
print("ready", flush=True)
while True:
    time.sleep(0.1)
"""


def steps(fake: FakeStudio) -> list[str]:
    return [body["step"] for body in fake.bodies("steps")]


def test_a_hostile_tree_is_killed_and_the_proof_reported(
    fake: FakeStudio, start: StartRunner
) -> None:
    runner = start(HOSTILE)
    wait_for(lambda: "ready" in fake.log, "the tree")
    tree = _processes.of_run(RUN, below=runner.pid)
    assert len(tree) == 4
    fake.cancel()
    runner.wait(15)
    assert not any(process.lives() for process in tree)
    assert steps(fake) == ["term_sent", "grace_over", "kill_sent", "gone"]
    assert fake.bodies("steps")[0]["data"]["count"] == 4
    assert "saving" in fake.log
    assert fake.status == "Canceled"


def test_a_kind_script_is_never_killed(fake: FakeStudio, start: StartRunner) -> None:
    runner = start("import time; print('go', flush=True); time.sleep(60)")
    wait_for(lambda: "go" in fake.log, "the script")
    fake.cancel()
    runner.wait(15)
    assert steps(fake) == ["term_sent", "gone"]
    assert fake.final["exitCode"] == 128 + signal.SIGTERM


def test_outputs_written_in_the_grace_are_kept(fake: FakeStudio, start: StartRunner) -> None:
    script = """
import os, signal, sys, time
os.mkdir("outputs")
def save(*_):
    open("outputs/last.txt", "w").write("saved")
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print("go", flush=True)
time.sleep(60)
"""
    runner = start(script)
    wait_for(lambda: "go" in fake.log, "the script")
    fake.cancel()
    runner.wait(15)
    assert fake.files == {"outputs/last.txt": b"saved"}


def test_a_cancel_while_outputs_are_uploaded_ends_the_upload(
    fake: FakeStudio, start: StartRunner
) -> None:
    def cancel() -> None:
        fake.cancel()
        time.sleep(0.5)

    fake.on_file = cancel
    runner = start("import os; os.mkdir('outputs')\nfor n in 'abc': open(f'outputs/{n}', 'w')")
    runner.wait(15)
    assert list(fake.files) == ["outputs/a"]
    assert "had ended" in fake.final["reason"]
    assert fake.status == "Canceled"


def test_what_cannot_be_ended_is_never_called_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Step, int]] = []

    def tell(step: Step, message: str, processes: set[Process]) -> None:
        told.append((step, len(processes)))

    # No pid is that high, so nothing real is hit.
    immortal = {Process(2**22 + 1, 1)}
    monkeypatch.setattr(_stop, "_KILL_SECONDS", 0.2)
    assert _stop.stop(lambda: immortal, 0.1, tell) is False
    assert told[-1] == (Step.SURVIVORS, 1)
    assert Step.GONE not in [step for step, _ in told]


def test_a_runner_told_to_end_stops_its_run_properly(fake: FakeStudio, start: StartRunner) -> None:
    runner = start("import time; print('go', flush=True); time.sleep(60)")
    wait_for(lambda: "go" in fake.log, "the script")
    for ignored in (signal.SIGINT, signal.SIGHUP):
        runner.send_signal(ignored)
    runner.send_signal(signal.SIGTERM)
    assert runner.wait(15) == 0
    assert fake.status == "Canceled"
    assert "told to end" in fake.final["reason"]
    assert _processes.of_run(RUN) == set()


def test_a_run_that_the_studio_forgot_is_stopped_though_it_prints_nothing(
    fake: FakeStudio, start: StartRunner
) -> None:
    runner = start("import time; time.sleep(60)")
    wait_for(lambda: fake.status == "Running" and _processes.of_run(RUN), "the script")
    wait_for(lambda: fake.logs.get("system_logs/runner.txt"), "the first log piece")
    fake.is_gone = True
    runner.wait(20)
    assert _processes.of_run(RUN) == set()
