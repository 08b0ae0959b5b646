"""The command ``studio folder attach``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.connecting import workspace_of
from studio.contract import places

if TYPE_CHECKING:
    import argparse

_IGNORED = (".git", ".studio", ".ipynb_checkpoints", "__pycache__", "outputs", "logs", "assets")


def attach(asked: argparse.Namespace) -> None:
    """Write the config that SDK and CLI find from here, and an ignore file if there is none."""
    workspace = workspace_of(asked)
    workspace._checked()
    folder = Path(asked.path)
    config = folder / places.CONFIG_FOLDER / places.CONFIG_FILE
    config.parent.mkdir(parents=True, exist_ok=True)
    told = {"url": workspace._transport.url, "workspace": workspace.name}
    if asked.experiment_name:
        told["experiment"] = asked.experiment_name
    config.write_text(json.dumps(told, indent=1) + "\n")
    ignore = folder / places.AML_IGNORE
    if not ignore.exists():
        ignore.write_text("\n".join(_IGNORED) + "\n")
    print(f"{folder.resolve()} belongs to the workspace {workspace.name} now.")
