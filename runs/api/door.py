"""The door that every call comes through, and what happens around a route, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ninja import NinjaAPI

from runs.actions.refused import Refused
from runs.api import bodies, errors, idempotency
from runs.api.auth import ApiRequest, Needs
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from ninja.operation import Operation


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

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._rooms = {method: Room(op) for op in operations for method in op.methods}

    def __call__(self, request: HttpRequest, **parts: str) -> HttpResponseBase:
        """Answer the request; every error becomes a problem document."""
        response: HttpResponseBase
        try:
            response = self._room(request).serve(cast("ApiRequest", request), parts)
        except Exception as error:
            response = errors.problem(request, error)
            if response.status_code == 405:
                response["Allow"] = ", ".join(sorted(self._rooms))
        response["Cache-Control"] = "no-store"
        return response

    def _room(self, request: HttpRequest) -> Room:
        room = self._rooms.get(request.method or "")
        if room is None:
            detail = f"{request.method} does nothing here."
            hint = f"Known here: {', '.join(sorted(self._rooms))}."
            raise Refused(Code.METHOD_NOT_ALLOWED, detail, hint=hint)
        return room


class Room:
    """One route behind the door: who may enter, what it takes, and whether it may be asked twice."""

    def __init__(self, operation: Operation) -> None:
        sources = {model.__ninja_param_source__: model for model in operation.models}
        self._operation = operation
        self._needs = next(iter(operation.auth_callbacks), None)
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
        if isinstance(self._needs, Needs) and not self._needs.waits:
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

    def __call__(self, request: HttpRequest, **parts: str) -> HttpResponseBase:
        """Answer that there is nothing."""
        response = errors.answer(errors.not_found())
        response["Cache-Control"] = "no-store"
        return response
