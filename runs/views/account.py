"""What people see of their own account, and the way to the workspace they used last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runs.access import Actor
from runs.actions import accounts, identities, passwords, sessions
from runs.actions.refused import Refused
from runs.models import Workspace
from runs.peers import address_of
from runs.sso import problems
from runs.views.doors import CAME, signed_in
from runs.views.sign_in import new_password, refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from runs.models import Session, User

LAST_WORKSPACE = "last_workspace"


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Open the workspace used last, or the first of one's own."""
    user = person(request)
    last = last_workspace(request) or accounts.first_workspace(user)
    if last is None:
        return render(request, "account/no_workspace.html")
    return redirect("runs", ws=last.name)


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change how a person is called and where mails reach them."""
    user = person(request)
    asked = request.POST
    shown = {
        "single_sign_on": settings.OIDC_NAME if problems.is_on() else "",
        "is_connected": identities.is_connected(user),
    }
    if request.method != "POST":
        told = {"name": user.name, "email": user.email, **shown}
        return render(request, "account/profile.html", told)
    new = {"name": asked.get("name", "").strip(), "email": asked.get("email", "").strip()}
    try:
        accounts.edit_profile(user, by=actor(request), **new)
    except Refused as refused:
        told = {**new, **shown, "problem": refused}
        return refusal(request, "account/profile.html", refused, told)
    messages.success(request, "Saved.")
    return redirect("profile")


@signed_in
@never_cache
@sensitive_post_parameters("current", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Set a password, or change it; other browsers are signed out."""
    user = person(request)
    had_one = user.has_usable_password()
    told: dict[str, Any] = {"has_password": had_one, "may_skip": settings.IS_LAPTOP}
    if request.method != "POST":
        return render(request, "account/password.html", told)
    try:
        passwords.change(
            user,
            current=request.POST.get("current", ""),
            new=new_password(request),
            by=actor(request),
            keep=request.session.session_key or "",
        )
    except Refused as refused:
        return refusal(request, "account/password.html", refused, {**told, "problem": refused})
    update_session_auth_hash(request, user)
    said = "changed. Other browsers were signed out." if had_one else "set."
    messages.success(request, f"Your password is {said}")
    return redirect("password" if had_one else "home")


@signed_in
@never_cache
@require_safe
def all_sessions(request: HttpRequest) -> HttpResponse:
    """Show the browsers that a person has signed in with."""
    shown = [_session(each, request) for each in sessions.of(person(request))]
    return render(request, "account/sessions.html", {"sessions": shown})


@signed_in
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one session, or all but this one."""
    told = request.POST.get("session", "")
    try:
        if told:
            sessions.end(person(request), told, by=actor(request))
        else:
            key = request.session.session_key or ""
            sessions.end_all(person(request), by=actor(request), keep=key)
    except Refused as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, "That browser is signed out." if told else "All others are.")
    return redirect("sessions")


def person(request: HttpRequest) -> User:
    """Return who has signed in."""
    user: User = request.user  # type: ignore[assignment]
    return user


def actor(request: HttpRequest) -> Actor:
    """Return who has signed in, as somebody that acts."""
    return Actor.of_user(person(request), address_of(request))


def last_workspace(request: HttpRequest) -> Workspace | None:
    """Return the workspace that a signed-in person has used last and may still see."""
    name = request.session.get(LAST_WORKSPACE)
    return Workspace.objects.visible_to(person(request)).filter(name=name).first() if name else None


def _session(session: Session, request: HttpRequest) -> dict[str, Any]:
    came = session.get_decoded().get(CAME, {})
    return {
        "id": sessions.public_id(session.session_key),
        "at": parse_datetime(came.get("at", "")),
        "address": came.get("address", ""),
        "agent": came.get("agent", ""),
        "is_this": session.session_key == request.session.session_key,
    }
