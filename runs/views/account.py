"""Signing in by a one-time link, and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import login, logout
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from runs.actions import accounts
from runs.actions.refused import Refused
from runs.models import Workspace
from runs.views.doors import public, signed_in

if TYPE_CHECKING:
    from django.http import HttpRequest

    from runs.models import User

_BACKEND = "django.contrib.auth.backends.ModelBackend"
LAST_WORKSPACE = "last_workspace"


@public
@never_cache
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Say how to get in."""
    return render(request, "account/sign_in.html")


@public
@never_cache
def use_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign this browser in. Only GET does: a preview that asks for the head uses nothing up."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    try:
        user = accounts.use_sign_in_link(secret)
    except Refused as refused:
        if request.user.is_authenticated:
            return redirect("home")
        return render(request, "account/sign_in.html", {"problem": refused}, status=404)
    login(request, user, backend=_BACKEND)
    return redirect("home")


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign this browser out."""
    logout(request)
    return redirect("sign_in")


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Open the workspace used last, or the first of one's own."""
    user: User = request.user  # type: ignore[assignment]
    last = last_workspace(request) or Workspace.objects.visible_to(user).order_by("name").first()
    if last is None:
        return render(request, "account/no_workspace.html")
    return redirect("runs", ws=last.name)


def last_workspace(request: HttpRequest) -> Workspace | None:
    """Return the workspace that a signed-in person has used last and may still see."""
    name = request.session.get(LAST_WORKSPACE)
    user: User = request.user  # type: ignore[assignment]
    return Workspace.objects.visible_to(user).filter(name=name).first() if name else None
