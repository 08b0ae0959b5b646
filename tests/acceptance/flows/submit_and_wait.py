"""Submit a script, follow its output, read what it logged."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from studio.sdk import Experiment, ScriptRunConfig, Workspace

Path("train.py").write_text(
    "import sys\n"
    "from studio.sdk import Run\n"
    "run = Run.get_context()\n"
    "print('arguments', *sys.argv[1:])\n"
    "run.log('accuracy', 0.75)\n"
)
workspace = Workspace.from_config()
experiment = Experiment(workspace=workspace, name="explore-runs")
for target in (None, workspace.compute_targets["studio-local"]):
    config = ScriptRunConfig(
        source_directory=".",
        script="train.py",
        arguments=["--lr", 0.1],
        compute_target=target,
    )
    local_script_run = experiment.submit(config)
    shown = StringIO()
    with redirect_stdout(shown):
        details = local_script_run.wait_for_completion(show_output=True)
    assert details["status"] == "Completed"
    assert details["runDefinition"]["arguments"] == ["--lr", "0.1"]
    assert f"RunId: {local_script_run.id}" in shown.getvalue()
    assert "arguments --lr 0.1" in shown.getvalue()
    assert "Execution Summary" in shown.getvalue()
    assert local_script_run.get_metrics() == {"accuracy": 0.75}
