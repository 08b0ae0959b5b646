"""Five children by a loop, five by one call."""

from studio.sdk import Experiment, Workspace

experiment = Experiment(workspace=Workspace.from_config(), name="explore-runs")
parent_run = experiment.start_logging()
for count in range(5):
    with parent_run.child_run() as child:
        child.log(name="Hello from child run ", value=count)
parent_run.complete()
children = list(parent_run.get_children())
assert [child.get_metrics()["Hello from child run "] for child in children] == [4, 3, 2, 1, 0]
assert {child.get_status() for child in children} == {"Completed"}
assert {child.parent.id for child in children} == {parent_run.id}

batch = experiment.start_logging()
made = batch.create_children(count=5)
for child in made:
    child.log("one", 1)
    child.complete()
tags = [child.get_tags()["azureml.batch_child_number"] for child in made]
assert tags == ["0", "1", "2", "3", "4"]
named = batch.create_children(tag_key="lr", tag_values=["0.1", "0.01"])
assert [child.tags["lr"] for child in named] == ["0.1", "0.01"]
for child in named:
    child.complete()
batch.complete()
assert len(list(batch.get_children(status="Completed"))) == 7
