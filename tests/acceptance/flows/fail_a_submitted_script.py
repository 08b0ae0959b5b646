"""A run that is failed by hand stays Failed, also when its script ends well later."""

import time
from pathlib import Path

from studio.sdk import Experiment, ScriptRunConfig, Workspace

ended = Path("ended").resolve()
Path("train.py").write_text(
    "import signal, time\n"
    "from pathlib import Path\n"
    # It does not listen: it ends well, after the run was failed.
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "Path('started').touch()\n"
    "print('started', flush=True)\n"
    "time.sleep(2)\n"
    f"Path({str(ended)!r}).touch()\n"
)
experiment = Experiment(workspace=Workspace.from_config(), name="explore-runs")
config = ScriptRunConfig(
    source_directory=".", script="train.py", compute_target="studio-local", grace_seconds=30
)
run = experiment.submit(config)
while "started" not in "".join(run.get_details_with_logs()["logFiles"].values()):
    time.sleep(0.1)
run.fail(error_details="The wrong data was used.", error_code="WrongData")
assert run.get_status() == "Failed"
while not ended.exists():
    time.sleep(0.1)
time.sleep(2)
again = type(run).get(experiment.workspace, run.id)
assert again.get_status() == "Failed"
assert again.get_details()["error"]["error"]["code"] == "WrongData"
