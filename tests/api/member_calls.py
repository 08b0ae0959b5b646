"""Members and invitations for the calls of every route."""

from __future__ import annotations

from typing import Any

from runs.models import Invitation

_WS = "/workspaces/{ws}"
# What stands behind the workspace, the body, and the status of a good answer.
MEMBER_CASES: dict[tuple[str, str], tuple[Any, ...]] = {
    ("GET", f"{_WS}/members"): ("/members",),
    ("PATCH", f"{_WS}/members/{{username}}"): ("/members/rita", {"role": "contributor"}),
    ("DELETE", f"{_WS}/members/{{username}}"): ("/members/rita",),
    ("GET", f"{_WS}/invitations"): ("/invitations",),
    ("POST", f"{_WS}/invitations"): ("/invitations", {"role": "reader"}, 201),
    ("DELETE", f"{_WS}/invitations/{{invitation}}"): ("/invitations/{invitation}",),
}


def known_invitation() -> str:
    """Return the number of the one invitation."""
    return str(Invitation.objects.get().pk)
