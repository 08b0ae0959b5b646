"""The commands ``studio view …``."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from studio.cli.connecting import workspace_of
from studio.cli.ending import NOT_FOUND, CommandError
from studio.cli.printing import show as print_result

if TYPE_CHECKING:
    import argparse

    from studio.sdk import Workspace


def show_all(asked: argparse.Namespace) -> None:
    """List the views that this person may see."""
    print_result(asked, _views(workspace_of(asked)))


def show(asked: argparse.Namespace) -> None:
    """List the runs that a view shows, newest first."""
    workspace = workspace_of(asked)
    slug = _slug(_views(workspace), asked.view)
    query = {"limit": min(asked.last, 500)}
    runs = workspace._transport.pages("views", slug, "runs", query=query)
    print_result(asked, list(islice(runs, asked.last)))


def _views(workspace: Workspace) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = workspace._transport.api("GET", "views").json()["items"]
    return items


def _slug(views: list[dict[str, Any]], wanted: str) -> str:
    found = [v["slug"] for v in views if v["slug"] == wanted]
    found = found or [v["slug"] for v in views if v["name"] == wanted]
    if len(found) == 1:
        return str(found[0])
    if found:
        raise CommandError(f'Several views are called "{wanted}"; name one: {", ".join(found)}')
    known = ", ".join(v["slug"] for v in views[:20]) or "none"
    raise CommandError(f'There is no view "{wanted}". Views: {known}.', NOT_FOUND)
