"""Which workspace a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.sdk import UserErrorException, Workspace, _config

if TYPE_CHECKING:
    import argparse


def workspace_of(asked: argparse.Namespace) -> Workspace:
    """Return the workspace that is named, or that of the attached folder, or of the login."""
    if asked.workspace_name:
        return Workspace(_config.connection(asked.workspace_name).open())
    try:
        connection = _config.from_config(asked.path)
    except UserErrorException:
        connection = _config.connection()
    return Workspace(connection.open())


def experiment_of(asked: argparse.Namespace) -> str:
    """Return the experiment that is named, or that of the attached folder.

    Raises:
        UserErrorException: neither names one.
    """
    name = asked.experiment_name or _config.default_experiment(asked.path)
    if not name:
        raise UserErrorException(
            "Which experiment? Name it with --experiment-name, or attach this folder to one: "
            "studio folder attach --experiment-name NAME"
        )
    return str(name)
