"""Custom views of the list All runs, by slug or name, and how runs are sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from studio.sdk._exceptions import UserErrorException

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.sdk._workspace import Workspace

_NAMED = 20


class NoView(UserErrorException):
    """There is no such view, or it is not shared with this person."""


def known(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the views that this person may see."""
    items: list[dict[str, Any]] = workspace._transport.api("GET", "views").json()["items"]
    return items


def slug_of(workspace: Workspace, wanted: str) -> str:
    """Return the slug of the view of that slug or name.

    Raises:
        NoView: there is none.
        UserErrorException: several have that name.
    """
    views = known(workspace)
    found = [v["slug"] for v in views if v["slug"] == wanted]
    found = found or [v["slug"] for v in views if v["name"] == wanted]
    if len(found) == 1:
        return str(found[0])
    if found:
        raise UserErrorException(
            f'Several views are called "{wanted}"; name one: {", ".join(found)}'
        )
    slugs = ", ".join(v["slug"] for v in views[:_NAMED]) or "none"
    raise NoView(f'There is no view "{wanted}". Views: {slugs}.')


def sorting(sort: str | Sequence[str] | None) -> str | None:
    """Return what to sort by as the studio reads it; of a list, each may hold a comma."""
    if sort is None or isinstance(sort, str):
        return sort
    return ",".join(quote(name, safe=":") for name in sort)
