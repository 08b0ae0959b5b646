"""Who calls and with which right: a bearer token to a caller. Cookies never count here.

Because they do not, no page of another site can act through a browser, and CSRF has nothing to guard.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from runs import access
from runs.access import Actor, Right
from runs.actions import tokens
from runs.actions.throttle import Gate, attempt, count, too_many
from runs.api import errors
from runs.models import ApiToken
from runs.peers import address_of
from runs.room import if_there_is_room

if TYPE_CHECKING:
    from runs.models import ComputeTarget, CustomView, Experiment, Run, Workspace

USE_NOTED_EVERY = timedelta(minutes=1)
WRONG_A_MINUTE = 30


@dataclass(frozen=True)
class Caller:
    """Somebody with a live token, on a route that needs ``right``; finds things with that right only.

    Every finder raises Refused: not found for what is not theirs or not there, forbidden for a role
    that is too weak.
    """

    actor: Actor
    token: ApiToken
    right: Right

    def workspace(self, name: str) -> Workspace:
        """Return the workspace of that name."""
        return access.workspace_for(self.actor, name, self.right)

    def run(self, workspace: str, run_id: str) -> Run:
        """Return the run of that id."""
        return access.run_for(self.actor, workspace, run_id, self.right)

    def bare_run(self, workspace: str, run_id: str) -> Run:
        """Return the run of that id without what only showing it needs: for calls that come often."""
        return access.run_for(self.actor, workspace, run_id, self.right, is_shown=False)

    def target(self, workspace: str, name: str) -> ComputeTarget:
        """Return the compute target of that name."""
        return access.target_for(self.actor, workspace, name, self.right)

    def experiment(self, workspace: str, name: str) -> Experiment:
        """Return the experiment of that name."""
        return access.experiment_for(self.actor, workspace, name, self.right)

    def experiment_by_id(self, workspace: str, number: str) -> Experiment:
        """Return the experiment of that id, archived or not."""
        return access.experiment_by_id(self.actor, workspace, number, self.right)

    def view(self, workspace: str, slug: str) -> CustomView:
        """Return the custom view of that slug."""
        return access.view_for(self.actor, workspace, slug, self.right)


class ApiRequest(HttpRequest):
    """A request that came through the door: its caller and, where the route takes JSON, its body."""

    auth: Caller
    json: object


class Needs(HttpBearer):
    """The right that a route declares.

    ``keeps`` says whether its answer may be kept for an Idempotency-Key: not that of a long poll, which
    must hold no lock, and not one with a secret in it.
    """

    def __init__(self, right: Right, *, keeps: bool = True) -> None:
        super().__init__()
        self.right = right
        self.keeps = keeps

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """Return the caller; refuses a token that opens nothing (any more)."""
        known: Caller | None = getattr(request, "auth", None)
        return known or self._find(token, address_of(request))

    def _find(self, plain: str, address: str) -> Caller:
        token = tokens.find(plain.strip())
        if token is None or not token.is_live or not token.user.is_active:
            _count_wrong_one(address)
            raise errors.unauthorized("This token is unknown, has expired or was revoked.")
        _note_use(token)
        return Caller(Actor.of_token(token, address), token, self.right)


class NeedsAnyWay(Needs):
    """As ``Needs``; the token may also come as the password of basic authentication, with any name."""

    def __call__(self, request: HttpRequest) -> Caller | None:
        """Return the caller, None for one who shows nothing."""
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            found: Caller | None = super().__call__(request)
            return found
        return self.authenticate(request, _password(shown))


class Undeclared:
    """The right of a route that forgot to declare one: nobody's. The door refuses to be built."""

    def __call__(self, request: HttpRequest) -> None:
        """Refuse."""
        raise RuntimeError(f"the route {request.path} declares no right")


def _password(shown: str) -> str:
    try:
        _, _, password = base64.b64decode(shown, validate=True).decode().partition(":")
    except ValueError:
        return ""
    return password


def _count_wrong_one(address: str) -> None:
    """Refuse an address that has sent too many wrong tokens, its wrong ones only.

    A right one cannot be guessed, and one forgotten script must not lock out all behind its proxy.
    """
    gate = Gate("wrong tokens from an address", address, WRONG_A_MINUTE)
    if count(gate) >= gate.a_minute:
        raise too_many()
    attempt(gate)


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        with if_there_is_room():
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
