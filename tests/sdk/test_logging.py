"""Every method that logs, read back from the real studio."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from studio.sdk import Experiment, Run, UserErrorException
from studio.sdk._offline import OfflineRun


@pytest.fixture
def run(experiment: Experiment) -> Run:
    return experiment.start_logging(snapshot_directory=None, outputs=False)


class Plot:
    """As a figure of matplotlib looks."""

    def savefig(self, target: BinaryIO, format: str) -> None:
        target.write(b"\x89PNG " + format.encode())


def address(run: Run, path: str) -> str:
    return f"aml://artifactId/ExperimentRun/dcid.{run.id}/{path}"


def test_a_series_and_a_single_element(run: Run) -> None:
    run.log_list("list", [1, 2.5, float("nan")])
    run.log_list("list", (n for n in range(2)))
    run.log_list("one", [7])
    with pytest.warns(UserWarning, match="empty"):
        run.log_list("none", [])
    found = run.get_metrics()
    assert found["list"][:2] + found["list"][3:] == [1, 2.5, 0, 1]
    assert math.isnan(found["list"][2])
    assert (found["one"], "none" in found) == (7, False)


def test_rows_and_tables_are_one_kind(run: Run) -> None:
    run.log_row("fit", x=1, y=0.5)
    assert run.get_metrics("fit") == {"fit": {"x": 1, "y": 0.5}}
    run.log_table("fit", {"x": [2, 3], "y": [float("inf"), None]})
    run.log_row("fit", x=4, label="end")
    assert run.get_metrics("fit")["fit"] == {
        "x": [1, 2, 3, 4],
        "y": [0.5, math.inf, None, None],
        "label": [None, None, None, "end"],
    }


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda run: run.log("m", [1]), "log_list takes a series"),
        (lambda run: run.log_list("m", "text"), "not str"),
        (lambda run: run.log_list("m", [[1]]), "single values"),
        (lambda run: run.log_row("m"), "needs a column"),
        (lambda run: run.log_row("m", x=[1]), "single values"),
        (lambda run: run.log_table("m", {"a": [1], "b": [1, 2]}), 'column "a" has 1 .* "b" has 2'),
        (lambda run: run.log_table("m", [1]), "dict of column"),
        (lambda run: run.log_image("m"), "either a path or a plot"),
        (lambda run: run.log_residuals("m", "{"), "Invalid JSON"),
    ],
)
def test_what_cannot_be_logged_is_said_at_once(run: Run, call: Any, words: str) -> None:
    with pytest.raises(UserErrorException, match=words):
        call(run)
    assert run.get_metrics() == {}


def test_a_metric_keeps_its_kind(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.log("m", 1)
    with pytest.raises(UserErrorException, match="of kind scalar"):
        run.log_row("m", x=1)
    run.flush(10)
    # Another process does not know; the studio tells it.
    other = Run.get(run.experiment.workspace, run.id)
    other.log_list("m", [1])
    other.log("n", 2)
    assert other.get_metrics() == {"m": 1, "n": 2}
    assert "is of kind scalar" in capsys.readouterr().err


def test_an_image_is_a_file_of_the_run(run: Run) -> None:
    Path("plots").mkdir()
    Path("plots/a.png").write_bytes(b"png")
    run.log_image("given", path="./plots/a.png")
    run.log_image("drawn", plot=Plot())
    found = run.get_metrics()
    assert found["given"] == address(run, "plots/a.png")
    drawn = next(name for name in run.get_file_names() if name.startswith("drawn_"))
    assert found["drawn"] == address(run, drawn)


@pytest.mark.parametrize("kind", ["confusion_matrix", "accuracy_table", "residuals", "predictions"])
def test_a_chart_is_a_json_file_of_the_run(run: Run, kind: str) -> None:
    data = {"schema_type": kind, "data": {"class_labels": ["a", "b"]}}
    getattr(run, f"log_{kind}")("chart", data)
    getattr(run, f"log_{kind}")("text", json.dumps(data))
    assert run.get_metrics() == {"chart": address(run, "chart"), "text": address(run, "text")}
    stored = run._transport.run_file("GET", run.id, "files", "chart").data
    assert json.loads(stored) == data


def test_an_offline_run_reads_back_the_same() -> None:
    run = OfflineRun()
    run.log("loss", 1)
    run.log_list("list", range(2))
    run.log_row("row", x=1)
    run.log_table("table", {"x": [1, float("nan")]})
    found = run.get_metrics()
    assert (found["loss"], found["list"], found["row"]) == (1, [0, 1], {"x": 1})
    assert math.isnan(found["table"]["x"][1])
