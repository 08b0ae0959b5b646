"""Watching a run at a terminal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from studio.sdk import Experiment, Run
from tests.cli.conftest import Cli, Terminal

Start = Callable[..., Terminal]
ERASE = "\r\x1b[K"


@pytest.fixture
def run(experiment: Experiment) -> Run:
    return experiment.start_logging(snapshot_directory=None, outputs=False, run_id="watched")


def write(run: Run, text: str, sequence: int = 0) -> None:
    """Let the run's log say something."""
    run._transport.run_file(
        "POST", run.id, "logs", "user_logs/std_log.txt", body=text.encode(),
        query={"session": "s", "sequence": sequence},
    )  # fmt: skip


def test_a_line_of_progress_stands_below_the_log_until_there_is_more_of_it(
    run: Run, terminal: Start
) -> None:
    write(run, "step 1\n")
    watched = terminal("run", "monitor-logs", "-r", "watched", "-o", "none")
    watched.wait_for(f"step 1\r\n{ERASE}\x1b[36mRunning\x1b[0m for ")
    write(run, "step 2\n", sequence=7)
    watched.wait_for(f"{ERASE}step 2\r\n")
    run.complete()
    assert watched.end() == 0
    assert "Status: Completed" in watched.shown
    assert "Running" not in watched.shown.rpartition(ERASE)[2]


def test_no_color_keeps_the_line_and_leaves_the_colours_out(run: Run, terminal: Start) -> None:
    watched = terminal("run", "monitor-logs", "-r", "watched", NO_COLOR="1")
    watched.wait_for(f"{ERASE}Running for ")
    run.complete()
    assert watched.end() == 0
    assert "\x1b[3" not in watched.shown


def test_no_line_is_drawn_into_a_line_that_is_not_complete(run: Run, terminal: Start) -> None:
    write(run, "10 %|#")
    watched = terminal("run", "monitor-logs", "-r", "watched", "-o", "none")
    watched.wait_for("10 %|#")
    # Long enough for a line of progress.
    time.sleep(1)
    write(run, "##|", sequence=6)
    watched.wait_for("10 %|###|")
    run.complete()
    assert watched.end() == 0


def test_ctrl_c_stops_watching_and_says_that_the_run_goes_on(run: Run, terminal: Start) -> None:
    watched = terminal("run", "monitor-logs", "-r", "watched")
    watched.wait_for("Running")
    watched.interrupt()
    assert watched.end() == 130
    assert "the run watched goes on" in watched.shown
    assert "studio run cancel -r watched" in watched.shown
    assert "Traceback" not in watched.shown
    assert run.get_status() == "Running"


def test_without_a_terminal_there_is_neither_a_line_nor_a_colour(run: Run, cli: Cli) -> None:
    write(run, "hello\n")
    run.complete()
    code, out, err = cli("run", "monitor-logs", "-r", "watched", "-o", "none")
    assert (code, err) == (0, "")
    assert "hello\n" in out
    assert "\x1b" not in out


@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_a_run_that_did_not_go_well_is_exit_code_1(run: Run, cli: Cli, status: str) -> None:
    if status == "Failed":
        run.fail("no good")
    else:
        run.cancel()
    code, out, err = cli("run", "monitor-logs", "-r", "watched")
    assert code == 1
    assert ("has failed: no good" if status == "Failed" else "was canceled") in err
    assert json.loads(out[out.index('{\n  "runId"') :])["status"] == status
