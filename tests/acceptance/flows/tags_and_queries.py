"""Tags change, may have no value, and are found together with properties."""

import uuid

from studio.sdk import Experiment, Workspace

experiment = Experiment(workspace=Workspace.from_config(), name=f"tagged-{uuid.uuid4().hex[:8]}")
run = experiment.start_logging()
run.add_properties({"author": "azureml-user"})
run.tag("quality", "great run")
assert run.get_tags() == {"quality": "great run"}
run.tag("quality", "fantastic run")
run.tag("worth another look")
assert run.get_tags() == {"quality": "fantastic run", "worth another look": None}
run.complete()
other = experiment.start_logging()
other.complete()


def found(**asked):
    return [each.id for each in experiment.get_runs(**asked)]


both = {"properties": {"author": "azureml-user"}, "tags": {"quality": "fantastic run"}}
assert found(**both) == [run.id]
assert found(properties={"author": "azureml-user"}, tags="worth another look") == [run.id]
assert found(tags={"worth another look": None}) == [run.id]
assert found(tags={"quality": "great run"}) == []
assert found() == [other.id, run.id]
