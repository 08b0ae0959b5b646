"""The members of a workspace and its open invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from runs import mails
from runs.access import Right
from runs.actions import accounts, invitations, members, second_steps
from runs.actions.refused import Refused
from runs.views.doors import Visit, in_workspace
from runs.views.sign_in import refusal
from studio.contract.errors import Code
from studio.contract.words import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from runs.models import Membership


@never_cache
@require_safe
@in_workspace(Right.VIEW)
def show(visit: Visit) -> HttpResponse:
    """Show who belongs here."""
    return _show(visit)


@never_cache
@require_POST
@in_workspace(Right.MANAGE)
def invite(visit: Visit) -> HttpResponse:
    """Make an invitation; its link is shown this once, and mailed if there is an address."""
    asked = visit.request.POST
    email = asked.get("email", "").strip()
    try:
        role = members.role_named(asked.get("role", ""))
        secret, _ = invitations.invite(visit.workspace, role, by=visit.actor, email=email)
    except Refused as refused:
        return _show(visit, refused)
    link = mails.public_link("accept", secret)
    is_mailed = mails.send_invitation(
        email, link, by=visit.actor.user, workspace=visit.workspace, role=role
    )
    return _show(visit, link=link, link_for=f"a {role} of {visit.workspace.name}", mailed=is_mailed)


@require_POST
@in_workspace(Right.MANAGE)
def take_back(visit: Visit, number: str) -> HttpResponse:
    """End an invitation that nobody has accepted."""
    return _do(visit, lambda: invitations.take_back(visit.workspace, number, by=visit.actor))


@require_POST
@in_workspace(Right.MANAGE)
def change_role(visit: Visit, username: str) -> HttpResponse:
    """Give a member another role."""
    member = _member(visit, username)
    word = visit.request.POST.get("role", "")
    return _do(visit, lambda: members.change_role(member, members.role_named(word), by=visit.actor))


@require_POST
@in_workspace(Right.MANAGE)
def remove(visit: Visit, username: str) -> HttpResponse:
    """End somebody's membership."""
    member = _member(visit, username)
    return _do(visit, lambda: members.remove(member, by=visit.actor))


@require_POST
@in_workspace(Right.VIEW)
def leave(visit: Visit) -> HttpResponse:
    """End one's own membership."""
    member = _member(visit, visit.actor.name)
    try:
        members.remove(member, by=visit.actor)
    except Refused as refused:
        return _show(visit, refused)
    messages.success(visit.request, f"You have left {visit.workspace.name}.")
    return redirect("workspaces")


@never_cache
@require_POST
@in_workspace(Right.MANAGE)
def make_link(visit: Visit, username: str) -> HttpResponse:
    """Make a link by which a member sets a new password; it is shown this once."""
    member = _member(visit, username)
    try:
        secret = accounts.link_for(member.user, by=visit.actor)
    except Refused as refused:
        return _show(visit, refused)
    link = mails.public_link("reset_password", secret)
    return _show(visit, link=link, link_for=f"{member.user} to choose a new password")


def _member(visit: Visit, username: str) -> Membership:
    try:
        return members.find(visit.workspace, username)
    except Refused as refused:
        raise Http404(refused.detail) from None


def _do(visit: Visit, change: Callable[[], object]) -> HttpResponse:
    try:
        change()
    except Refused as refused:
        if refused.code is Code.NOT_FOUND:
            raise Http404(refused.detail) from None
        return _show(visit, refused)
    messages.success(visit.request, "Saved.")
    return redirect("members", ws=visit.workspace.name)


def _show(visit: Visit, refused: Refused | None = None, **shown: Any) -> HttpResponse:
    belong = members.of(visit.workspace)
    may_manage = visit.may(Right.MANAGE)
    strangers = (
        accounts.strangers_among([each.user for each in belong], visit.actor)
        if may_manage
        else {each.user_id for each in belong}
    )
    secured = second_steps.who_has_one(each.user for each in belong) if may_manage else set()
    told = {
        "visit": visit,
        "settings": True,
        "workspace": visit.workspace,
        "may_manage": may_manage,
        "members": [
            (each, each.user_id not in strangers, each.user_id in secured) for each in belong
        ],
        "invitations": invitations.open_ones(visit.workspace) if may_manage else [],
        "roles": list(Role),
        "has_email": settings.HAS_EMAIL,
        "problem": refused,
        **shown,
    }
    if refused is None:
        return render(visit.request, "workspaces/members.html", told)
    return refusal(visit.request, "workspaces/members.html", refused, told)
