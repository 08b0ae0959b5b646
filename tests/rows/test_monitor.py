"""Section 2.2: how runs go."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from studio.contract import places
from studio.sdk import Experiment, Run, ScriptRunConfig, UserErrorException
from tests.rows.conftest import Pages, Start, shown_runs

Result = Callable[..., Any]


def text_of(html: str) -> str:
    """Return the words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.row("A-13")
def test_a13_the_studio_is_asked_until_the_run_has_ended(run: Run) -> None:
    seen = Run.get(run.experiment.workspace, run.id)
    assert seen.get_status() == "Running"
    run.complete()
    assert seen.status == "Running"
    assert (seen.get_status(), seen.status) == ("Completed", "Completed")
    run.fail("the wrong script")
    # The one move out of an ended status: who has seen the end does not ask again.
    assert (run.get_status(), seen.get_status()) == ("Failed", "Completed")


@pytest.mark.row("A-14")
def test_a14_the_detailed_status_tells_of_the_queue(
    run: Run, config: ScriptRunConfig, pages: Pages
) -> None:
    assert run.get_detailed_status() == {"status": "Running", "details": None}
    submitted = run.experiment.submit(config)
    told = submitted.get_detailed_status()
    assert (told["status"], set(told)) == ("Queued", {"status", "details"})
    assert told["details"] is None or told["details"] in pages.get(f"/w/main/runs/{submitted.id}/")
    run.complete()
    assert run.get_detailed_status()["status"] == "Completed"


@pytest.mark.row("A-15")
def test_a15_details_have_the_documented_keys(experiment: Experiment, pages: Pages) -> None:
    Path("train.py").write_text("print(1)")
    run = experiment.start_logging(outputs=False)
    run.add_properties({"author": "azureml-user"})
    before = run.get_details()
    assert (before["runId"], before["target"]) == (run.id, "sdk")
    assert (before["status"], before["submittedBy"]) == ("Running", "alice")
    assert datetime.fromisoformat(before["startTimeUtc"]).utcoffset() is not None
    assert before["properties"]["author"] == "azureml-user"
    assert (before["inputDatasets"], before["outputDatasets"]) == ([], [])
    assert not {"endTimeUtc", "error", "warnings"} & before.keys()
    assert not {"duration", "tags", "metrics"} & before.keys()
    run.fail("no good")
    after = run.get_details()
    assert after["error"]["error"]["message"] == "no good"
    assert after["endTimeUtc"] > after["startTimeUtc"]


@pytest.mark.row("A-15")
def test_a15_details_of_a_submitted_run_name_script_and_target(
    experiment: Experiment, config: ScriptRunConfig, queue: str
) -> None:
    details = experiment.submit(config).get_details()
    assert "startTimeUtc" not in details
    assert (details["target"], details["runDefinition"]["target"]) == (queue, queue)
    assert details["runDefinition"]["script"] == "train.py"
    assert "ContentSnapshotId" in details["properties"]


@pytest.mark.row("A-15")
def test_a15_logs_are_named_by_path_and_their_contents_can_be_had(start: Start) -> None:
    with start() as run:
        print("hello")
    url = run.get_details()["logFiles"][places.BLOCK_LOG]
    assert url.startswith("http://")
    assert url.endswith(places.BLOCK_LOG)
    assert run.get_details_with_logs()["logFiles"] == {places.BLOCK_LOG: "hello\n"}


@pytest.mark.row("A-16")
def test_a16_complete_delivers_everything_first(experiment: Experiment) -> None:
    run = experiment.start_logging(snapshot_directory=None)
    Path("outputs/deep").mkdir()
    Path("outputs/deep/model.txt").write_text("weights")
    run.log_list("loss", [3, 2, 1])
    run.complete()
    seen = Run.get(experiment.workspace, run.id)
    assert seen.status == "Completed"
    assert seen.get_metrics() == {"loss": [3, 2, 1]}
    assert seen.get_file_names() == ["outputs/deep/model.txt"]
    assert seen.get_details()["endTimeUtc"]
    run.complete()
    assert run.get_status() == "Completed"


@pytest.mark.row("A-17")
def test_a17_a_block_that_ends_well_completes_the_run(experiment: Experiment) -> None:
    with experiment.start_logging(snapshot_directory=None) as run:
        print("hello")
        print("careful", file=sys.stderr)
        Path("logs/extra.txt").write_text("more\n")
        Path("outputs/model.txt").write_text("weights")
        run.log("loss", 0.5)
    assert run.get_status() == "Completed"
    assert run.get_metrics() == {"loss": 0.5}
    assert run.get_details_with_logs()["logFiles"] == {
        "logs/extra.txt": "more\n",
        "logs/user_log.txt": "hello\ncareful\n",
    }
    assert "outputs/model.txt" in run.get_file_names()


@pytest.mark.row("A-17")
def test_a17_an_exception_fails_the_run_with_its_trace_and_goes_on_up(
    experiment: Experiment,
) -> None:
    run = experiment.start_logging(snapshot_directory=None)

    def train() -> None:
        with run:
            Path("outputs/half.txt").write_text("half")
            raise ZeroDivisionError("out of luck")

    with pytest.raises(ZeroDivisionError):
        train()
    details = run.get_details_with_logs()
    error = details["error"]["error"]
    assert details["status"] == "Failed"
    assert (error["code"], error["message"]) == (
        "UserError",
        "ZeroDivisionError: out of luck",
    )
    assert "in train" in error["debugInfo"]["stackTrace"]
    assert "ZeroDivisionError" in details["logFiles"]["logs/user_log.txt"]
    assert "outputs/half.txt" in run.get_file_names()


