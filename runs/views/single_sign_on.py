"""Single sign-on: to the provider, back from it, and what there is to say when it fails."""

from __future__ import annotations

import hmac
import secrets
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runs.access import Actor
from runs.actions import audit, identities
from runs.actions.identities import Visitor
from runs.actions.refused import Refused
from runs.mails import public_link
from runs.peers import address_of
from runs.sso import problems, provider
from runs.sso.problems import SignOnError
from runs.views.account import actor, person
from runs.views.doors import SINGLE_SIGN_ON, public, signed_in
from runs.views.sign_in import enter, refusal, wanted
from studio.contract.errors import Code

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# Seconds that somebody may take at the provider, and to type a password afterwards.
_PATIENCE = 600
# In the session: the attempt that this browser has begun; and who has come back, still to be proved.
_BEGUN, _VISITOR = "single_sign_on", "visitor"
_FAILED = "account/single_sign_on.html"


@public
@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Lead to the provider."""
    _check_on()
    attempt = provider.Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))
    try:
        place = provider.way_in(attempt, public_link("single_sign_on_back"))
    except SignOnError as error:
        return _failed(request, str(error))
    request.session[_BEGUN] = {
        "state": attempt.state,
        "nonce": attempt.nonce,
        "verifier": attempt.verifier,
        "at": time.time(),
        "next": wanted(request),
    }
    return redirect(place)


@public
@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Take whom the provider has sent back."""
    _check_on()
    begun = request.session.pop(_BEGUN, None)
    try:
        attempt = _attempt(request, begun)
        code = request.GET.get("code", "")
        claims = provider.claims(code, attempt, public_link("single_sign_on_back"))
        visitor = Visitor.of_claims(claims)
        user = identities.arrive(visitor, address=address_of(request))
    except SignOnError as error:
        return _failed(request, str(error))
    except Refused as refused:
        return _failed(request, refused.detail, refused.hint)
    if user is None:
        request.session[_VISITOR] = {
            "who": visitor.as_dict(),
            "at": time.time(),
            "next": begun["next"],
        }
        return redirect("single_sign_on_connect")
    enter(request, user, SINGLE_SIGN_ON)
    return redirect(begun["next"] or "home")


@public
@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Let somebody prove once that the account with their e-mail address is theirs."""
    waits = request.session.get(_VISITOR)
    if waits is None or time.time() - waits["at"] > _PATIENCE:
        return redirect("sign_in")
    visitor, told = Visitor(**waits["who"]), {"name": settings.OIDC_NAME}
    try:
        shown: dict[str, Any] = {**told, "visitor": visitor, "user": identities.namesake(visitor)}
        if request.method != "POST":
            return render(request, "account/connect.html", shown)
        password, code = request.POST.get("password", ""), request.POST.get("code", "")
        user = identities.connect(visitor, password, code, address=address_of(request))
    except Refused as refused:
        if refused.code is Code.FORBIDDEN:
            return _failed(request, refused.detail, refused.hint)
        return refusal(request, "account/connect.html", refused, {**shown, "problem": refused})
    del request.session[_VISITOR]
    enter(request, user, SINGLE_SIGN_ON)
    messages.success(request, f"From now on {settings.OIDC_NAME} signs you in.")
    return redirect(waits["next"] or "home")


@signed_in
@require_POST
@sensitive_post_parameters("current")
def disconnect(request: HttpRequest) -> HttpResponse:
    """Let nobody in by single sign-on as this person any more."""
    try:
        password = request.POST.get("current", "")
        identities.disconnect(person(request), password, by=actor(request))
    except Refused as refused:
        messages.error(request, f"{refused.detail} {refused.hint}".strip())
    else:
        messages.success(request, "Disconnected: your password signs you in.")
    return redirect("profile")


@public
@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Say that the provider goes on, and where it is left."""
    told = {"name": settings.OIDC_NAME, "way_out": provider.way_out()}
    return render(request, "account/signed_out.html", told)


def _attempt(request: HttpRequest, begun: dict[str, Any] | None) -> provider.Attempt:
    """Return the attempt that this answer belongs to; refuses one that this browser has not begun."""
    asked = request.GET
    if begun is None:
        raise SignOnError("This browser has not begun to sign in, or did so already.")
    if not hmac.compare_digest(asked.get("state", "").encode(), begun["state"].encode()):
        raise SignOnError("This answer belongs to another attempt to sign in.")
    if time.time() - begun["at"] > _PATIENCE:
        raise SignOnError("That took too long.")
    if asked.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:
        raise SignOnError("This answer is by another provider.")
    if "error" in asked:
        word = asked["error"][:100]
        said = asked.get("error_description", "")[:300]
        raise SignOnError(f"It says: {word}{': ' if said else ''}{said}")
    return provider.Attempt(begun["state"], begun["nonce"], begun["verifier"])


def _failed(request: HttpRequest, reason: str, hint: str = "") -> HttpResponse:
    nobody = Actor("nobody", "", address=address_of(request))
    audit.record(nobody, "sign_in.fail", after={"by": SINGLE_SIGN_ON, "reason": reason})
    told = {"name": settings.OIDC_NAME, "reason": reason, "hint": hint}
    return render(request, _FAILED, told, status=403)


def _check_on() -> None:
    if not problems.is_on():
        raise Http404(f"No provider is set: {reverse('sign_in')} asks for a password.")
