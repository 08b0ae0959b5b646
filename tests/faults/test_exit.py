"""A script that ends while the studio is away waits ten seconds in all and says what it keeps."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.studio_process import TOKEN, StudioProcess, wait_for
from tests.faults.conftest import StartWriter
from tests.faults.proxy import Mode, Proxy
from tests.faults.writing import BLOCK_LOG, EXTRA_LOG, Writer, stored

# Ten seconds of waiting, and what Python needs to end on a busy machine.
EXIT_SECONDS = 13.0
VALUES, LINES, EXTRA = 50, 7, 3

HEAD = """
import time
from pathlib import Path
from studio.sdk import Experiment, Workspace
experiment = Experiment(Workspace.get("main"), "faults")
def start(**options):
    run = experiment.start_logging(snapshot_directory=None, **options)
    Path("run-id").write_text(run.id)
    return run
def wait():
    Path("ready").touch()
    while not Path("go").exists():
        time.sleep(0.02)
"""
BLOCK = f"""
with start() as run:
    wait()
    for number in range({VALUES}):
        run.log("loss", number, step=number)
    for number in range({LINES}):
        print("line", number)
    Path("logs/extra.txt").write_text("extra\\n" * {EXTRA})
    Path("outputs/model.txt").write_text("weights")
    FINISH
"""
RUNS = f"""
runs = [start(outputs=False) for _ in range(3)]
wait()
for run in runs:
    for number in range({VALUES}):
        run.log("loss", number, step=number)
for run in runs[:ENDED]:
    run.complete()
"""


@pytest.mark.parametrize(
    ("mode", "finish", "code", "status"),
    [(Mode.PAUSE, "pass", 0, "Completed"), (Mode.REFUSE, "raise ValueError('bad')", 1, "Failed")],
)
def test_a_block_that_ends_while_the_studio_is_away_is_delivered_by_sync(
    studio: StudioProcess,
    proxy: Proxy,
    start_writer: StartWriter,
    tmp_path: Path,
    mode: Mode,
    finish: str,
    code: int,
    status: str,
) -> None:
    writer = _end_away(start_writer, proxy, mode, tmp_path, BLOCK.replace("FINISH", finish))
    assert writer.process.returncode == code
    traceback_lines = writer.complaints.count("Traceback")
    assert traceback_lines == code, "only the script's own error is shown"
    told = _told(writer)
    trace = len(writer.complaints.splitlines()) - 1
    lines = LINES + trace
    assert (
        f" {VALUES} values, {lines + EXTRA} lines of the log and the end of run {writer.run_id}"
        in told
    )
    assert stored(studio, writer.run_id) == []
    proxy.set(Mode.PASS)
    _sync(proxy.url, writer)
    assert stored(studio, writer.run_id) == [(n, n) for n in range(VALUES)]
    log = studio.log(writer.run_id, BLOCK_LOG).splitlines()
    assert log[:LINES] == [f"line {n}" for n in range(LINES)]
    assert len(log) == lines
    assert studio.log(writer.run_id, EXTRA_LOG) == "extra\n" * EXTRA
    assert studio.log(writer.run_id, "outputs/model.txt") == "weights"
    assert studio.run(writer.run_id)["status"] == status
    assert not writer.spool.exists()


def test_three_runs_at_the_end_of_a_script_wait_no_longer_than_one(
    studio: StudioProcess, proxy: Proxy, start_writer: StartWriter, tmp_path: Path
) -> None:
    writer = _end_away(start_writer, proxy, Mode.PAUSE, tmp_path, RUNS.replace("ENDED", "0"))
    assert writer.process.returncode == 0
    assert len(writer.complaints.splitlines()) == 1
    assert f" {3 * VALUES} values of 3 runs " in _told(writer)
    proxy.set(Mode.PASS)
    _sync(proxy.url, writer)
    assert stored(studio, writer.run_id) == [(n, n) for n in range(VALUES)]
    assert not list((writer.config / "spool").iterdir())


def test_runs_that_are_completed_one_after_the_other_wait_for_the_studio_once(
    studio: StudioProcess, proxy: Proxy, start_writer: StartWriter, tmp_path: Path
) -> None:
    writer = _end_away(start_writer, proxy, Mode.REFUSE, tmp_path, RUNS.replace("ENDED", "3"))
    assert writer.process.returncode == 0, writer.complaints
    assert len(writer.complaints.splitlines()) == 3
    assert writer.complaints.count(f" {VALUES} values and the end of run ") == 3
    proxy.set(Mode.PASS)
    _sync(proxy.url, writer)
    assert stored(studio, writer.run_id) == [(n, n) for n in range(VALUES)]
    assert studio.run(writer.run_id)["status"] == "Completed"


def _end_away(
    start_writer: StartWriter, proxy: Proxy, mode: Mode, folder: Path, text: str
) -> Writer:
    """Run a script to its end while the network is spoiled; assert how long its end takes."""
    script = folder / "script.py"
    script.write_text(HEAD + text)
    writer = start_writer(proxy.url, script=script)
    wait_for((writer.folder / "ready").exists, seconds=30, what=f"a start {writer.complaints}")
    proxy.set(mode)
    before = time.monotonic()
    (writer.folder / "go").touch()
    writer.process.wait(timeout=60)
    took = time.monotonic() - before
    assert 9 < took < EXIT_SECONDS, f"waited {took:.1f} s: {writer.complaints}"
    return writer


def _told(writer: Writer) -> str:
    """Return the one line in which the script says what it keeps; assert that its files exist."""
    lines = [line for line in writer.complaints.splitlines() if line.startswith("Run Studio")]
    assert len(lines) == 1, writer.complaints
    assert lines[0].endswith("`studio sync` delivers them.")
    named = re.search(r"kept in (.+); ", lines[0])
    assert named
    assert all(Path(path).exists() for path in named[1].split(" and "))
    return lines[0]


def _sync(url: str, writer: Writer) -> None:
    environment = {
        **os.environ,
        "STUDIO_URL": url,
        "STUDIO_TOKEN": TOKEN,
        "STUDIO_CONFIG_DIR": str(writer.config),
    }
    subprocess.run(
        [Path(sys.executable).with_name("studio"), "sync"],
        env=environment,
        cwd=writer.folder,
        check=True,
        capture_output=True,
    )
