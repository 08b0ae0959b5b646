"""The commands ``studio member …`` and ``studio invitation …``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from studio.cli.connecting import workspace_of
from studio.cli.ending import USAGE, CommandError
from studio.cli.printing import show as print_result

if TYPE_CHECKING:
    import argparse


def show_all(asked: argparse.Namespace) -> None:
    """List who belongs to the workspace."""
    print_result(asked, workspace_of(asked).list_members())


def change_role(asked: argparse.Namespace) -> None:
    """Give a member another role."""
    print_result(asked, workspace_of(asked).change_role(asked.user, asked.role))


def remove(asked: argparse.Namespace) -> None:
    """End a membership, once somebody has said that it is meant."""
    workspace = workspace_of(asked)
    if not asked.yes:
        _ask(f"Remove {asked.user} from {workspace.name}?")
    print_result(asked, workspace.remove_member(asked.user))


def show_invitations(asked: argparse.Namespace) -> None:
    """List the open invitations."""
    print_result(asked, workspace_of(asked).list_invitations())


def invite(asked: argparse.Namespace) -> None:
    """Make an invitation; its link is shown this once."""
    print_result(asked, workspace_of(asked).invite(asked.role, asked.email))


def take_back(asked: argparse.Namespace) -> None:
    """End an invitation that nobody has accepted."""
    print_result(asked, workspace_of(asked).take_back_invitation(asked.id))


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise CommandError(f"{question} Say --yes where nobody can answer.", USAGE)
    sys.stderr.write(f"{question} (y/N) ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CommandError("Nothing was changed.", USAGE)
