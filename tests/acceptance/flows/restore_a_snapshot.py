"""The source of a run comes back as it was, not as the folder is now."""

import zipfile
from pathlib import Path

from studio.sdk import Experiment, ScriptRunConfig, SnapshotException, Workspace

Path("source/inner").mkdir(parents=True)
Path("source/train.py").write_text("print('first version')\n")
Path("source/inner/helper.py").write_text("VALUE = 1\n")
Path("source/secret.txt").write_text("not source")
Path("source/.amlignore").write_text("secret.txt\n")
experiment = Experiment(workspace=Workspace.from_config(), name="explore-runs")
run = experiment.submit(ScriptRunConfig("source", script="train.py"))
run.wait_for_completion()
Path("source/train.py").write_text("print('second version')\n")
target = run.restore_snapshot(path="restored")
assert Path(target).is_absolute()
assert Path(target).name == f"{run.get_snapshot_id()}.zip"
with zipfile.ZipFile(target) as archive:
    assert sorted(archive.namelist()) == [".amlignore", "inner/helper.py", "train.py"]
    assert archive.read("train.py") == b"print('first version')\n"
assert run.get_properties()["ContentSnapshotId"] == run.get_snapshot_id()
try:
    run.take_snapshot("source")
except SnapshotException:
    pass
else:
    raise AssertionError("a run has two snapshots")
