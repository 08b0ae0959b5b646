"""Getting in: by password, by a link that works once, by a new password; and out again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from runs.actions import accounts, passwords, second_steps
from runs.actions.refused import Refused
from runs.mails import send_reset
from runs.models import SignInLink
from runs.peers import address_of
from runs.sso import problems
from runs.views import idle
from runs.views.doors import CAME, SINGLE_SIGN_ON, public
from studio.contract.errors import HTTP_STATUS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from runs.models import User

_BACKEND = "django.contrib.auth.backends.ModelBackend"
# In the session: who has shown their password, and not yet their second step.
WAITS = "waits_for_second_step"
_AGENT = 300


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password."""
    way_on = wanted(request)
    shown = {"next": way_on, "single_sign_on": settings.OIDC_NAME if problems.is_on() else ""}
    if request.method != "POST":
        return render(request, "account/sign_in.html", shown)
    username = request.POST.get("username", "").strip()
    try:
        password = request.POST.get("password", "")
        user = passwords.sign_in(username, password, address=address_of(request))
    except Refused as refused:
        told = {**shown, "problem": refused, "username": username}
        return refusal(request, "account/sign_in.html", refused, told)
    return come_in(request, user, way_on or reverse("home"))


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def use_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign this browser in. Only a POST does, which the page sends: a preview uses nothing up."""
    try:
        if request.method != "POST":
            accounts.whose_link(secret, SignInLink.SIGN_IN)
            return render(request, "account/use_link.html")
        user = accounts.use_sign_in_link(secret, address=address_of(request))
    except Refused as refused:
        if request.user.is_authenticated:
            return redirect("home")
        return refusal(request, "account/sign_in.html", refused, {"problem": refused})
    return come_in(request, user, reverse("home" if user.has_usable_password() else "password"))


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign this browser out. At a provider of single sign-on it stays signed in, which is said."""
    came = request.session.get(CAME, {})
    logout(request)
    if came.get("by") == SINGLE_SIGN_ON:
        return redirect("signed_out")
    return redirect("sign_in")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send a link for a new password, or say who can make one."""
    told = {"has_email": settings.HAS_EMAIL}
    if request.method != "POST" or not settings.HAS_EMAIL:
        return render(request, "account/forgotten.html", told)
    try:
        name = request.POST.get("name", "").strip()
        passwords.ask_reset(name, address=address_of(request), send=send_reset)
    except Refused as refused:
        return refusal(request, "account/forgotten.html", refused, {**told, "problem": refused})
    return render(request, "account/forgotten.html", {**told, "is_sent": True})


@public
@never_cache
@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: HttpRequest, secret: str) -> HttpResponse:
    """Set a new password by a link, and sign this browser in."""
    told: dict[str, object] = {}
    try:
        told["person"] = accounts.whose_link(secret, SignInLink.PASSWORD)
        if request.method != "POST":
            return render(request, "account/reset.html", told)
        user = passwords.reset(secret, new_password(request), address=address_of(request))
    except Refused as refused:
        return refusal(request, "account/reset.html", refused, {**told, "problem": refused})
    messages.success(request, "Your new password is set. Other browsers were signed out.")
    return come_in(request, user, reverse("home"))


def come_in(request: HttpRequest, user: User, way_on: str) -> HttpResponse:
    """Sign this browser in, or ask first for the second step of who has one."""
    if not second_steps.is_on(user):
        enter(request, user)
        return redirect(way_on)
    request.session.cycle_key()
    request.session[WAITS] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "at": time.time(),
        "next": way_on,
    }
    return redirect("second_step_code")


def enter(request: HttpRequest, user: User, by: str = "") -> None:
    """Sign this browser in, and note from where; ``by`` is ``SINGLE_SIGN_ON``, or one of our own ways."""
    request.session.pop(WAITS, None)
    login(request, user, backend=_BACKEND)
    request.session[idle.USED] = time.time()
    request.session[CAME] = {
        "by": by,
        "at": timezone.now().isoformat(),
        "address": address_of(request),
        "agent": request.headers.get("User-Agent", "")[:_AGENT],
    }


def new_password(request: HttpRequest) -> str:
    """Return the new password of a form; refuses one that was not typed alike twice."""
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        raise passwords.unlike()
    return new


def wanted(request: HttpRequest) -> str:
    """Return the page that somebody wanted before they had to sign in: one of ours, or none."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, {request.get_host()}) else ""


def refusal(
    request: HttpRequest, template: str, refused: Refused, told: dict[str, object]
) -> HttpResponse:
    """Show a form once more, with what was wrong."""
    return render(request, template, told, status=HTTP_STATUS[refused.code])
