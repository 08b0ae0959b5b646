"""``with experiment.start_logging() as run:``"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from studio.contract import places
from studio.sdk import Experiment, Run
from studio.sdk._logs import LogSender


def log_of(run: Run, path: str = places.BLOCK_LOG) -> str:
    return run._transport.run_file("GET", run.id, "logs", path).data.decode()


def test_a_clean_end_completes_the_run(experiment: Experiment) -> None:
    with experiment.start_logging() as run:
        assert run.get_status() == "Running"
        run.log("loss", 0.5)
        Path("outputs/model.txt").write_text("weights")
    assert run.get_status() == "Completed"
    assert run.get_metrics() == {"loss": 0.5}
    assert "outputs/model.txt" in run.get_file_names()


def test_an_exception_fails_the_run_and_goes_on_up(experiment: Experiment) -> None:
    with pytest.raises(ZeroDivisionError), experiment.start_logging() as run:
        1 / 0  # noqa: B018
    assert run.get_status() == "Failed"
    error = run.get_details()["error"]["error"]
    assert error["message"] == "ZeroDivisionError: division by zero"
    assert "1 / 0" in error["debugInfo"]["stackTrace"]
    assert "ZeroDivisionError" in log_of(run)


@pytest.mark.parametrize("code", [None, 0])
def test_a_good_exit_completes_the_run(experiment: Experiment, code: int | None) -> None:
    with experiment.start_logging() as run:
        sys.exit(code)
    assert run.get_status() == "Completed"


def test_a_bad_exit_fails_the_run(experiment: Experiment) -> None:
    with pytest.raises(SystemExit), experiment.start_logging() as run:
        sys.exit(1)
    assert run.get_status() == "Failed"


def test_what_is_printed_is_in_the_log_and_still_on_the_terminal(
    experiment: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("logs").mkdir()
    Path(places.BLOCK_LOG).write_text("of another run\n")
    with experiment.start_logging() as run:
        print("hello")
        print("careful", file=sys.stderr)
        Path("logs/extra.txt").write_text("more\n")
    assert log_of(run) == "hello\ncareful\n"
    assert log_of(run, "logs/extra.txt") == "more\n"
    assert capsys.readouterr() == ("hello\n", "careful\n")


def test_what_is_sent_late_is_dated_by_when_it_was_written(
    experiment: Experiment, tmp_path: Path
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    path = tmp_path / "kept.txt"
    path.write_text("an hour ago\n")
    hour_ago = time.time() - 3_600
    os.utime(path, (hour_ago, hour_ago))
    name = "logs/kept.txt"
    LogSender(run.id, run._transport, session="s", logs=lambda: {name: path}).send()
    asked = {"path": name}
    (line,) = run._transport.run("GET", run.id, "logs", "lines", query=asked).json()["items"]
    arrived = datetime.fromisoformat(line["timeUtc"]).timestamp()
    assert arrived == pytest.approx(hour_ago, abs=300)
    run.complete()


def test_a_block_within_a_block_keeps_each_line_once(experiment: Experiment) -> None:
    with experiment.start_logging() as run:
        print("before")
        with run.child_run() as child:
            print("inside")
        print("after")
    assert log_of(run) == "before\ninside\nafter\n"
    assert log_of(child) == "inside\n"
    assert Path(places.BLOCK_LOG).read_text() == "before\ninside\nafter\n"


def test_what_others_print_in_the_same_folder_is_not_taken(experiment: Experiment) -> None:
    with experiment.start_logging() as run:
        print("mine")
        with Path(places.BLOCK_LOG).open("a") as copy:
            copy.write("of a run beside it\n")
    assert log_of(run) == "mine\n"
