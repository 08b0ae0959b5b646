"""The second step: asked for behind the password, and set up on one's account."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from runs import one_time_codes
from runs.actions import second_steps
from runs.actions.refused import Refused
from runs.models import User
from runs.peers import address_of
from runs.views.account import actor, person
from runs.views.doors import public, signed_in
from runs.views.sign_in import WAITS, enter, refusal
from studio.contract.errors import Code

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# Seconds between the password and the code.
_PATIENCE = 600
# In the session: the salt of an app that is being set up.
_NEW = "new_second_step"
_PAGE = "account/second_step.html"


@public
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask who has shown their password for their second step."""
    user = _who_waits(request)
    if user is None:
        return redirect("sign_in")
    if request.method != "POST":
        return render(request, "account/second_step_code.html")
    try:
        code = request.POST.get("code", "")
        second_steps.check(user, code, address=address_of(request))
    except Refused as refused:
        told: dict[str, object] = {"problem": refused}
        return refusal(request, "account/second_step_code.html", refused, told)
    way_on = request.session.pop(WAITS)["next"]
    enter(request, user)
    return redirect(way_on)


@signed_in
@never_cache
@sensitive_post_parameters("current", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def of_account(request: HttpRequest) -> HttpResponse:
    """Show a person's second step; set it up, renew its recovery codes, or remove it."""
    if request.method != "POST":
        return render(request, _PAGE, _told(request))
    acts = {"begin": _begin, "confirm": _confirm, "codes": _renew_codes, "remove": _remove}
    try:
        act = acts.get(request.POST.get("action", ""))
        if act is None:
            raise Refused(Code.BAD_REQUEST, "There is no such action.", field="action")
        return act(request)
    except Refused as refused:
        return refusal(request, _PAGE, refused, {**_told(request), "problem": refused})


def _begin(request: HttpRequest) -> HttpResponse:
    password = request.POST.get("current", "")
    request.session[_NEW] = second_steps.begin(person(request), password, by=actor(request))
    return redirect("second_step")


def _confirm(request: HttpRequest) -> HttpResponse:
    salt = request.session.get(_NEW)
    if salt is None:
        raise Refused(Code.CONFLICT, "Nothing is being set up.", hint="Begin with your password.")
    codes = second_steps.set_up(
        person(request),
        salt,
        request.POST.get("code", ""),
        by=actor(request),
        keep=request.session.session_key or "",
    )
    del request.session[_NEW]
    return render(request, _PAGE, {**_told(request), "codes": codes})


def _renew_codes(request: HttpRequest) -> HttpResponse:
    password = request.POST.get("current", "")
    codes = second_steps.renew_codes(person(request), password, by=actor(request))
    return render(request, _PAGE, {**_told(request), "codes": codes})


def _remove(request: HttpRequest) -> HttpResponse:
    password = request.POST.get("current", "")
    second_steps.remove(person(request), password, by=actor(request))
    messages.success(request, "The second step is removed: your password alone signs you in.")
    return redirect("second_step")


def _told(request: HttpRequest) -> dict[str, Any]:
    user = person(request)
    told: dict[str, Any] = {
        "is_there": one_time_codes.is_there(),
        "install": one_time_codes.INSTALL,
        "is_on": second_steps.is_on(user),
        "codes_left": second_steps.codes_left(user),
        "has_password": user.has_usable_password(),
    }
    salt = request.session.get(_NEW)
    if salt and told["is_there"] and not told["is_on"]:
        key = one_time_codes.keys_of(user.pk, salt)[0]
        studio = urlsplit(settings.PUBLIC_URL).hostname or ""
        address = one_time_codes.address(key, user.username, studio)
        told |= {"key": key, "picture": one_time_codes.picture(address)}
    return told


def _who_waits(request: HttpRequest) -> User | None:
    """Return who has shown their password a short while ago, and has not changed it since."""
    waits = request.session.get(WAITS)
    if waits is None or time.time() - waits["at"] > _PATIENCE:
        return None
    user = User.objects.filter(pk=waits["user"], is_active=True).first()
    return user if user and user.get_session_auth_hash() == waits["password"] else None
