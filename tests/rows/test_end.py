"""Section 2.7: cancel or fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runs.actions import bulk_work
from studio.sdk import Experiment, Run, ScriptRunConfig, UserErrorException
from studio.sdk._transport import Transport
from tests.cli.conftest import Cli
from tests.rows.conftest import Pages, Start


@pytest.mark.row("A-53")
def test_a53_a_run_of_this_process_is_canceled_at_once(run: Run) -> None:
    run.log("loss", 0.5)
    run.cancel()
    assert (run.status, run.get_status()) == ("Canceled", "Canceled")
    assert run.get_metrics() == {"loss": 0.5}
    assert "error" not in run.get_details()
    run.cancel()


@pytest.mark.row("A-53")
def test_a53_a_run_that_waits_is_canceled_at_once(
    experiment: Experiment, config: ScriptRunConfig
) -> None:
    run = experiment.submit(config)
    assert run.get_status() == "Queued"
    run.cancel()
    assert run.get_status() == "Canceled"


@pytest.mark.row("A-53")
def test_a53_a_run_whose_script_runs_elsewhere_is_asked_to_stop(
    experiment: Experiment, config: ScriptRunConfig, queue: str
) -> None:
    run = experiment.submit(config)
    transport = experiment.workspace._transport
    agent = {"agent": "a", "host": "h"}
    lease = transport.api("POST", "compute", queue, "lease", json=agent).json()["lease"]
    runner = Transport(transport.url, lease["token"], "main")
    runner.run("POST", run.id, "start", json={})
    run.cancel()
    assert run.get_status() == "CancelRequested"
    told = transport.api("POST", "compute", queue, "lease", json=agent).json()
    assert [stop["runId"] for stop in told["stop"]] == [run.id]
    runner.run("POST", run.id, "canceled", json={"reason": "Nothing of it is left."})
    runner.close()
    assert run.get_status() == "Canceled"


@pytest.mark.row("A-53")
def test_a53_what_was_canceled_does_not_complete_later(run: Run) -> None:
    Run.get(run.experiment.workspace, run.id).cancel()
    with pytest.raises(UserErrorException, match="is Canceled; it cannot become Completed"):
        run.complete()
    assert run.get_status() == "Canceled"


@pytest.mark.row("A-53")
def test_a53_a_canceled_run_keeps_its_outputs(experiment: Experiment) -> None:
    run = experiment.start_logging(snapshot_directory=None)
    Path("outputs/half.txt").write_text("half")
    run.cancel()
    assert (run.get_status(), run.get_file_names()) == ("Canceled", ["outputs/half.txt"])


@pytest.mark.row("A-54", "8.3-cancel")
def test_a54_8_3_cancel_says_so_in_words(run: Run, cli: Cli) -> None:
    words = ("run", "cancel", "-r", run.id, "-w", "main")
    assert cli(*words) == (0, f"The run {run.id} is Canceled.\n", "")
    assert run.get_status() == "Canceled"
    code, out, err = cli("run", "cancel", "-r", "nobody")
    assert (code, out, 'no run "nobody"' in err) == (3, "", True)


@pytest.mark.row("A-54", "8.3-cancel")
def test_a54_8_3_cancel_takes_the_words_of_the_article(run: Run, cli: Cli) -> None:
    code, out, _ = cli("run", "cancel", "-r", run.id, "-w", "main", "-e", "explore-runs")
    assert (code, "Canceled" in out) == (0, True)


@pytest.mark.row("A-55")
def test_a55_the_page_of_a_run_cancels_it(run: Run, pages: Pages) -> None:
    page = f"/w/main/runs/{run.id}/"
    html = pages.send(page, f"{page}cancel/")
    assert "Canceled" in html
    assert run.get_status() == "Canceled"
    assert 'disabled title="The run has ended."' in pages.get(page)


@pytest.mark.row("A-55")
def test_a55_several_runs_are_canceled_at_once(start: Start, experiment: Experiment) -> None:
    done, one, two = (start(run_id=name) for name in ("done", "one", "two"))
    done.complete()
    chosen = {"query": {"filter": "experiment:explore-runs"}}
    body = {"action": "cancel", "selection": chosen, "confirm": 3}
    api = experiment.workspace._transport.api
    task = api("POST", "bulk", json=body).json()
    # The studio's worker does it.
    assert bulk_work.work("worker", 20)
    told = api("GET", "bulk", task["id"]).json()
    assert (told["state"], told["total"], told["done"]) == ("done", 3, 2)
    assert [run.get_status() for run in (done, one, two)] == ["Completed", "Canceled", "Canceled"]


@pytest.mark.row("A-56")
def test_a56_a_run_that_completed_can_be_failed(experiment: Experiment) -> None:
    run = experiment.start_logging(snapshot_directory=None)
    Path("outputs/wrong.txt").write_text("wrong")
    run.log("loss", 0.5)
    run.complete()
    run.fail("The wrong script.", error_code="WrongScript")
    error = run.get_details()["error"]["error"]
    assert run.get_status() == "Failed"
    assert (error["code"], error["message"]) == ("WrongScript", "The wrong script.")
    assert run.get_file_names() == ["outputs/wrong.txt"]


@pytest.mark.row("A-56")
@pytest.mark.parametrize(
    ("details", "code", "expected"),
    [
        (None, None, ("UserError", "")),
        ("out of luck", None, ("UserError", "out of luck")),
        (ValueError("3 < 4"), None, ("UserError", "ValueError: 3 < 4")),
        (ValueError("3 < 4"), "Mine", ("Mine", "ValueError: 3 < 4")),
    ],
)
def test_a56_a_failure_has_a_code_and_a_message(
    start: Start, details: Any, code: str | None, expected: tuple[str, str]
) -> None:
    run = start()
    run.fail(details, code)
    error = run.get_details()["error"]["error"]
    assert (error["code"], error["message"] or "") == expected


@pytest.mark.row("A-56")
def test_a56_something_else_is_no_failure(run: Run) -> None:
    with pytest.raises(TypeError, match="a text or an exception, not int"):
        run.fail(3)  # type: ignore[arg-type]
    assert run.get_status() == "Running"


@pytest.mark.row("A-56")
def test_a56_what_failed_stays_failed(run: Run) -> None:
    run.fail("no good")
    with pytest.raises(UserErrorException, match="is Failed; it cannot become Completed"):
        run.complete()
    run.fail("again")
    assert run.get_details()["error"]["error"]["message"] == "no good"
