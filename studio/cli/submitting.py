"""``studio run submit-script``: what the line says wins over the run configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.cli.connecting import experiment_of, workspace_of
from studio.cli.ending import NOT_FOUND, CommandError
from studio.cli.following import follow
from studio.cli.printing import show
from studio.cli.terminal import complain
from studio.contract.words import TARGET_LOCAL
from studio.sdk import (
    Experiment,
    ExperimentExecutionException,
    RunConfiguration,
    ScriptRunConfig,
)

if TYPE_CHECKING:
    import argparse

    from studio.sdk import Workspace


def submit_script(asked: argparse.Namespace) -> None:
    """Submit a script, and follow its log unless asked not to.

    Raises:
        CommandError: no script, one that is not there, or a wish that is not granted.
    """
    if asked.conda_dependencies:
        raise CommandError(
            "--conda-dependencies: environments are not built here; a script runs with a Python "
            "that has what it needs. Use the target's Python, or name another one as "
            "environment.python.interpreterPath of a run configuration (-c)."
        )
    experiment = experiment_of(asked)
    config = _config(asked)
    workspace = workspace_of(asked)
    _check_target(workspace, config.target)
    run = Experiment(workspace, experiment).submit(config)
    if asked.is_async:
        show(asked, run._told)
    else:
        follow(asked, run)


def _config(asked: argparse.Namespace) -> ScriptRunConfig:
    """Return what to submit; checked before the studio is asked for anything."""
    told = RunConfiguration()
    if asked.run_configuration_name:
        told = RunConfiguration.load(asked.path, asked.run_configuration_name)
    _override(told, asked)
    if not told.script and not told.command:
        raise CommandError(
            "Which script? Name it behind the options, or in a run configuration (-c)."
        )
    config = ScriptRunConfig(asked.source_directory or asked.path, run_config=told)
    try:
        config.checked_script()
    except ExperimentExecutionException as error:
        raise CommandError(str(error), NOT_FOUND) from None
    return config


def _check_target(workspace: Workspace, name: str) -> None:
    """Say that a compute target is not there before anything is uploaded or made."""
    if name == TARGET_LOCAL:
        return
    known = workspace.compute_targets
    if name not in known:
        there = ", ".join([TARGET_LOCAL, *known])
        raise CommandError(f'There is no compute target "{name}". There are: {there}.', NOT_FOUND)


def _override(told: RunConfiguration, asked: argparse.Namespace) -> None:
    """Put what the line says over the run configuration, and say so where it said another thing."""
    script, arguments = asked.script, asked.arguments
    if script and script.startswith("-"):
        # Behind a "--": arguments for the script that the run configuration names.
        script, arguments = None, [script, *arguments]
    if script:
        was = told.command or (told.script if told.script != script else None)
        _say(asked, "script", was, script)
        told.script, told.command = script, None
    if arguments:
        _say(asked, "arguments", list(told.arguments), arguments)
        told.arguments = arguments
    if asked.target:
        if told.target_name() != asked.target:
            _say(asked, "target", asked.run_configuration_name and told.target, asked.target)
        told.target = asked.target


def _say(asked: argparse.Namespace, what: str, was: object, now: object) -> None:
    if was and was != now:
        complain(
            f"{what}: {_words(now)} of the command line, not {_words(was)} of the run "
            f"configuration {asked.run_configuration_name}."
        )


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
