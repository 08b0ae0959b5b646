"""A block completes its run, and fails it when something goes wrong inside."""

from studio.sdk import Experiment, Workspace

experiment = Experiment(workspace=Workspace.from_config(), name="explore-runs")
with experiment.start_logging() as notebook_run:
    notebook_run.log(name="message", value="Hello from run!")
    print("Is it still running?", notebook_run.get_status())
assert notebook_run.get_status() == "Completed"
log = notebook_run.get_details_with_logs()["logFiles"]["logs/user_log.txt"]
assert "Is it still running? Running" in log

try:
    with experiment.start_logging() as broken:
        raise ValueError("a wrong turn")
except ValueError:
    assert broken.get_status() == "Failed"
    assert "a wrong turn" in broken.get_details()["error"]["error"]["message"]
else:
    raise AssertionError("the error was swallowed")
