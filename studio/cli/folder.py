"""The command ``studio folder attach``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.connecting import workspace_of
from studio.cli.printing import show
from studio.contract import limits, places
from studio.sdk import UserErrorException

if TYPE_CHECKING:
    import argparse

_IGNORED = (".git", ".studio", ".ipynb_checkpoints", "__pycache__", "outputs", "logs", "assets")


def attach(asked: argparse.Namespace) -> None:
    """Write the config that SDK and CLI find from here, and an ignore file if there is none.

    Raises:
        UserErrorException: the path is a file, or its name cannot name an experiment.
    """
    folder = Path(asked.path).resolve()
    if folder.is_file():
        raise UserErrorException(f"{folder} is a file; a folder is attached.")
    experiment = _experiment(asked.experiment_name or folder.name)
    workspace = workspace_of(asked)
    workspace._checked()
    config = folder / places.CONFIG_FOLDER / places.CONFIG_FILE
    config.parent.mkdir(parents=True, exist_ok=True)
    url = workspace._transport.url
    told = {"url": url, "workspace": workspace.name, "experiment": experiment}
    config.write_text(json.dumps(told, indent=1) + "\n")
    ignore = folder / places.AML_IGNORE
    if not ignore.exists():
        ignore.write_text("\n".join(_IGNORED) + "\n")
    attached = {"experimentName": experiment, "workspaceName": workspace.name, "url": url}
    show(asked, {**attached, "projectPath": str(folder)})


def _experiment(name: str) -> str:
    if not re.fullmatch(limits.EXPERIMENT_PATTERN, name):
        raise UserErrorException(
            f'"{name}" cannot name an experiment: 1 to 255 letters, digits, - or _. '
            "Give a name with --experiment-name."
        )
    return name
