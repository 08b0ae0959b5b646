"""The commands ``studio view …``."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from studio.cli.connecting import workspace_of
from studio.cli.ending import NOT_FOUND, CommandError
from studio.cli.printing import show as print_result
from studio.sdk import _views

if TYPE_CHECKING:
    import argparse

    from studio.sdk import Workspace


def show_all(asked: argparse.Namespace) -> None:
    """List the views that this person may see."""
    print_result(asked, _views.known(workspace_of(asked)))


def show(asked: argparse.Namespace) -> None:
    """List the runs that a view shows, in its own order."""
    workspace = workspace_of(asked)
    slug = slug_of(workspace, asked.view)
    query = {"limit": min(asked.last, 500)}
    runs = workspace._transport.pages("views", slug, "runs", query=query)
    print_result(asked, list(islice(runs, asked.last)))


def slug_of(workspace: Workspace, wanted: str) -> str:
    """Return the slug of the view of that slug or name.

    Raises:
        CommandError: there is none.
        UserErrorException: several have that name.
    """
    try:
        return _views.slug_of(workspace, wanted)
    except _views.NoView as error:
        raise CommandError(str(error), NOT_FOUND) from None
