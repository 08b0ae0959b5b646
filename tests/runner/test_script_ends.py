"""However a script ends, the run says how, and everything it left arrives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.runner import _processes
from tests.runner.conftest import StartRunner
from tests.runner.fake_studio import RUN, FakeStudio


def test_a_good_script_is_completed_with_its_log_and_outputs(
    fake: FakeStudio, start: StartRunner
) -> None:
    script = "import os; os.mkdir('outputs'); open('outputs/a b.txt', 'w').write('x'); print('hi')"
    assert start(script).wait(15) == 0
    assert [what for what, _ in fake.reports] == ["start", "finalize", "complete"]
    assert fake.log == "hi\n"
    assert fake.files == {"outputs/a b.txt": b"x"}
    assert "exit code 0" in fake.logs["system_logs/runner.txt"].decode()


def test_a_failed_script_tells_its_code_and_traceback(fake: FakeStudio, start: StartRunner) -> None:
    start("def f():\n    raise ValueError('no data')\nf()\n").wait(15)
    error = fake.final["error"]
    assert fake.final["exitCode"] == 1
    assert error["code"] == "UserError"
    assert "exited with code 1" in error["message"]
    assert "ValueError: no data" in error["message"]
    assert error["stackTrace"].startswith("Traceback")


@pytest.mark.parametrize(("name", "code"), [("SIGSEGV", 139), ("SIGKILL", 137)])
def test_a_death_by_signal_is_named(
    fake: FakeStudio, start: StartRunner, name: str, code: int
) -> None:
    start(f"import os, signal; os.kill(os.getpid(), signal.{name})").wait(15)
    assert fake.final["exitCode"] == code
    assert name in fake.final["error"]["message"]
    assert ("out of memory" in fake.final["error"]["message"]) == (name == "SIGKILL")


def test_what_the_script_said_of_its_failure_wins(fake: FakeStudio, start: StartRunner) -> None:
    said = '{"code": "BadData", "message": "row 7"}'
    start(
        f"import os; open(os.environ['STUDIO_SPOOL_DIR'] + '/error.json', 'w').write('{said}')"
    ).wait(15)
    assert fake.final["error"] == {"code": "BadData", "message": "row 7"}


@pytest.mark.parametrize("command", [["/no/such/program"], ["a\0b"], []])
def test_a_command_that_cannot_start_is_failed_in_words(
    fake: FakeStudio, start: StartRunner, command: list[str]
) -> None:
    assert start(command=command).wait(15) == 0
    assert "cannot be started" in fake.final["error"]["message"]


def test_a_run_that_takes_too_long_is_stopped_and_failed(
    fake: FakeStudio, start: StartRunner
) -> None:
    start("import time; time.sleep(60)", max_run_seconds=0.5).wait(15)
    assert fake.final["error"]["code"] == "MaxRunDurationExceeded"
    assert _processes.of_run(RUN) == set()


def test_processes_left_behind_are_ended(fake: FakeStudio, start: StartRunner) -> None:
    script = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', "
    start(script + "'import time; time.sleep(60)'], start_new_session=True)").wait(15)
    assert _processes.of_run(RUN) == set()
    assert "left 1 process running" in fake.bodies("warnings")[0]["message"]
    assert fake.status == "Completed"


def test_a_script_hears_ctrl_c_as_anywhere_else(fake: FakeStudio, start: StartRunner) -> None:
    start("import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)").wait(15)
    assert fake.log == "False\n"


def test_orphans_are_buried_while_the_script_goes_on(fake: FakeStudio, start: StartRunner) -> None:
    script = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        if os.fork() == 0: os._exit(0)
        os._exit(0)
    os.wait()
time.sleep(1)
found = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    state, parent = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[:2]
    if parent == str(os.getppid()):
        found.append(state)
print(found)
"""
    start(script).wait(15)
    assert fake.log == "['R']\n"


def test_a_file_whose_name_is_no_text_costs_a_warning_not_the_run(
    fake: FakeStudio, start: StartRunner, folder: Path
) -> None:
    (folder / "code" / "outputs").mkdir()
    with open(os.fsencode(folder / "code" / "outputs") + b"/bad\xff", "wb") as file:
        file.write(b"x")
    start("open('outputs/good', 'w').write('y')").wait(15)
    assert fake.files == {"outputs/good": b"y"}
    assert "bad?" in fake.bodies("warnings")[0]["message"]
    assert fake.status == "Completed"


def test_a_full_disk_does_not_silence_the_run(
    fake: FakeStudio, start: StartRunner, folder: Path
) -> None:
    # A folder in the place of a file refuses every write, even root's.
    for name in ("runner.txt", "spool/reports.jsonl", "spool/reports.delivered"):
        (folder / name).mkdir()
    start("print('hi')").wait(15)
    assert (fake.status, fake.log) == ("Completed", "hi\n")
