"""Cancel a script that sleeps: the run ends, and so does the process."""

import os
import time
from pathlib import Path

from studio.sdk import Experiment, ScriptRunConfig, Workspace

Path("delay.py").write_text(
    "import os, time\n"
    "from pathlib import Path\n"
    f"Path({str(Path('pid').resolve())!r}).write_text(str(os.getpid()))\n"
    "time.sleep(600)\n"
)
experiment = Experiment(workspace=Workspace.from_config(), name="explore-runs")
config = ScriptRunConfig(source_directory=".", script="delay.py", compute_target="studio-local")
local_script_run = experiment.submit(config)
while not Path("pid").exists() or not Path("pid").read_text():
    time.sleep(0.1)
local_script_run.cancel()
assert local_script_run.get_status() in ("CancelRequested", "Canceled")
details = local_script_run.wait_for_completion(raise_on_error=False)
assert details["status"] == "Canceled", details
try:
    os.kill(int(Path("pid").read_text()), 0)
except ProcessLookupError:
    pass
else:
    raise AssertionError("the process lives")
