"""Submitting a script: its source goes to the studio, then an agent takes the run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

from studio.contract import environ
from studio.contract.words import TARGET_LOCAL
from studio.sdk import _git, _snapshot, _start
from studio.sdk._exceptions import ExperimentExecutionException, UserErrorException
from studio.sdk._run_config import ANY_PYTHON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.sdk._experiment import Experiment
    from studio.sdk._run import Run
    from studio.sdk._script import ScriptRunConfig
    from studio.sdk._transport import Transport


def submit(
    experiment: Experiment,
    config: ScriptRunConfig,
    *,
    tags: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    display_name: str | None = None,
    properties: Mapping[str, str] | None = None,
    parent: Run | None = None,
) -> Run:
    """Make the run; for this machine, start the agent that runs it."""
    script = config.checked_script()
    folder = config.source_directory.resolve()
    transport = experiment.workspace._transport
    body = {
        "experimentName": experiment.name,
        "runId": run_id,
        "displayName": display_name,
        "parentRunId": parent.id if parent else None,
        "tags": _start.tag_values(tags),
        "properties": {**_git.properties(folder), **(properties or {})},
        "target": config.target,
        "scriptName": script,
        "definition": _definition(config, script),
        "snapshotId": _snapshot.upload(folder, transport),
        "graceSeconds": config.grace_seconds,
        "maxRunDurationSeconds": config.run_config.max_run_duration_seconds,
    }
    try:
        run = _start.create(experiment, body)
    except UserErrorException as error:
        raise ExperimentExecutionException(str(error)) from None
    if config.target == TARGET_LOCAL:
        _start_agent(run.id, transport)
    return run


def _definition(config: ScriptRunConfig, script: str) -> dict[str, Any]:
    settings = config.run_config
    python = settings.environment.python.interpreter_path
    if python == ANY_PYTHON and config.target == TARGET_LOCAL:
        # On this machine a script runs with the Python that submitted it.
        python = sys.executable
    return {
        "script": script,
        "arguments": config.arguments,
        "command": config.command,
        "target": config.target,
        "python": python,
        "environmentVariables": settings.variables(),
        "maxRunDurationSeconds": settings.max_run_duration_seconds,
    }


def _start_agent(run_id: str, transport: Transport) -> None:
    """Start the agent for one run, on its own: it outlives this process."""
    environment = {
        **{k: v for k, v in os.environ.items() if k not in (environ.RUN_ID, environ.RUN_TOKEN)},
        environ.URL: transport.url,
        environ.TOKEN: transport.token,
        environ.WORKSPACE: transport.workspace,
    }
    agent = subprocess.Popen(  # noqa: S603 (this Python, this package)
        [sys.executable, "-m", "studio.compute.agent", "--once", run_id],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Somebody has to read its exit code, or it stays as a zombie of a long notebook.
    threading.Thread(target=agent.wait, daemon=True).start()
