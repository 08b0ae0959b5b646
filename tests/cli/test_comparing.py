"""Runs side by side at a terminal and in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from studio.cli.ending import NOT_FOUND, USAGE
from studio.sdk import Experiment, Run, UserErrorException
from tests.cli.conftest import Cli


@pytest.fixture
def pair(experiment: Experiment) -> list[Run]:
    made = []
    for name, loss in (("a", 2.0), ("b", 1.0)):
        run = experiment.start_logging(
            run_id=name,
            display_name=f"Run {name}",
            snapshot_directory=None,
            outputs=False,
            tags={"kind": name, "same": "x", "flag": None},
        )
        run.log("loss", loss)
        run.complete()
        made.append(run)
    return made


def lines(out: str) -> dict[str, str]:
    """Return the rows of a table by what stands first."""
    found = [line.split("  ", 1) for line in out.splitlines()]
    return {cells[0]: cells[-1].strip() for cells in found}


def test_a_column_for_each_run_and_a_sign_at_what_differs(pair: list[Run], cli: Cli) -> None:
    code, out, told = cli("run", "compare", "a", "b")
    assert (code, told) == (0, "")
    head = out.splitlines()[0]
    assert "Run a (baseline)" in head
    assert "Run b" in head
    table = lines(out)
    assert table["Run id"].split() == ["a", "b"]
    assert table["loss"].split("  ")[0] == "2"
    assert table["loss"].endswith("≠ 1 (-1, -50 %)")
    assert table["tags: kind"].endswith("≠ b")
    assert table["tags: flag"].split() == ["✓", "✓"]
    assert table["Status"].split() == ["Completed", "Completed"]


def test_only_what_differs_with_another_baseline(pair: list[Run], cli: Cli) -> None:
    code, out, _ = cli("run", "compare", "a", "b", "--differ", "--base", "b")
    assert code == 0
    table = lines(out)
    assert "tags: same" not in table
    assert "≠ 2 (+1, +100 %)" in table["loss"]
    assert "Run b (baseline)" in out
    assert out.rstrip().endswith("rows are equal and not shown.")


def test_a_format_prints_what_the_studio_answers(
    pair: list[Run], cli: Cli, result: Callable[..., Any]
) -> None:
    told = result("run", "compare", "b", "a", "-o", "json")
    assert [run["runId"] for run in told["runs"]] == ["b", "a"]
    assert told == pair[0].experiment.workspace.compare_runs(["b", "a"])
    query = "sections[].rows[?differs && kind=='metric'].label[]"
    assert result("run", "compare", "a", "b", "--query", query) == ["loss"]


def test_a_run_that_is_not_there_or_too_many_are_told(pair: list[Run], cli: Cli) -> None:
    code, out, told = cli("run", "compare", "a", "never", "b")
    assert (code, out) == (NOT_FOUND, "")
    assert 'There is no run "never"' in told
    code, _, told = cli("run", "compare", *[f"r{n}" for n in range(101)])
    assert code == USAGE
    assert "1 to 100 runs are compared, not 101." in told
    code, _, told = cli("run", "compare", "a", "b", "--base", "never")
    assert code == USAGE
    assert "The baseline is none of these runs." in told


def test_python_compares_runs_as_objects_or_by_id(pair: list[Run]) -> None:
    one, two = pair
    workspace = one.experiment.workspace
    told = workspace.compare_runs([one, "b"], base=two, only_differences=True)
    rows = {row["key"]: row for section in told["sections"] for row in section["rows"]}
    assert told["base"] == "b"
    assert rows["metric:loss"]["deltas"] == [{"difference": 1.0, "percent": 100.0}, None]
    assert "tag:same" not in rows
    with pytest.raises(UserErrorException, match="1 to 100"):
        workspace.compare_runs([])
    with pytest.raises(UserErrorException, match='no run "never"'):
        workspace.compare_runs(["never"])
