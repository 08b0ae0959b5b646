"""A script at a desk: everything works without a studio."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from studio.cli.main import main
from studio.contract import environ
from studio.sdk import (
    Experiment,
    Run,
    RunEnvironmentException,
    ScriptRunConfig,
    UserErrorException,
    _offline_store,
)
from studio.sdk._offline import OfflineRun


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(environ.RUN_ID, raising=False)
    return tmp_path


@pytest.fixture
def run(desk: Path) -> OfflineRun:
    return OfflineRun()


def test_a_run_that_nothing_is_said_to_leaves_nothing(run: OfflineRun) -> None:
    assert run.get_status() == "Running"
    assert run.id.startswith("OfflineRun_")
    assert not _offline_store.root().exists()


def test_each_call_says_what_it_would_have_done(
    run: OfflineRun, capsys: pytest.CaptureFixture[str]
) -> None:
    run.log("loss", 0.5, step=3)
    run.upload_file("outputs/a.txt", os.devnull)
    assert capsys.readouterr().out.splitlines() == [
        "Attempted to log scalar metric loss:",
        "0.5",
        "Attempted to upload outputs/a.txt",
    ]
    run.fail(ValueError("bad"), "E1")
    assert capsys.readouterr().out == f"Run {run.id} failed: E1 ValueError: bad\n"


def test_parameters_are_kept_at_a_desk_and_arrive_in_the_studio(
    experiment: Experiment, run: OfflineRun, capsys: pytest.CaptureFixture[str]
) -> None:
    run.log_parameter("lr", 0.01)
    run.log_parameters({"epochs": 3})
    assert capsys.readouterr().out.splitlines() == [
        "Attempted to log parameter lr:", "0.01", "Attempted to log parameter epochs:", "3"
    ]  # fmt: skip
    with pytest.raises(UserErrorException, match="never changes"):
        run.log_parameter("lr", 0.02)
    assert run.get_parameters() == run.parameters == {"lr": "0.01", "epochs": "3"}
    assert run.get_metrics() == {}
    run.complete()
    folder = _offline_store.root() / run.id
    assert main(["import", str(folder), "-e", "desk"]) == 0
    assert Run.get(experiment.workspace, run.id).parameters == {"lr": "0.01", "epochs": "3"}


def test_what_was_logged_is_read_back_as_from_the_studio(run: OfflineRun) -> None:
    run.log("loss", 1)
    run.log("loss", float("inf"))
    run.log_row("fit", x=1, y=2)
    run.log_residuals("errors", {"data": {}})
    child = run.child_run("first")
    child.log("loss", 3)
    assert run.get_metrics() == {
        "loss": [1, float("inf")],
        "fit": {"x": 1, "y": 2},
        "errors": f"aml://artifactId/ExperimentRun/dcid.{run.id}/errors",
    }
    assert run.get_metrics("errors", populate=True) == {"errors": b'{"data": {}}'}
    assert run.get_metrics("loss", recursive=True) == {
        run.id: {"loss": [1, float("inf")]},
        f"{run.id}.first": {"loss": 3},
    }
    assert run.get_metrics(run_type="azureml.scriptrun") == {}


def test_labels_follow_the_rules_of_the_studio(run: OfflineRun) -> None:
    run.tag("worth another look")
    run.set_tags({"quality": "good", "gone": "x"})
    run.remove_tags(["gone", "never"])
    run.add_properties({"author": "alice"})
    run.add_properties({"author": "alice"})
    with pytest.raises(UserErrorException, match='"alice" and cannot become "bob"'):
        run.add_properties({"author": "bob"})
    run.display_name = "first try"
    run.description = "# Why"
    assert run.get_tags() == {"worth another look": None, "quality": "good"}
    assert run.get_properties() == {"author": "alice"}
    kept = _offline_store.Store.read(run._store.folder).record
    assert (kept["displayName"], kept["description"]) == ("first try", "# Why")


def test_children_form_a_tree(run: OfflineRun) -> None:
    left, right = run.create_children(tag_key="side", tag_values=["left", "right"])
    below = left.child_run("a name/with strange parts")
    again = left.child_run("a name/with strange parts")
    assert below.parent is left
    assert below.id == f"{left.id}.a_name_with_strange_parts"
    assert again.id != below.id
    left.complete()
    assert [c.id for c in run.get_children()] == [right.id, left.id]
    assert list(run.get_children(tags={"side": "left"})) == [left]
    assert list(run.get_children(recursive=True, status="Running")) == [right, again, below]
    assert run.status == "Running"
    with pytest.raises(UserErrorException, match="either a count"):
        run.create_children()
    with pytest.raises(RunEnvironmentException, match="start_logging"):
        run.submit_child(ScriptRunConfig(command="true"))
    with pytest.raises(RunEnvironmentException, match="from_config"):
        run.experiment.workspace.name  # noqa: B018


def test_files_come_back_as_they_went(run: OfflineRun, desk: Path) -> None:
    (desk / "a.txt").write_text("one")
    run.upload_file("outputs/a.txt", "a.txt")
    run.upload_file("outputs/a.txt", "a.txt")
    (desk / "a.txt").write_text("two")
    with pytest.raises(UserErrorException, match="another file"):
        run.upload_file("outputs/a.txt", "a.txt")
    for bad in ("../a.txt", "/a.txt", "a/../../b"):
        with pytest.raises(UserErrorException, match="no path inside"):
            run.upload_file(bad, "a.txt")
    with pytest.raises(UserErrorException, match="cannot be read"):
        run.upload_file("b", "never.txt")
    assert run.get_file_names() == ["outputs/a.txt"]
    run.download_file("outputs/a.txt", "back.txt")
    assert (desk / "back.txt").read_text() == "one"


def test_a_block_keeps_what_is_printed_and_how_it_ended(
    run: OfflineRun, capsys: pytest.CaptureFixture[str]
) -> None:
    def divide() -> None:
        with run:
            print("a line")
            print(1 / 0)

    with pytest.raises(ZeroDivisionError):
        divide()
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == f"[START] Run {run.id} context"
    assert shown[-1] == f"[STOP] Run {run.id} context"
    details = run.get_details_with_logs()
    assert details["status"] == "Failed"
    assert "ZeroDivisionError" in details["error"]["error"]["message"]
    assert details["logFiles"]["logs/user_log.txt"].startswith("a line\nTraceback")
    run.complete()
    assert run.get_status() == "Failed"
    assert run.wait_for_completion()["status"] == "Failed"


def test_the_source_can_be_kept_and_restored(run: OfflineRun, desk: Path) -> None:
    (desk / "code").mkdir()
    (desk / "code/train.py").write_text("print(1)")
    sid = run.take_snapshot("code")
    assert run.get_snapshot_id() == sid
    target = run.restore_snapshot(path="restored")
    assert target == str(desk / "restored" / f"{sid}.zip")
    shutil.unpack_archive(target, desk / "unpacked")
    assert (desk / "unpacked/train.py").read_text() == "print(1)"
