"""Section 2.8: child runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.sdk import (
    Experiment,
    Run,
    ScriptRunConfig,
    ServiceException,
    UserErrorException,
)
from tests.rows.conftest import Pages

Result = Callable[..., Any]
Work = Callable[[], str]


def ids(runs: Iterable[Run]) -> list[str]:
    return [run.id for run in runs]


@pytest.mark.row("A-57")
def test_a57_a_child_runs_at_once_and_its_block_completes_it(run: Run) -> None:
    run.set_tags({"of": "the parent"})
    run.add_properties({"author": "azureml-user"})
    with run.child_run(name="first", run_id="child") as child:
        assert child.get_status() == "Running"
        child.log("loss", 1)
    assert child.get_status() == "Completed"
    assert (child.name, child.get_tags(), child.get_properties()) == ("first", {}, {})
    assert run.get_status() == "Running"
    assert run.get_metrics() == {}
    assert run.get_metrics(recursive=True) == {"child": {"loss": 1}}


@pytest.mark.row("A-57")
def test_a57_a_child_may_have_outputs_of_its_own(run: Run) -> None:
    child = run.child_run(outputs="of-child")
    Path("of-child/model.txt").write_text("weights")
    child.complete()
    assert [Path(name).name for name in child.get_file_names()] == ["model.txt"]
    assert run.get_file_names() == []


@pytest.mark.row("A-58")
def test_a58_many_children_start_in_one_call(run: Run) -> None:
    counted = run.create_children(count=3)
    assert [child.get_tags() for child in counted] == [
        {"azureml.batch_child_number": str(number)} for number in range(3)
    ]
    named = run.create_children(tag_key="fruit", tag_values=["pear", "apple"])
    assert [child.get_tags() for child in named] == [{"fruit": "pear"}, {"fruit": "apple"}]
    assert {child.get_status() for child in counted + named} == {"Running"}
    for child in counted:
        child.complete()
    assert len(ids(run.get_children(status="Completed"))) == 3


@pytest.mark.row("A-58")
def test_a58_many_children_take_one_call(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    request = run._transport.request

    def counted(method: str, path: str, **options: Any) -> Any:
        asked.append(f"{method} {path.rpartition('/')[2]}")
        return request(method, path, **options)

    monkeypatch.setattr(run._transport, "request", counted)
    run.create_children(count=10)
    # Each child beats by itself from then on.
    assert [call for call in asked if "heartbeat" not in call] == ["POST children"]


@pytest.mark.row("A-58")
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"tag_key": "fruit"},
        {"tag_values": ["apple"]},
        {"count": 1, "tag_key": "fruit", "tag_values": ["apple"]},
        {"count": 101},
    ],
)
def test_a58_children_that_cannot_be_meant_are_refused(run: Run, asked: dict[str, Any]) -> None:
    with pytest.raises(UserErrorException, match=r"Give either a count|1 to 100 children"):
        run.create_children(**asked)
    assert ids(run.get_children()) == []


PARENT = """
from studio.sdk import Run, ScriptRunConfig
run = Run.get_context()
for fruit in ["apple", "pear"]:
    config = ScriptRunConfig(".", "child.py", ["--fruit", fruit], compute_target="gpu-cluster")
    child = run.submit_child(config, tags={"fruit": fruit})
    print(child.id, child.get_status())
"""
CHILD = """
import sys
from studio.sdk import Run
Run.get_context().log("Hello from child run", sys.argv[2])
if sys.argv[2] == "pear":
    raise SystemExit(3)
