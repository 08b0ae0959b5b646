"""How members and invitations look in answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runs.documents import time, who

if TYPE_CHECKING:
    from runs.models import Invitation, Membership


def member_document(member: Membership, *, second_step: bool | None) -> dict[str, Any]:
    """Return a member; ``second_step`` is None for whom it does not concern."""
    return {
        "user": who(member.user),
        "role": member.role,
        "active": member.user.is_active,
        "secondStep": second_step,
        "createdUtc": time(member.created_at),
    }


def invitation_document(invitation: Invitation) -> dict[str, Any]:
    """Return an invitation, without its link: that is told once, to who made it."""
    return {
        "id": str(invitation.pk),
        "role": invitation.role,
        "email": invitation.email,
        "createdBy": who(invitation.created_by),
        "createdUtc": time(invitation.created_at),
        "expiresUtc": time(invitation.expires_at),
    }
