"""The page that an invitation leads to: for somebody new, and for who has an account already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from runs.actions import invitations
from runs.actions.refused import Refused
from runs.models import User
from runs.peers import address_of
from runs.views.doors import public
from runs.views.sign_in import enter, new_password, refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from runs.models import Workspace


@public
@never_cache
@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """Show what the invitation is to; or accept it, with a new account for who has none."""
    told: dict[str, object] = {
        "username": request.POST.get("username", "").strip(),
        "name": request.POST.get("name", "").strip(),
    }
    try:
        told["invitation"] = invitations.find(secret)
        if request.method != "POST":
            return render(request, "account/invitation.html", told)
        workspace = _accept(request, secret)
    except Refused as refused:
        return refusal(request, "account/invitation.html", refused, {**told, "problem": refused})
    messages.success(request, f"Welcome to {workspace.name}.")
    return redirect("runs", ws=workspace.name)


def _accept(request: HttpRequest, secret: str) -> Workspace:
    address = address_of(request)
    if isinstance(request.user, User):
        return invitations.accept(secret, request.user, address=address)
    user, workspace = invitations.join_anew(
        secret,
        username=request.POST.get("username", "").strip(),
        name=request.POST.get("name", "").strip(),
        password=new_password(request),
        address=address,
    )
    enter(request, user)
    return workspace
