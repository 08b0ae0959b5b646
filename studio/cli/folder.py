"""The command ``studio folder attach``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.connecting import workspace_of
from studio.cli.ending import NOT_FOUND, CommandError
from studio.cli.printing import show
from studio.contract import limits, places
from studio.sdk import UserErrorException

if TYPE_CHECKING:
    import argparse

_IGNORED = (".git", ".studio", ".ipynb_checkpoints", "__pycache__", "outputs", "logs", "assets")
_SAMPLE = """\
# A run configuration: what studio run submit-script -c local runs.
# What the command line says wins over this file.

# The script's path in this folder, and its arguments, for example ["--lr", "0.1"].
script:
arguments: []
# "local" is the machine that submits; or the name of one of the studio's compute targets.
target: local
# The run is stopped after this time: 30 days.
maxRunDurationSeconds: 2592000
environment:
  python:
    # The Python of the target that runs the script. Nothing is installed there.
    interpreterPath: python
environmentVariables: {}
"""


def attach(asked: argparse.Namespace) -> None:
    """Write the config that SDK and CLI find from here; samples only where there are none.

    Raises:
        CommandError: the path is a file, or its name cannot name an experiment.
    """
    folder = Path(asked.path).resolve()
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file; a folder is attached.")
    experiment = _experiment(asked.experiment_name or folder.name)
    workspace = workspace_of(asked)
    try:
        workspace._checked()
    except UserErrorException as error:
        raise CommandError(str(error), NOT_FOUND) from None
    url = workspace._transport.url
    _write(folder, {"url": url, "workspace": workspace.name, "experiment": experiment})
    attached = {"experimentName": experiment, "workspaceName": workspace.name, "url": url}
    show(asked, {**attached, "projectPath": str(folder)})


def _write(folder: Path, told: dict[str, str]) -> None:
    config = folder / places.CONFIG_FOLDER / places.CONFIG_FILE
    was = _read(config) if config.is_file() else None
    config.parent.mkdir(parents=True, exist_ok=True)
    if was and was.get("credentials") and was.get("url") == told["url"]:
        told = {**told, "credentials": was["credentials"]}
    config.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if was is not None:
        return
    samples = {
        config.parent / "local.runconfig": _SAMPLE,
        folder / places.AML_IGNORE: _ignored(folder),
    }
    for path, text in samples.items():
        if not path.exists():
            path.write_text(text, encoding="utf-8")


def _read(config: Path) -> dict[str, Any]:
    """Return what a config says; one that says nothing is written anew."""
    try:
        told = json.loads(config.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _ignored(folder: Path) -> str:
    """Return the lines of an ignore file: with it a .gitignore counts no more, so its lines go in."""
    git = folder / places.GIT_IGNORE
    known = git.read_text(encoding="utf-8", errors="replace").splitlines() if git.is_file() else []
    return "\n".join([*_IGNORED, *(line for line in known if line not in _IGNORED)]) + "\n"


def _experiment(name: str) -> str:
    if not re.fullmatch(limits.EXPERIMENT_PATTERN, name):
        raise CommandError(
            f'"{name}" cannot name an experiment: 1 to 255 letters, digits, - or _. '
            "Give a name with --experiment-name."
        )
    return name
