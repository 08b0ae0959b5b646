"""The commands ``studio experiment …``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.cli.connecting import workspace_of
from studio.cli.printing import show

if TYPE_CHECKING:
    import argparse


def show_all(asked: argparse.Namespace) -> None:
    """List the experiments, newest first: the active ones, the archived ones, or all."""
    view = "all" if asked.all else "archived" if asked.archived else "active"
    query = {"limit": 500, "view": view}
    show(asked, list(workspace_of(asked)._transport.pages("experiments", query=query)))
