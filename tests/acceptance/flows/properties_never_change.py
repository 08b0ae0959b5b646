"""A property can be added and never changed."""

from studio.sdk import Experiment, UserErrorException, Workspace

experiment = Experiment(workspace=Workspace.from_config(), name="explore-runs")
run = experiment.start_logging()
run.add_properties({"author": "azureml-user"})
assert run.get_properties()["author"] == "azureml-user"
try:
    run.add_properties({"author": "different-user"})
except UserErrorException as error:
    for told in ("author", "azureml-user", "different-user"):
        assert told in str(error), error
else:
    raise AssertionError("a property has changed")
run.add_properties({"author": "azureml-user", "reviewed": "yes"})
assert run.get_properties()["author"] == "azureml-user"
run.complete()
run.add_properties({"after the end": "still"})
