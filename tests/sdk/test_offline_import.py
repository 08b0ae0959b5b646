"""What a script kept at a desk becomes a run of the studio: imported by hand, or sent by ``studio sync``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.cli.main import main
from studio.sdk import Experiment, Run, _offline_store
from studio.sdk._offline import OfflineRun
from studio.sdk._spool import Spool
from studio.sdk._transport import Transport


def offline_script(folder: Path, then: str = "") -> Path:
    """Run a script at a desk, in a process of its own; returns where its run is kept."""
    (folder / "outputs").mkdir(exist_ok=True)
    (folder / "outputs/model.txt").write_text("weights")
    (folder / "desk.py").write_text(
        "from studio.sdk import Run\n"
        "run = Run.get_context()\n"
        "run.tag('quality', 'good')\n"
        "run.add_properties({'author': 'alice'})\n"
        "run.take_snapshot('outputs')\n"
        "with run.child_run('fold 1') as child:\n"
        "    child.log('accuracy', 0.9)\n"
        "    print('from the child')\n"
        "for step in range(1500):\n"
        "    run.log('loss', 1 / (step + 1), step=step)\n" + then
    )
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("STUDIO_RUN", "STUDIO_TOKEN"))}
    told = subprocess.run(
        [sys.executable, "desk.py"], cwd=folder, env=keep, capture_output=True, text=True
    )
    (kept,) = _offline_store.root().iterdir()
    if "kill" not in then:
        assert told.returncode == 0, told.stderr
        assert f"kept in {kept}. `studio sync` sends it." in told.stderr.splitlines()[-1]
    return kept


def imported(experiment: Experiment, run_id: str) -> dict[str, Any]:
    run = Run.get(experiment.workspace, run_id)
    details = run.get_details()
    return {
        "experiment": run.experiment.name,
        "status": details["status"],
        "tags": run.tags,
        "author": run.properties["author"],
        "losses": len(run.get_metrics("loss")["loss"]),
        "files": sorted(run.get_file_names()),
        "children": {c.name: (c.status, c.get_metrics()) for c in run.get_children()},
        "times": (details["startTimeUtc"], details.get("endTimeUtc")),
    }


def test_an_offline_run_is_imported_whole_and_once(
    experiment: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = offline_script(Path.cwd(), "run.complete()\n")
    record = _offline_store.Store.read(kept).record
    assert main(["import", str(kept), "-e", "desk"]) == 0
    assert "Imported OfflineRun_" in capsys.readouterr().out
    expected = {
        "experiment": "desk",
        "status": "Completed",
        "tags": {"quality": "good"},
        "author": "alice",
        "losses": 1500,
        "files": ["outputs/model.txt"],
        "children": {"fold 1": ("Completed", {"accuracy": 0.9})},
        "times": (record["startTimeUtc"], record["endTimeUtc"]),
    }
    assert imported(experiment, kept.name) == expected
    (child,) = Run.get(experiment.workspace, kept.name).get_children()
    assert "from the child" in child.get_details_with_logs()["logFiles"]["logs/user_log.txt"]
    assert main(["import", str(kept), "-e", "desk"]) == 0
    assert imported(experiment, kept.name) == expected
    assert Run.get(experiment.workspace, kept.name).get_snapshot_id() == record["snapshotId"]


def test_sync_sends_offline_runs_and_forgets_them(
    experiment: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = offline_script(Path.cwd(), "run.fail('no good')\n")
    assert main(["sync"]) == 0
    assert f"{kept.name}: delivered" in capsys.readouterr().err
    assert not kept.exists()
    run = Run.get(experiment.workspace, kept.name)
    assert (run.status, run.experiment.name) == ("Failed", "offline")
    assert run.get_details()["error"]["error"]["message"] == "no good"
    assert main(["sync"]) == 0
    assert "Nothing is left" in capsys.readouterr().err


def test_a_script_that_was_killed_loses_nothing_and_is_failed(experiment: Experiment) -> None:
    kept = offline_script(Path.cwd(), "import os\nos.kill(os.getpid(), 9)\n")
    assert main(["sync"]) == 0
    told = imported(experiment, kept.name)
    assert (told["status"], told["losses"]) == ("Failed", 1500)
    run = Run.get(experiment.workspace, kept.name)
    assert run.get_details()["error"]["error"]["code"] == "ScriptLost"


def test_a_script_that_still_runs_is_left_alone(
    experiment: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    run = OfflineRun()
    run.log("loss", 1)
    assert main(["sync", "-o", "tsv", "--query", "[].reason"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "Its script still runs."
    assert run._store.is_kept()


def test_what_is_no_offline_run_is_refused(
    experiment: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(tmp_path)]) == 2
    assert "There is no offline run in" in capsys.readouterr().err
    taken = experiment.start_logging(
        snapshot_directory=None, outputs=False, run_id="OfflineRun_taken"
    )
    store = _offline_store.Store.new("OfflineRun_taken")
    store.save()
    assert main(["import", str(store.folder)]) == 2
    assert "cannot be imported" in capsys.readouterr().err
    taken.complete()


def test_what_was_logged_elsewhere_stays_until_the_studio_is_said_to_have_moved(
    experiment: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    run = experiment.start_logging(snapshot_directory=None, outputs=False)
    elsewhere = Transport("http://127.0.0.1:9", "stu_x", "main")
    spool = Spool(run.id, elsewhere)
    spool.append({"name": "loss", "kind": "scalar", "time": 1.0, "value": 0.5})
    spool.close()
    assert main(["sync"]) == 1
    assert "logged to the studio at http://127.0.0.1:9" in capsys.readouterr().err
    assert run.get_metrics() == {}
    assert main(["sync", "--moved"]) == 0
    assert run.get_metrics() == {"loss": 0.5}
    run.complete()
