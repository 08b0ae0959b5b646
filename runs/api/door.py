"""The door that every call comes through, and what happens around a route, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from runs.actions.refused import Refused
from runs.api import bodies, errors, idempotency
from runs.api.auth import ApiRequest, Needs, Undeclared
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from django.http.response import HttpResponseBase
    from ninja.operation import Operation


class Serves(Protocol):
    """What a method leads to."""

    def serve(self, request: ApiRequest, parts: dict[str, str]) -> HttpResponseBase:
        """Answer, or raise what the door tells."""
        ...


class StudioAPI(NinjaAPI):
    """Ninja without its own answers to errors: the door gives them, in one shape."""

    def on_exception(self, request: HttpRequest, exc: Any) -> Any:
        """Let the error go up to the door."""
        raise exc

    def operations(self) -> Iterator[tuple[str, list[Operation]]]:
        """Return every path with its operations, one for each method."""
        for router in self._get_bound_routers():
            for path, view in router.path_operations.items():
                yield path, view.operations


class Door:
    """One path of the API. A view."""

    opens_to = "tokens"
    # Cookies never authenticate here, so a forged request of a browser carries nothing.
    csrf_exempt = True
    problem = staticmethod(errors.problem)

    def __init__(self, rooms: Mapping[str, Serves]) -> None:
        self._rooms = dict(rooms)
        if "GET" in self._rooms:
            # The server sends the head of the answer alone.
            self._rooms["HEAD"] = self._rooms["GET"]
        self._allow = ", ".join(sorted([*self._rooms, "OPTIONS"]))

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> Door:
        """Return the door to some routes. Raises ``TypeError`` for one that declares no right."""
        return cls({method: Room(op) for op in operations for method in op.methods})

    def __call__(self, request: HttpRequest, **parts: str) -> HttpResponseBase:
        """Answer the request; every error becomes a document that ``problem`` writes."""
        response = self._answer(request, parts)
        if response.status_code in (204, 405):
            response["Allow"] = self._allow
        response["Cache-Control"] = "no-store"
        return response

    def _answer(self, request: HttpRequest, parts: dict[str, str]) -> HttpResponseBase:
        if request.method == "OPTIONS":
            # What may be asked is no secret; pages of other sites are not told that they may ask.
            nothing = HttpResponse(status=204)
            del nothing["Content-Type"]
            return nothing
        try:
            return self._room(request).serve(cast("ApiRequest", request), parts)
        except Exception as error:
            return self.problem(request, error)

    def _room(self, request: HttpRequest) -> Serves:
        room = self._rooms.get(request.method or "")
        if room is None:
            detail = f"{str(request.method)[:20]} does nothing here."
            raise Refused(Code.METHOD_NOT_ALLOWED, detail, hint=f"Known here: {self._allow}.")
        return room


class Open:
    """A room without a lock, for what is no route: the description of the routes."""

    def __init__(self, view: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._view = view

    def serve(self, request: ApiRequest, parts: dict[str, str]) -> HttpResponseBase:
        """Return what is shown here."""
        return self._view(request)


class Room:
    """One route behind the door: who may enter, what it takes, and whether it may be asked twice."""

    def __init__(self, operation: Operation) -> None:
        sources = {model.__ninja_param_source__: model for model in operation.models}
        self._operation = operation
        self._needs = next(iter(operation.auth_callbacks), None)
        if isinstance(self._needs, Undeclared):
            raise TypeError(f"{operation.view_func.__qualname__} declares no right")
        self._takes_json = "body" in sources
        self._queries = frozenset(getattr(sources.get("query"), "__ninja_flatten_map__", {}))

    def serve(self, request: ApiRequest, parts: dict[str, str]) -> HttpResponseBase:
        """Authenticate, check the address and the body, and run the route, once for each key."""
        if self._needs is not None:
            request.auth = self._authenticated(request)
        self._check_address(request, parts)
        if not self._takes_json:
            return self._operation.run(request, **parts)
        request.json = bodies.read_json(request)
        if isinstance(self._needs, Needs) and self._needs.keeps:
            return idempotency.once(request, lambda: self._operation.run(request, **parts))
        return self._operation.run(request, **parts)

    def _authenticated(self, request: ApiRequest) -> Any:
        caller = self._needs(request) if self._needs else None
        if caller is None:
            raise errors.unauthorized()
        return caller

    def _check_address(self, request: HttpRequest, parts: dict[str, str]) -> None:
        for name, text in parts.items():
            bodies.check_text(text, name)
        for name, values in request.GET.lists():
            if name not in self._queries:
                raise self._unknown(name)
            if len(values) > 1:
                raise Refused(Code.BAD_REQUEST, "This parameter is given twice.", field=name)
            bodies.check_text(str(values[0]), name)

    def _unknown(self, name: str) -> Refused:
        known = ", ".join(sorted(self._queries))
        return Refused(
            Code.BAD_REQUEST,
            "There is no such parameter here.",
            field=name[:100],
            hint=f"Known here: {known}." if known else "Nothing can be asked here.",
        )


class Nowhere:
    """The view of every address that no route has."""

    opens_to = "everybody"
    csrf_exempt = True

    def nothing(self) -> HttpResponse:
        """Return how that is told."""
        return errors.answer(errors.not_found())

    def __call__(self, request: HttpRequest, **parts: str) -> HttpResponseBase:
        """Answer that there is nothing."""
        response = self.nothing()
        response["Cache-Control"] = "no-store"
        return response
