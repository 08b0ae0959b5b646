"""Who may see a page. A view without one of these doors is not served: see the middleware below."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from runs import access
from runs.access import Actor, Right
from runs.actions.refused import Refused
from runs.models import User
from runs.peers import address_of
from runs.views import idle
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from runs.models import CustomView, Membership, Run

P = ParamSpec("P")
_OPEN = "opens_to"
# In the session: how, when, from where and with what browser somebody signed in.
CAME = "came"
SINGLE_SIGN_ON = "single sign-on"


class Visit:
    """A signed-in person on a page of a workspace."""

    def __init__(self, request: HttpRequest, actor: Actor, membership: Membership) -> None:
        self.request = request
        self.workspace = membership.workspace
        self.actor = actor
        self.role = membership.role
        self.rights = access.rights_of(actor, membership)

    def may(self, right: Right) -> bool:
        """Whether this person may do that here."""
        return right in self.rights


def public(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Open a view to everybody."""
    setattr(view, _OPEN, "everybody")
    return view


def is_partial(request: HttpRequest) -> bool:
    """Whether a page asks for a part of itself."""
    return request.headers.get("HX-Request") == "true"


def is_in_place(request: HttpRequest) -> bool:
    """Whether a page asks for another that it shows in its own place."""
    return request.headers.get("HX-Request-Type") == "full"


def signed_in(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Open a view to everybody who has signed in."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request: Any = args[0]
        return _first(request) or view(*args, **kwargs)

    setattr(guarded, _OPEN, "people")
    return guarded


def in_workspace(
    needs: Right,
) -> Callable[[Callable[Concatenate[Visit, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Open a view to those who have a right in its workspace; the view gets a visit."""

    def door(
        view: Callable[Concatenate[Visit, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(
            request: HttpRequest, ws: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            to_do_first = _first(request)
            if to_do_first is not None or not isinstance(request.user, User):
                return to_do_first or redirect_to_login(request.get_full_path())
            if any("\0" in str(part) for part in (ws, *kwargs.values())):
                raise Http404("No name holds a NUL, and no database takes one.")
            actor = Actor.of_user(request.user, address_of(request))
            with _as_page():
                membership = access.membership_for(actor, ws, needs)
            return view(Visit(request, actor, membership), *args, **kwargs)

        setattr(guarded, _OPEN, needs.value)
        return guarded

    return door


def find_run(visit: Visit, run_id: str) -> Run:
    """Return a run of the visited workspace, or answer that there is none."""
    with _as_page():
        return access.run_for(visit.actor, visit.workspace.name, run_id, Right.VIEW)


def find_view(visit: Visit, slug: str) -> CustomView:
    """Return a custom view of the visited workspace, or answer that there is none."""
    with _as_page():
        return access.view_for(visit.actor, visit.workspace.name, slug, Right.VIEW)


def sent(make: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Return a download that no cache keeps, or the page for what is not there."""
    try:
        response = make()
    except Refused as refused:
        raise Http404(refused.detail) from None
    response["Cache-Control"] = "private, no-store"
    return response


def _first(request: HttpRequest) -> HttpResponse | None:
    """Return where somebody has to go before a page opens to them, if anywhere.

    Whoever has not used the studio for long signs in again. On a laptop nobody needs a password; where
    others can reach the studio everybody does.
    """
    if isinstance(request.user, User) and idle.has_left(request):
        logout(request)
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    came = request.session.get(CAME, {})
    if settings.IS_LAPTOP or request.user.has_usable_password() or came.get("by") == SINGLE_SIGN_ON:
        return None
    place = reverse("password")
    return None if request.path == place else redirect(place)


class _as_page:  # noqa: N801 (reads as a statement)
    """Turns a refusal to find something into the page for it."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Refused):
            if error.code is Code.NOT_FOUND:
                raise Http404(error.detail) from None
            raise PermissionDenied(error.detail) from None


class EveryViewHasADoor:
    """Middleware: a view that declares nobody is a fault of ours, never an open page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; who opens an address that only takes a form is told so on a page."""
        response = self._get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            response.content = render(request, "405.html").content
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> None:
        """Refuse a view without a door."""
        if not hasattr(view, _OPEN):
            raise RuntimeError(f"the view of {request.path} declares nobody who may see it")
