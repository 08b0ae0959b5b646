"""The commands ``studio experiment …``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.cli.connecting import workspace_of
from studio.cli.printing import show

if TYPE_CHECKING:
    import argparse


def show_all(asked: argparse.Namespace) -> None:
    """List the active experiments."""
    show(asked, list(workspace_of(asked)._transport.pages("experiments", query={"limit": 500})))