"""


@pytest.mark.row("A-59", "A-61")
def test_a59_a61_a_script_submits_children_that_end_their_own_way(
    experiment: Experiment, config: ScriptRunConfig, source: Path, work: Work
) -> None:
    (source / "train.py").write_text(PARENT)
    (source / "child.py").write_text(CHILD)
    parent = experiment.submit(config)
    assert work() == parent.id
    # It did not wait for its children, so it ended before they began.
    assert parent.get_status() == "Completed"
    assert {child.status for child in parent.get_children()} == {"Queued"}
    work(), work()
    (apple,) = parent.get_children(tags={"fruit": "apple"})
    (pear,) = parent.get_children(tags={"fruit": "pear"})
    assert (apple.status, pear.status, parent.get_status()) == ("Completed", "Failed", "Completed")
    assert apple.get_details()["runDefinition"]["arguments"] == ["--fruit", "apple"]
    assert parent.get_metrics(recursive=True) == {
        apple.id: {"Hello from child run": "apple"},
        pear.id: {"Hello from child run": "pear"},
    }


@pytest.mark.row("A-59")
def test_a59_a_child_is_submitted_as_any_run_is(run: Run, config: ScriptRunConfig) -> None:
    child = run.submit_child(config, tags={"fruit": "apple"}, run_id="child")
    assert child.parent is run
    assert (child.get_status(), child.get_tags()) == ("Queued", {"fruit": "apple"})
    assert child.get_snapshot_id()


@pytest.mark.row("A-60")
def test_a60_a_child_needs_a_parent_that_is_there(run: Run) -> None:
    body = {"experimentName": "explore-runs", "parentRunId": "nobody", "start": True}
    with pytest.raises(ServiceException, match="nobody") as refused:
        run._transport.api("POST", "runs", json=body)
    assert 400 <= refused.value.status < 500
    assert ids(run.experiment.get_runs(include_children=True)) == [run.id]


@pytest.mark.row("A-61")
def test_a61_the_statuses_of_parent_and_children_are_their_own(run: Run) -> None:
    failed, canceled, going = run.create_children(count=3)
    failed.fail("no good")
    canceled.cancel()
    run.complete()
    assert [r.get_status() for r in (run, failed, canceled, going)] == [
        "Completed",
        "Failed",
        "Canceled",
        "Running",
    ]


@pytest.fixture
def tree(run: Run) -> Run:
    """A run with two children, one of which has a child."""
    child = run.child_run(run_id="child")
    below = child.child_run(run_id="below")
    below.set_tags({"deep": None, "fruit": "apple"})
    other = run.child_run(run_id="other")
    other.tag("fruit", "apple")
    other.complete()
    return run


@pytest.mark.row("A-62")
def test_a62_children_are_yielded_newest_first_without_the_run_itself(tree: Run) -> None:
    children = tree.get_children()
    assert isinstance(children, Iterator)
    assert ids(children) == ["other", "child"]
    assert sorted(ids(tree.get_children(recursive=True))) == ["below", "child", "other"]


@pytest.mark.row("A-62")
def test_a62_children_are_filtered(tree: Run) -> None:
    def found(**asked: Any) -> list[str]:
        return sorted(ids(tree.get_children(**asked)))

    assert found(tags="fruit") == ["other"]
    assert found(tags="fruit", recursive=True) == ["below", "other"]
    assert found(tags={"deep": None}, recursive=True) == ["below"]
    assert found(status="Completed") == ["other"]
    assert found(status="Running", recursive=True) == ["below", "child"]
    assert found(type="azureml.scriptrun", recursive=True) == []
    assert found(properties="author", recursive=True) == []
    with pytest.raises(ValueError, match="tags should be a key or a dict"):
        found(tags=["fruit"])


@pytest.mark.row("A-62")
def test_a62_below_an_inner_run_are_only_its_own(tree: Run, result: Result, pages: Pages) -> None:
    child = Run.get(tree.experiment.workspace, "child")
    assert ids(child.get_children(recursive=True)) == ["below"]
    listed = result("run", "list", "--parent-run-id", tree.id)
    assert [told["runId"] for told in listed] == ["other", "child"]
    assert '<a href="/w/main/runs/other/">' in pages.get(f"/w/main/runs/{tree.id}/")


@pytest.mark.row("A-63")
def test_a63_the_parent_is_fetched_once(tree: Run) -> None:
    child = Run.get(tree.experiment.workspace, "child")
    assert child.parent is not None
    assert child.parent.id == tree.id
    assert child.parent is child.parent
    assert tree.parent is None


@pytest.mark.row("A-64")
def test_a64_a_walk_over_parents_ends_at_the_root(tree: Run) -> None:
    top = Run.get(tree.experiment.workspace, "below")
    while top.parent is not None:
        top = top.parent
    top.log("Hello from child run ", 1)
    top.flush()
    assert tree.get_metrics() == {"Hello from child run ": 1}


LOGS_TO_ROOT = """
from studio.sdk import Run
def root_run(run):
    return run if run.parent is None else root_run(run.parent)
run = Run.get_context()
root_run(run).log("MyMetric", f"Data from child run {run.id}")
"""


@pytest.mark.row("A-64")
def test_a64_a_submitted_child_logs_to_the_root(
    experiment: Experiment, config: ScriptRunConfig, source: Path, work: Work
) -> None:
    (source / "train.py").write_text(LOGS_TO_ROOT)
    parent = experiment.start_logging(snapshot_directory=None, outputs=False)
    child = parent.submit_child(config)
    work()
    assert child.get_status() == "Completed"
    assert parent.get_metrics() == {"MyMetric": f"Data from child run {child.id}"}
