"""Every error of the API in one shape: a problem document (RFC 9457)."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pydantic
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse, RawPostDataException, UnreadablePostError
from ninja.errors import AuthenticationError, ValidationError

from runs import room
from runs.actions.refused import Refused
from runs.documents import problem_document
from studio.contract.errors import HTTP_STATUS, Code
from studio.log_lines import request_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest

CONTENT_TYPE = "application/problem+json"
SCHEME = 'Bearer realm="Run Studio"'
_PATH_LOGGED = 200

_HOW_TO_SIGN_IN = (
    'Send the header "Authorization: Bearer <token>". A token begins with "stu_"; '
    "whoever runs the studio hands it out."
)
# What ninja puts before the name of a field: where it stood, and for a body the route's argument.
_SOURCE_PARTS = {"body": 2, "query": 1, "path": 1, "header": 1}

_log = logging.getLogger(__name__)


def problem(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the answer that tells ``error``; what nobody foresaw is logged and told as a 500."""
    return answer(refusal(request, error))


def refusal(request: HttpRequest, error: Exception) -> Refused:
    """Return what ``error`` says no to; what nobody foresaw is logged."""
    refused = _translate(error)
    if refused.code is Code.INTERNAL:
        refused.extra["requestId"] = _log_failure(request, error)
    return refused


def answer(refused: Refused) -> HttpResponse:
    """Return the problem document of a refusal."""
    body, status = json.dumps(problem_document(refused)), HTTP_STATUS[refused.code]
    response = HttpResponse(body, content_type=CONTENT_TYPE, status=status)
    if refused.code is Code.UNAUTHORIZED:
        response["WWW-Authenticate"] = SCHEME
    return response


def unauthorized(detail: str = "This needs a token.") -> Refused:
    """Return the refusal of a caller who showed no token, or none that opens anything."""
    return Refused(Code.UNAUTHORIZED, detail, hint=_HOW_TO_SIGN_IN)


def not_found() -> Refused:
    """Return the refusal of an address that leads nowhere."""
    return Refused(Code.NOT_FOUND, "There is nothing at this address.")


def invalid(errors: Iterable[Mapping[str, Any]]) -> Refused:
    """Return the refusal of values that do not fit: the first as ``field``, several as ``errors``."""
    told = [{"field": ".".join(map(str, e["loc"])), "detail": _reason(e)} for e in errors]
    first = told[0]
    extra = {"errors": told} if len(told) > 1 else {}
    return Refused(Code.BAD_REQUEST, first["detail"], field=first["field"], extra=extra)


def _log_failure(request: HttpRequest, error: Exception) -> str:
    """Log an error under an id that the answer names, so that one leads to the other."""
    # A path is the caller's text: it must not write lines of its own into the log.
    path = request.path.encode("unicode_escape").decode()[:_PATH_LOGGED]
    known = request_id.get()
    _log.error("request %s: %s %s failed", known, request.method, path, exc_info=error)
    return known


def _translate(error: Exception) -> Refused:
    match error:
        case Refused():
            return error
        case AuthenticationError():
            return unauthorized()
        case ValidationError():
            return invalid({**e, "loc": _without_source(e["loc"])} for e in error.errors)
        case pydantic.ValidationError():
            return invalid(error.errors(include_url=False, include_input=False))
        case Http404():
            return not_found()
        case UnreadablePostError() | RawPostDataException():
            return Refused(Code.BAD_REQUEST, "The connection broke before the body had arrived.")
        case SuspiciousOperation():
            return Refused(Code.BAD_REQUEST, "The request is malformed.")
        case _ if room.is_full(error):
            return Refused(Code.STORAGE_FULL, "The studio's disk is full; nothing was stored.")
    return Refused(
        Code.INTERNAL, "The studio failed to answer; its log has the reason under requestId."
    )


def _without_source(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    return location[_SOURCE_PARTS[str(location[0])] :]


def _reason(error: Mapping[str, Any]) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "There is no such field here."
        case "missing":
            return "This field is required."
        case "model_type" | "dict_type" | "model_attributes_type":
            return "This should be a JSON object."
    text = str(error["msg"]).removeprefix("Value error, ")
    return text if text.endswith(".") else f"{text}."
