"""Which workspace, experiment and run a command is about. Looking never makes anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.ending import NOT_FOUND, CommandError
from studio.contract import places
from studio.sdk import Run, UserErrorException, Workspace, _config

if TYPE_CHECKING:
    import argparse

    from studio.sdk._config import Connection

# Somebody waits at a terminal: less long than a script would, but a restart is over by then.
PATIENCE_SECONDS = 5.0


def connection_of(asked: argparse.Namespace) -> Connection:
    """Return what the attached folder says, else the environment and the login.

    Raises:
        UserErrorException: nothing says where the studio is, or a config file cannot be used.
    """
    try:
        found = _config.from_config(asked.path)
    except UserErrorException:
        # Many a project has a config.json that means something else.
        if is_attached(asked.path):
            raise
        found = _config.connection()
    return replace(found, workspace=asked.workspace_name) if asked.workspace_name else found


def is_attached(path: str) -> bool:
    """Whether a folder, or one above it, was attached to a studio."""
    folder = Path(path).resolve()
    config = Path(places.CONFIG_FOLDER, places.CONFIG_FILE)
    return any((place / config).is_file() for place in (folder, *folder.parents))


def workspace_of(asked: argparse.Namespace) -> Workspace:
    """Return the workspace that is named, or that of the attached folder, or of the login."""
    transport = connection_of(asked).open()
    transport.patience = PATIENCE_SECONDS
    return Workspace(transport)


def experiment_of(asked: argparse.Namespace) -> str:
    """Return the experiment that is named, or that of the attached folder.

    Raises:
        CommandError: neither names one.
    """
    name = asked.experiment_name or attached_experiment(asked.path)
    if not name:
        raise CommandError(
            "Which experiment? Name it with --experiment-name, or attach this folder to one: "
            "studio folder attach --experiment-name NAME"
        )
    return str(name)


def attached_experiment(path: str) -> str | None:
    """Return the experiment of the attached folder, None where there is none."""
    return _config.default_experiment(path) or None if is_attached(path) else None


def run_of(asked: argparse.Namespace) -> Run:
    """Return the run that ``--run`` names.

    Raises:
        CommandError: the workspace has no such run.
    """
    workspace = workspace_of(asked)
    try:
        return Run.get(workspace, asked.run)
    except UserErrorException as error:
        raise CommandError(str(error), NOT_FOUND) from None
