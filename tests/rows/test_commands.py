"""Section 8: the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.sdk import Experiment, Run, RunConfiguration, ScriptRunConfig
from tests.cli.conftest import Cli
from tests.rows.conftest import Start

Result = Callable[..., Any]
MINIMAL = {"runId", "runType", "status", "startTimeUtc", "endTimeUtc", "target", "tags"}


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [told["runId"] for told in found]


@pytest.mark.row("8.2")
def test_8_2_the_list_is_cut_narrowed_and_shortened(
    run: Run, start: Start, config: ScriptRunConfig, queue: str, result: Result
) -> None:
    start(run_id="tagged", tags={"quality": "a=b", "look": None})
    run.experiment.submit(config, run_id="queued")
    run.child_run(run_id="child")
    run.fail("no good")
    listed = ("run", "list", "-e", "explore-runs")
    assert ids(result(*listed)) == ["queued", "tagged", "first"]
    assert ids(result(*listed, "--last", "2")) == ["queued", "tagged"]
    assert ids(result("run", "list", "--parent-run-id", "first")) == ["child"]
    assert ids(result(*listed, "--compute-target-name", queue)) == ["queued"]
    assert ids(result(*listed, "--status", "Failed")) == ["first"]
    assert ids(result(*listed, "--tags", "quality=a=b", "--tags", "look")) == ["tagged"]
    assert ids(result(*listed, "--tags", "quality=a")) == []
    assert [set(told) for told in result(*listed, "--minimal")] == 3 * [MINIMAL]


@pytest.mark.row("8.2")
def test_8_2_a_query_sees_what_the_cut_lets_through(run: Run, start: Start, result: Result) -> None:
    for _ in range(10):
        start()
    wanted = ("--query", "[?runId=='first'].runId")
    assert result("run", "list", *wanted) == []
    assert result("run", "list", "--last", "11", *wanted) == ["first"]


@pytest.mark.row("8.2")
def test_8_2_canceled_runs_can_be_asked_for(run: Run, result: Result) -> None:
    run.cancel()
    assert ids(result("run", "list", "--status", "Canceled")) == ["first"]


@pytest.mark.row("8.2")
@pytest.mark.parametrize(
    "words",
    [
        ("--last", "many"),
        ("--last", "0"),
        ("--status", "Sleeping"),
        ("--tags", "=x"),
        ("-e", "explore-runs", "--pipeline-run-id", "p"),
        ("--query", "[?"),
    ],
)
def test_8_2_what_cannot_be_meant_is_an_error(run: Run, cli: Cli, words: tuple[str, ...]) -> None:
    code, out, err = cli("run", "list", *words)
    assert (code, out) == (2, "")
    assert err


@pytest.mark.row("8.2")
def test_8_2_reading_makes_no_experiment(experiment: Experiment, cli: Cli) -> None:
    code, out, _ = cli("run", "list", "-e", "never-made")
    assert (code, out) == (0, "[]\n")
    assert list(experiment.workspace.experiments) == ["explore-runs"]


@pytest.mark.row("8.3-show")
def test_8_3_show_prints_the_whole_record_and_no_token(
    run: Run, result: Result, cli: Cli, tmp_path: Path
) -> None:
    told = result("run", "show", "--run", "first", "-e", "any", "-t", str(tmp_path / "run.json"))
    assert (told["runId"], told["runNumber"], told["status"]) == ("first", 1, "Running")
    assert (told["tags"], told["properties"], told["parentRunId"]) == ({}, {}, None)
    assert not [key for key in told if "token" in key.lower() or "_" in key]
    assert json.loads((tmp_path / "run.json").read_text()) == told
    assert list(told) == list(result("run", "list")[0])
    code, _, err = cli("run", "show", "-r", "first", "-t", str(tmp_path / "run.json"))
    assert (code, "not overwritten" in err) == (2, True)
    assert cli("run", "show", "-r", "nobody")[0] == 3
    assert cli("run", "show")[0] == 2


@pytest.mark.row("8.3-update")
def test_8_3_update_prints_the_record_as_it_is_then(run: Run, result: Result) -> None:
    run.complete()
    told = result("run", "update", "-r", "first", "--add-tag", "quality=fantastic run")
    assert told == result("run", "show", "-r", "first")
    assert told["tags"] == {"quality": "fantastic run"} == run.get_tags()


@pytest.mark.row("8.3-monitor-logs", "8.3-download-logs")
def test_8_3_monitor_logs_shows_the_log_and_8_3_download_logs_writes_it(
    experiment: Experiment,
    config: ScriptRunConfig,
    work: Callable[[], str],
    cli: Cli,
    tmp_path: Path,
) -> None:
    run = experiment.submit(config, run_id="submitted")
    work()
    code, out, _ = cli("run", "monitor-logs", "-r", run.id)
    assert code == 0
    assert out.startswith(f"RunId: {run.id}\n")
    assert "Streaming user_logs/std_log.txt\n" in out
    assert "\ntrained\n" in out
    assert json.loads(out[out.index('{\n  "') :])["status"] == "Completed"
    folder = tmp_path / "new" / "logs"
    code, out, _ = cli("run", "download-logs", "-r", run.id, "-d", str(folder))
    assert code == 0
    assert str(folder / "user_logs/std_log.txt") in out
    assert (folder / "user_logs/std_log.txt").read_text() == "trained\n"
    assert cli("run", "download-logs", "-r", run.id)[0] == 2


@pytest.mark.row("8.3-monitor-logs")
def test_8_3_monitor_logs_of_a_failed_run_is_an_error(run: Run, cli: Cli) -> None:
    run.fail("no good")
    code, out, err = cli("run", "monitor-logs", "-r", "first")
    assert code == 1
    assert "no good" in err
    assert '"status": "Failed"' in out


@pytest.mark.row("8.3-experiment-list")
def test_8_3_experiment_list_is_of_the_active_ones(experiment: Experiment, result: Result) -> None:
    Experiment(experiment.workspace, "done").archive()
    Experiment(experiment.workspace, "other")
    listed = result("experiment", "list")
    assert sorted(told["name"] for told in listed) == ["explore-runs", "other"]


@pytest.mark.row("8.4")
def test_8_4_submit_script_takes_the_words_of_the_line_over_those_of_the_file(
    experiment: Experiment, source: Path, queue: str, cli: Cli
) -> None:
    kept = RunConfiguration(script="other.py", arguments=["--lr", "0.1"])
    kept.target = "moon"
    kept.save(str(source), "gpu")
    submit = ("run", "submit-script", "-c", "gpu", "-e", "mine", "--path", str(source), "--async")
    code, out, err = cli(*submit, "--ct", queue, "train.py", "--lr", "0.2", "-e", "goes to it")
    assert code == 0, err
    told = json.loads(out)
    assert (told["experimentName"], told["target"], told["scriptName"]) == (
        "mine",
        queue,
        "train.py",
    )
    assert told["runDefinition"]["arguments"] == ["--lr", "0.2", "-e", "goes to it"]
    assert "train.py" in err
    assert "other.py" in err


@pytest.mark.row("8.4")
def test_8_4_submit_script_takes_everything_from_the_file(
    experiment: Experiment, source: Path, queue: str, result: Result, cli: Cli, tmp_path: Path
) -> None:
    kept = RunConfiguration(script="train.py", arguments=["--lr", "0.1"])
    kept.target = queue
    kept.save(str(source), "gpu")
    assert cli("folder", "attach", "--path", str(source), "-e", "attached")[0] == 0
    told = result(
        "run", "submit-script", "--path", str(source), "-c", "gpu", "--async",
        "-t", str(tmp_path / "told.json"),
    )  # fmt: skip
    assert (told["experimentName"], told["target"]) == ("attached", queue)
    assert told["runDefinition"]["arguments"] == ["--lr", "0.1"]
    assert json.loads((tmp_path / "told.json").read_text()) == told


@pytest.mark.row("8.4")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-e", "mine", "missing.py"), 3, "There is no script missing.py"),
        (("-e", "mine"), 2, "Which script?"),
        (("train.py",), 2, "Which experiment?"),
        (("-e", "mine", "-c", "nowhere", "train.py"), 2, 'no run configuration "nowhere"'),
        (("-e", "mine", "--ct", "moon", "train.py"), 3, 'no compute target "moon"'),
        (("-e", "mine", "-d", "conda.yml", "train.py"), 2, "environments are not built here"),
    ],
)
def test_8_4_submit_script_says_what_is_missing(
    experiment: Experiment, source: Path, cli: Cli, words: tuple[str, ...], code: int, said: str
) -> None:
    ended, out, err = cli("run", "submit-script", "--path", str(source), *words)
    assert (ended, out) == (code, "")
    assert said in err
    assert list(experiment.workspace.experiments) == ["explore-runs"]


@pytest.mark.row("8.4")
def test_8_4_submit_script_waits_and_a_failed_script_is_an_error(
    experiment: Experiment, source: Path, queue: str, work: Callable[[], str], cli: Cli
) -> None:
    (source / "train.py").write_text("print('training'); raise SystemExit('out of luck')\n")
    worker = threading.Timer(0.5, work)
    worker.start()
    code, out, err = cli(
        "run", "submit-script", "-e", "mine", "--ct", queue, "--path", str(source), "train.py"
    )
    worker.join()
    assert code == 1
    assert "\ntraining\n" in out
    assert '"status": "Failed"' in out
    assert "failed" in err