@pytest.mark.row("A-17")
def test_a17_logs_appear_while_the_block_lasts(start: Start) -> None:
    with start() as run:
        Path("logs/extra.txt").write_text("more\n")
        end = time.monotonic() + 10
        while "logs/extra.txt" not in run.get_file_names():
            assert time.monotonic() < end
            time.sleep(0.1)
        assert run.get_status() == "Running"


@pytest.mark.row("A-17")
@pytest.mark.parametrize("code", [None, 0])
def test_a17_an_exit_without_error_completes_the_run(start: Start, code: int | None) -> None:
    with start() as run:
        sys.exit(code)
    assert run.get_status() == "Completed"


@pytest.mark.row("A-17")
@pytest.mark.parametrize("stop", [SystemExit(1), KeyboardInterrupt()], ids=["exit", "ctrl-c"])
def test_a17_an_exit_with_an_error_fails_the_run(start: Start, stop: BaseException) -> None:
    with pytest.raises(type(stop)), start() as run:
        raise stop
    assert run.get_status() == "Failed"


@pytest.mark.row("A-18")
def test_a18_the_newest_ten_top_level_runs_are_listed(
    run: Run, start: Start, result: Result, pages: Pages
) -> None:
    run.create_children(count=2)
    for number in range(10):
        start(run_id=f"run-{number}")
    newest = [f"run-{number}" for number in reversed(range(10))]
    listed = result("run", "list", "--experiment-name", "explore-runs")
    assert [told["runId"] for told in listed] == newest
    assert [told.id for told in run.experiment.get_runs()] == [*newest, "first"]
    html = pages.get("/w/main/runs/?experiment=explore-runs")
    assert shown_runs(html) == [*newest, "first"]


@pytest.mark.row("A-19")
def test_a19_one_run_is_shown_by_its_id_alone(run: Run, result: Result, pages: Pages) -> None:
    told = result("run", "show", "-r", "first")
    assert (told["runId"], told["experimentName"], told["tags"]) == ("first", "explore-runs", {})
    assert Run.get(run.experiment.workspace, "first").display_name == told["displayName"]
    html = pages.get("/w/main/runs/first/")
    assert told["displayName"] in html
    assert "<code>first</code>" in html


@pytest.mark.row("A-19")
def test_a19_a_run_that_is_not_there_is_said(experiment: Experiment, pages: Pages) -> None:
    with pytest.raises(UserErrorException, match='no run "nobody"'):
        Run.get(experiment.workspace, "nobody")
    assert pages.status("/w/main/runs/nobody/") == 404


@pytest.mark.row("A-20")
def test_a20_all_runs_are_those_of_every_experiment_and_can_be_narrowed(
    run: Run, start: Start, config: ScriptRunConfig, queue: str, pages: Pages
) -> None:
    other = Experiment(run.experiment.workspace, "other")
    other.submit(config, run_id="queued")
    start(run_id="tagged", tags={"quality": "good"})

    def shown(query: str = "") -> list[str]:
        return shown_runs(pages.get(f"/w/main/runs/{query}"))

    assert shown() == ["tagged", "queued", "first"]
    assert shown("?experiment=other") == ["queued"]
    assert shown(f"?compute={queue}") == ["queued"]
    assert shown("?status=Running") == ["tagged", "first"]
    assert shown("?tag=quality=good") == ["tagged"]
    assert shown("?filter=quality+experiment:explore-runs") == ["tagged"]
    html = pages.get("/w/main/experiments/")
    assert re.findall(r"/runs/\?filter=experiment:([\w-]+)", html) == ["other", "explore-runs"]


@pytest.mark.row("A-23")
def test_a23_logs_and_outputs_have_a_tab_of_the_run(experiment: Experiment, pages: Pages) -> None:
    with experiment.start_logging(run_id="logged", snapshot_directory=None) as run:
        print("hello & goodbye")
        Path("outputs/model.txt").write_text("weights")
    html = pages.get(f"/w/main/runs/{run.id}/")
    assert '<a href="/w/main/runs/logged/logs/">Outputs + logs</a>' in html
    html = pages.get("/w/main/runs/logged/logs/")
    assert "hello &amp; goodbye" in html
    assert "model.txt" in html
    assert "weights" in pages.get("/w/main/runs/logged/logs/?file=outputs/model.txt")
    assert pages.get("/w/main/runs/logged/files/outputs/model.txt") == "weights"


@pytest.mark.row("A-24")
def test_a24_the_list_says_how_long_each_run_took_and_leads_to_it(run: Run, pages: Pages) -> None:
    run.complete()
    html = pages.get("/w/main/runs/?experiment=explore-runs")
    # The link is beside the address of the list.
    assert re.search(r'<a class="name" id="[^"]+" href="first/">', html)
    assert re.search(r"Completed.*\d+(\.\d+)? (ms|s)\b", text_of(html))
