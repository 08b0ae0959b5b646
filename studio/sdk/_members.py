"""Who belongs to a workspace, and who is invited to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.sdk._workspace import Workspace

Told = dict[str, Any]


def known(workspace: Workspace) -> list[Told]:
    """Return the members, by user name."""
    items: list[Told] = workspace._transport.api("GET", "members").json()["items"]
    return items


def change_role(workspace: Workspace, user: str, role: str) -> Told:
    """Give a member another role."""
    told: Told = workspace._transport.api("PATCH", "members", user, json={"role": role}).json()
    return told


def remove(workspace: Workspace, user: str) -> Told:
    """End a membership."""
    told: Told = workspace._transport.api("DELETE", "members", user).json()
    return told


def invitations(workspace: Workspace) -> list[Told]:
    """Return the invitations that can still be accepted."""
    items: list[Told] = workspace._transport.api("GET", "invitations").json()["items"]
    return items


def invite(workspace: Workspace, role: str, email: str) -> Told:
    """Return a new invitation, with its link."""
    body = {"role": role, "email": email}
    told: Told = workspace._transport.api("POST", "invitations", json=body).json()
    return told


def take_back(workspace: Workspace, id: str) -> Told:
    """End an invitation that nobody has accepted."""
    told: Told = workspace._transport.api("DELETE", "invitations", id).json()
    return told
