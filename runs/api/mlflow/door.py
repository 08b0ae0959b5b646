"""One address of MLflow's API: who may enter, in which workspace, and how it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.http.response import HttpResponseBase

from runs.actions import accounts
from runs.actions.refused import Refused
from runs.api import bodies
from runs.api import errors as plain
from runs.api.auth import NeedsAnyWay
from runs.api.door import Door, Nowhere
from runs.api.mlflow import errors, messages
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse
    from pydantic import BaseModel

    from runs.access import Actor, Right
    from runs.api.auth import ApiRequest, Caller
    from runs.models import Workspace

M = TypeVar("M", bound="BaseModel")
Answer = HttpResponseBase | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody asks for something of a workspace, with the right that the route needs.

    ``parts`` are the variable parts of the address.
    """

    request: HttpRequest
    caller: Caller
    workspace: Workspace
    parts: Mapping[str, str]

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.caller.actor

    def read(self, message: type[M]) -> M:
        """Return what is asked; raises as ``messages.read``."""
        return messages.read(self.request, message)


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, who may ask, and what answers.

    ``path`` stands behind ``api/`` and ``ajax-api/``, or with a ``/`` before it behind nothing;
    without a right it is everybody's, and ``answer`` gets the request.
    """

    method: str
    path: str
    right: Right
    answer: Callable[[Call], Answer]
    is_ajax_only: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """A path that tells everybody what the server is."""

    path: str
    answer: Callable[[HttpRequest], HttpResponseBase]
    method: str = "GET"

    def serve(self, request: ApiRequest, parts: dict[str, str]) -> HttpResponseBase:
        """Return what is told here."""
        return self.answer(request)


class Room:
    """One route behind the door."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._needs = NeedsAnyWay(route.right)

    def serve(self, request: ApiRequest, parts: dict[str, str]) -> HttpResponseBase:
        """Find out who calls and what for, and run the route."""
        caller = self._needs(request)
        if caller is None:
            raise plain.unauthorized()
        for name, text in parts.items():
            bodies.check_text(text, name)
        ws = parts.pop("ws", None) or _home(caller.actor)
        call = Call(request, caller, caller.workspace(ws), parts)
        answer = self._route.answer(call)
        return answer if isinstance(answer, HttpResponseBase) else messages.written(answer)


def _home(actor: Actor) -> str:
    """Return the name of the workspace that is meant where none is named."""
    scope = actor.scope()
    if scope is not None:
        return scope.name
    found = accounts.first_workspace(actor.user) if actor.user else None
    if found is None:
        raise Refused(Code.NOT_FOUND, "You belong to no workspace.", hint="Ask to be invited.")
    return found.name


class TrackingDoor(Door):
    """One path; its errors are told as MLflow's clients read them."""

    problem = staticmethod(errors.told)


class TrackingNowhere(Nowhere):
    """The view of every address that no route has: no redirect, no page."""

    def nothing(self) -> HttpResponse:
        """Return how their clients learn that."""
        return errors.nowhere()
