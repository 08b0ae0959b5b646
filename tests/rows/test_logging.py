"""Table 7.1: everything that logs, and reading it back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from studio.sdk import Experiment, Run, ServiceException, UserErrorException
from tests.rows.conftest import Pages, Start

PNG = b"\x89PNG\r\n\x1a\n"
MATRIX = {
    "schema_type": "confusion_matrix",
    "schema_version": "1.0.0",
    "data": {"class_labels": ["cat", "dog"], "matrix": [[3, 1], [0, 4]]},
}
ACCURACY = {
    "schema_type": "accuracy_table",
    "schema_version": "1.0.1",
    "data": {
        "class_labels": ["0", "1"],
        "probability_tables": [[[1, 0, 1, 0]], [[1, 0, 1, 0]]],
        "percentile_tables": [[[1, 0, 1, 0]], [[1, 0, 1, 0]]],
        "probability_thresholds": [0.5],
        "percentile_thresholds": [0.5],
    },
}
RESIDUALS = {
    "schema_type": "residuals",
    "schema_version": "1.0.0",
    "data": {"bin_edges": [-1, 0, 1], "bin_counts": [3, 4.5]},
}
PREDICTIONS = {
    "schema_type": "predictions",
    "schema_version": "1.0.0",
    "data": {
        "bin_averages": [0.2, 0.7],
        "bin_errors": [0.1, 0.1],
        "bin_counts": [3, 4],
        "bin_edges": [0, 0.5, 1],
    },
}


class Plot:
    """As a figure of matplotlib looks."""

    def savefig(self, target: BinaryIO, format: str) -> None:
        target.write(PNG + format.encode())


def address(run: Run, path: str) -> str:
    return f"aml://artifactId/ExperimentRun/dcid.{run.id}/{path}"


def kinds(run: Run) -> dict[str, str]:
    """Return the kind of each metric, as the studio has it."""
    run.flush()
    items = run._transport.run("GET", run.id, "metrics").json()["items"]
    return {item["name"]: item["kind"] for item in items}


@pytest.mark.row("7.1-log")
def test_7_1_log_once_is_a_value_and_again_a_list(run: Run, pages: Pages) -> None:
    run.log("once", 0.25)
    assert run.get_metrics() == {"once": 0.25}
    for number in range(3):
        run.log("often", 2 * number, description="doubled", step=10 * number)
    assert run.get_metrics() == {"once": 0.25, "often": [0, 2, 4]}
    assert kinds(run) == {"once": "scalar", "often": "scalar"}
    (often,) = run._transport.run("GET", run.id, "metrics", query={"name": "often"}).json()["items"]
    assert [point["step"] for point in often["points"]] == [0, 10, 20]
    html = pages.get(f"/w/main/runs/{run.id}/")
    assert f'<a href="/w/main/runs/{run.id}/metrics/#metric=often">often</a>' in html
    assert '<td class="right number">0.25</td>' in html


@pytest.mark.row("7.1-log_list")
def test_7_1_log_list_takes_any_series(run: Run) -> None:
    run.log_list("list", [1, 2.5])
    run.log_list("list", (n for n in range(3, 5)))
    run.log_list(name="range", value=range(3), description="counted")
    run.log_list("tuple", ("a", "b"))
    run.log_list("one", [7])
    assert run.get_metrics() == {
        "list": [1, 2.5, 3, 4],
        "range": [0, 1, 2],
        "tuple": ["a", "b"],
        "one": 7,
    }
    assert set(kinds(run).values()) == {"list"}


@pytest.mark.row("7.1-log_row")
def test_7_1_log_row_once_is_a_row_and_again_columns(run: Run) -> None:
    run.log_row("fit", x=1, y=0.5)
    assert run.get_metrics("fit") == {"fit": {"x": 1, "y": 0.5}}
    run.log_row("fit", description="of two", x=2, y=0.25)
    assert run.get_metrics("fit") == {"fit": {"x": [1, 2], "y": [0.5, 0.25]}}
    assert kinds(run) == {"fit": "table"}


@pytest.mark.row("7.1-log_table")
def test_7_1_log_table_mixes_with_rows(run: Run) -> None:
    run.log_table("one", {"x": [1], "y": [2]})
    run.log_table("fit", {"x": [1, 2], "y": [0.5, 0.25]}, description="sine")
    run.log_row("fit", x=3, y=0.125)
    assert run.get_metrics() == {
        "one": {"x": 1, "y": 2},
        "fit": {"x": [1, 2, 3], "y": [0.5, 0.25, 0.125]},
    }
    assert kinds(run) == {"one": "table", "fit": "table"}


@pytest.mark.row("7.1-log_image")
def test_7_1_log_image_stores_a_file_or_a_plot(run: Run, pages: Pages) -> None:
    Path("plots").mkdir()
    Path("plots/roc.png").write_bytes(PNG)
    run.log_image("roc", path="./plots/roc.png")
    run.log_image("fit", plot=Plot(), description="of today")
    first, second = run.get_file_names()
    assert (first.startswith("fit_"), first.endswith(".png")) == (True, True)
    assert second == "plots/roc.png"
    assert run.get_metrics() == {"roc": address(run, second), "fit": address(run, first)}
    assert kinds(run) == {"roc": "image", "fit": "image"}
    shown = pages.get(f"/w/main/runs/{run.id}/logs/?file=plots/roc.png")
    assert f'<img src="/w/main/runs/{run.id}/files/plots/roc.png?show"' in shown


@pytest.mark.row("7.1-log_image")
@pytest.mark.parametrize("asked", [{}, {"path": "a.png", "plot": Plot()}])
def test_7_1_log_image_takes_one_of_path_and_plot(run: Run, asked: dict[str, Any]) -> None:
    with pytest.raises(UserErrorException, match="either a path or a plot"):
        run.log_image("image", **asked)
    with pytest.raises(UserErrorException, match=r"missing\.png cannot be read"):
        run.log_image("image", path="missing.png")
    assert run.get_metrics() == {}


def special(name: str, data: dict[str, Any]) -> Any:
    """Return the case of a metric that is a JSON file, under the id of its row."""
    method = getattr(Run, f"log_{name}")
    row = f"7.1-log_{name}"
    return pytest.param(method, name, data, id=row, marks=pytest.mark.row(row))


SPECIAL = pytest.mark.parametrize(
    ("log", "kind", "data"),
    [
        special("confusion_matrix", MATRIX),
        special("accuracy_table", ACCURACY),
        special("residuals", RESIDUALS),
        special("predictions", PREDICTIONS),
    ],
)


@SPECIAL
def test_a_metric_that_is_a_file_is_stored_as_it_is(
    run: Run, log: Callable[..., None], kind: str, data: dict[str, Any]
) -> None:
    log(run, "from a dict", data)
    log(run, "from a text", json.dumps(data), description="of today")
    assert kinds(run) == {"from a dict": kind, "from a text": kind}
    assert run.get_metrics("from a dict") == {"from a dict": address(run, "from a dict")}
    for name in ("from a dict", "from a text"):
        run.download_file(name)
        assert json.loads(Path(name).read_text()) == data


@SPECIAL
def test_a_metric_that_is_a_file_is_json(
    run: Run, log: Callable[..., None], kind: str, data: dict[str, Any]
) -> None:
    with pytest.raises(UserErrorException, match='Metric "bad": Invalid JSON'):
        log(run, "bad", json.dumps(data)[:-1])
    assert (run.get_metrics(), run.get_file_names()) == ({}, [])


@pytest.mark.row("7.1-get_metrics")
def test_7_1_get_metrics_of_a_run_and_of_all_below(run: Run, start: Start) -> None:
    child = run.child_run(run_id="child")
    below = child.child_run(run_id="below")
    below.log("loss", 2)
    run.log("loss", 1)
    assert run.get_metrics() == {"loss": 1}
    assert run.get_metrics("nothing") == {}
    assert child.get_metrics() == {}
    below.flush()
    assert run.get_metrics(recursive=True) == {"first": {"loss": 1}, "below": {"loss": 2}}
    assert run.get_metrics("other", recursive=True) == {}
    assert start().get_metrics() == {}


@pytest.mark.row("7.1-get_metrics")
def test_7_1_get_metrics_by_type_of_run_and_with_contents(run: Run) -> None:
    run.log("loss", 1)
    run.log_image("fit", plot=Plot())
    assert run.get_metrics(recursive=True, run_type="azureml.scriptrun") == {}
    found = run.get_metrics("fit", populate=True)["fit"]
    assert PNG in (found if isinstance(found, bytes) else found.content)


@pytest.mark.row("7.1-get_metrics")
def test_7_1_get_metrics_is_not_named_log_metric(run: Run) -> None:
    assert not hasattr(run, "log_metric")


@pytest.mark.row("7.1-flush")
def test_7_1_flush_waits_until_everything_has_arrived(run: Run) -> None:
    for number in range(200):
        run.log("loss", number)
    run.flush(timeout_seconds=30)
    (loss,) = run._transport.run("GET", run.id, "metrics").json()["items"]
    assert loss["count"] == 200


@pytest.mark.row("7.1-flush")
def test_7_1_flush_says_what_has_not_arrived(run: Run) -> None:
    url = run._transport.url
    run._transport.url = "http://127.0.0.1:1"
    run.log("loss", 1)
    with pytest.raises(ServiceException, match=r"1 values? .*kept on disk"):
        run.flush(timeout_seconds=0.1)
    run._transport.url = url
    run.flush()
    assert run.get_metrics() == {"loss": 1}


@pytest.mark.row("7.1-log")
def test_7_1_log_keeps_a_name_to_its_kind(experiment: Experiment, run: Run) -> None:
    run.log("loss", 1)
    with pytest.raises(UserErrorException, match="of kind scalar in this run, not list"):
        run.log_list("loss", [1])
    assert run.get_metrics() == {"loss": 1}
    # Names are kept as they are, to the last space.
    run.log("Hello from child run ", 2)
    assert run.get_metrics("Hello from child run ") == {"Hello from child run ": 2}
