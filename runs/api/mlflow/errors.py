"""Every error as MLflow's clients read it: a code by its name, and a text that they show and match."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from django.http import HttpResponse

from runs.api import errors
from studio.contract.errors import HTTP_STATUS, Code

if TYPE_CHECKING:
    from django.http import HttpRequest

    from runs.actions.refused import Refused

RETRY_AFTER_SECONDS = 30
_LONGEST = 1_000
_HOW_TO_SIGN_IN = (
    "Set MLFLOW_TRACKING_TOKEN to a token of this studio, or MLFLOW_TRACKING_USERNAME to any name "
    "and MLFLOW_TRACKING_PASSWORD to the token."
)
_MORE = " See the API docs for more information about request parameters."


class ErrorCode(StrEnum):
    """The codes that we give; each is known to the clients."""

    INVALID_PARAMETER_VALUE = "INVALID_PARAMETER_VALUE"
    RESOURCE_ALREADY_EXISTS = "RESOURCE_ALREADY_EXISTS"
    RESOURCE_DOES_NOT_EXIST = "RESOURCE_DOES_NOT_EXIST"
    RESOURCE_CONFLICT = "RESOURCE_CONFLICT"
    ENDPOINT_NOT_FOUND = "ENDPOINT_NOT_FOUND"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    REQUEST_LIMIT_EXCEEDED = "REQUEST_LIMIT_EXCEEDED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


_INVALID = (ErrorCode.INVALID_PARAMETER_VALUE, 400)
_STATUS = {
    ErrorCode.RESOURCE_ALREADY_EXISTS: 400,
    ErrorCode.RESOURCE_DOES_NOT_EXIST: 404,
    ErrorCode.PERMISSION_DENIED: 403,
    ErrorCode.NOT_IMPLEMENTED: 501,
}
# What our own refusals are to them. What is not here is a value that does not fit.
_CODES = {
    Code.UNAUTHORIZED: ErrorCode.UNAUTHENTICATED,
    Code.FORBIDDEN: ErrorCode.PERMISSION_DENIED,
    Code.NOT_FOUND: ErrorCode.RESOURCE_DOES_NOT_EXIST,
    Code.METHOD_NOT_ALLOWED: ErrorCode.ENDPOINT_NOT_FOUND,
    Code.CONFLICT: ErrorCode.RESOURCE_CONFLICT,
    Code.ILLEGAL_MOVE: ErrorCode.RESOURCE_CONFLICT,
    Code.RATE_LIMITED: ErrorCode.REQUEST_LIMIT_EXCEEDED,
    # Not 429, which would make them wait for four minutes.
    Code.STORAGE_FULL: ErrorCode.RESOURCE_EXHAUSTED,
    Code.NOT_INSTALLED: ErrorCode.NOT_IMPLEMENTED,
    Code.INTERNAL: ErrorCode.INTERNAL_ERROR,
}


class Fault(Exception):  # noqa: N818 (it is an answer, not a failure of ours)
    """What MLflow's own words say no to; nothing was changed."""

    def __init__(self, message: str, code: ErrorCode = ErrorCode.INVALID_PARAMETER_VALUE) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def missing(parameter: str) -> Fault:
    """Return the fault of a required parameter that was left out or is empty."""
    return Fault(f"Missing value for required parameter '{parameter}'.{_MORE}")


def wrong_type(parameter: str, value: object) -> Fault:
    """Return the fault of a value that is of another type than its parameter."""
    shown = json.dumps(value, separators=(",", ":"))[:_LONGEST]
    kind = type(value).__name__
    hint = f"Hint: Value was of type '{kind}'."
    return Fault(f"Invalid value {shown} for parameter '{parameter}' supplied: {hint}{_MORE}")


def not_there(message: str) -> Fault:
    """Return the fault of a thing that is not there, or is somebody else's."""
    return Fault(message, ErrorCode.RESOURCE_DOES_NOT_EXIST)


def told(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the answer that tells ``error``; what nobody foresaw is logged and told as a 500."""
    if isinstance(error, Fault):
        return answer(error.code, error.message, _STATUS.get(error.code, 400))
    refused = errors.refusal(request, error)
    code = _CODES.get(refused.code)
    kind, status = _INVALID if code is None else (code, HTTP_STATUS[refused.code])
    response = answer(kind, _words(refused), status)
    if refused.code is Code.UNAUTHORIZED:
        response["WWW-Authenticate"] = errors.SCHEME
    if refused.code is Code.RATE_LIMITED:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def nowhere() -> HttpResponse:
    """Return the answer of every address that no route has: clients then try an older one."""
    text = "There is nothing at this address: this server does not have this part of the API."
    return answer(ErrorCode.ENDPOINT_NOT_FOUND, text, 404)


def answer(code: ErrorCode, message: str, status: int) -> HttpResponse:
    """Return an error document."""
    body = json.dumps({"error_code": code.value, "message": message})
    return HttpResponse(body, content_type="application/json", status=status)


def _words(refused: Refused) -> str:
    hint = _HOW_TO_SIGN_IN if refused.code is Code.UNAUTHORIZED else refused.hint
    named = f"{refused.field}: {refused.detail}" if refused.field else refused.detail
    return f"{named} {hint}".rstrip()
