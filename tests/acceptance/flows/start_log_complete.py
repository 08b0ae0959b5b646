"""Start a run, log to it, complete it."""

from studio.sdk import Experiment, Workspace

experiment = Experiment(workspace=Workspace.from_config(), name="explore-runs")
notebook_run = experiment.start_logging()
notebook_run.log(name="message", value="Hello from run!")
assert notebook_run.get_status() == "Running"
assert "endTimeUtc" not in notebook_run.get_details()
notebook_run.complete()
assert notebook_run.get_status() == "Completed"
assert notebook_run.get_metrics() == {"message": "Hello from run!"}
details = notebook_run.get_details()
assert details["endTimeUtc"] > details["startTimeUtc"]
