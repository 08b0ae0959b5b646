"""The page of a person's API tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from runs.actions import tokens
from runs.actions.refused import Refused
from runs.views.account import actor, person
from runs.views.doors import signed_in
from runs.views.sign_in import refusal
from studio.contract import limits
from studio.contract.errors import Code
from studio.contract.words import Scope

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# What each scope is for, in the order of the form.
SCOPES = (
    (Scope.READ, "Read", "see runs and what belongs to them"),
    (Scope.WRITE, "Write", "start, log, edit and cancel runs, and all else that you may"),
    (Scope.AGENT, "Run agent", "take runs of a compute target, and scripts submitted to “local”"),
)
LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "until it is revoked"))
_CHOSEN = {"scopes": [Scope.READ, Scope.WRITE], "days": str(limits.TOKEN_DAYS), "name": ""}


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def all_tokens(request: HttpRequest) -> HttpResponse:
    """Show a person's tokens; or make one, which is shown this once."""
    if request.method != "POST":
        return _show(request, _CHOSEN)
    asked = {
        "scopes": request.POST.getlist("scope"),
        "days": request.POST.get("days", ""),
        "name": request.POST.get("name", "").strip(),
    }
    try:
        plain, token = tokens.make(
            person(request),
            str(asked["name"]),
            by=actor(request),
            scopes=list(asked["scopes"]),
            days=_days(str(asked["days"])),
        )
    except Refused as refused:
        return _show(request, asked, refused)
    return _show(request, _CHOSEN, made=token, plain=plain, url=settings.PUBLIC_URL)


@signed_in
@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    """End a token now."""
    try:
        number = request.POST.get("token", "")
        token = tokens.revoke_own(person(request), number, by=actor(request))
    except Refused as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, f"{token.name} opens nothing any more.")
    return redirect("tokens")


def _days(text: str) -> float | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise Refused(Code.BAD_REQUEST, "This is no number of days.", field="days")
    return int(text)


def _show(
    request: HttpRequest, asked: dict[str, Any], refused: Refused | None = None, **shown: Any
) -> HttpResponse:
    told = {
        "tokens": tokens.of(person(request)),
        "scopes": SCOPES,
        "lives": LIVES,
        "asked": asked,
        "problem": refused,
        **shown,
    }
    if refused is None:
        return render(request, "account/tokens.html", told)
    return refusal(request, "account/tokens.html", refused, told)
