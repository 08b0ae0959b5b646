"""A submitted parent submits children, waits for them, and everything is found below the root."""

from pathlib import Path

from studio.sdk import Experiment, ScriptRunConfig, Workspace

Path("child.py").write_text(
    "import sys\n"
    "from studio.sdk import Run\n"
    "run = Run.get_context()\n"
    "run.log('fruit', sys.argv[2])\n"
    "root = run\n"
    "while root.parent is not None:\n"
    "    root = root.parent\n"
    "root.log('seen by the root', sys.argv[2])\n"
    "root.flush()\n"
    "with run.child_run('below') as below:\n"
    "    below.log('depth', 2)\n"
)
Path("parent.py").write_text(
    "from studio.sdk import Run, ScriptRunConfig\n"
    "run = Run.get_context()\n"
    "children = [\n"
    "    run.submit_child(ScriptRunConfig('.', script='child.py', arguments=['--fruit', fruit],\n"
    "                                     compute_target='studio-local'))\n"
    "    for fruit in ('apple', 'orange')\n"
    "]\n"
    "for child in children:\n"
    "    child.wait_for_completion()\n"
)
workspace = Workspace.from_config()
experiment = Experiment(workspace=workspace, name="explore-runs")
run = experiment.submit(ScriptRunConfig(source_directory=".", script="parent.py"))
assert run.wait_for_completion()["status"] == "Completed"
assert len(list(run.get_children())) == 2
below = list(run.get_children(recursive=True))
assert len(below) == 4
assert {each.get_status() for each in below} == {"Completed"}
fruits = [each.get_metrics().get("fruit") for each in below]
assert sorted(fruit for fruit in fruits if fruit) == ["apple", "orange"]
assert sorted(run.get_metrics()["seen by the root"]) == ["apple", "orange"]
everything = run.get_metrics(recursive=True)
assert sum(metrics.get("depth") == 2 for metrics in everything.values()) == 2
