"""Reading bodies: how much, of which type, and no value that a database would choke on."""

from __future__ import annotations

import io
import json
import math
import re
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from runs.actions.refused import Refused
from studio.contract import limits
from studio.contract.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest


class Reads(Protocol):
    """Anything with bytes to read."""

    def read(self, size: int = ..., /) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        ...


class Writes(Protocol):
    """Anything that takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take them."""
        ...


M = TypeVar("M", bound=BaseModel)
Plain = bool | int | float | str | None
_PIECE = 256 * 1024

METRICS_BODY_BYTES = 5 * limits.JSON_BODY_BYTES

_HOSTILE = "The text contains a NUL byte or half a surrogate pair."
_HOSTILE_TEXT = re.compile("[\x00\ud800-\udfff]")
# What a model would take and a database would not: looked for in the bytes, which costs next to nothing.
_HOSTILE_ESCAPE = re.compile(rb"\\u(0000|[dD][89a-fA-F])")
_LONG_INT = re.compile(rb"[\s:,\[-][0-9]{19}")
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"0" * 9)
_NINETEEN = b"0" * 19
_INT_DIGITS = 20
_SMALLEST_INT, _BIGGEST_INT = -(2**63), 2**63 - 1
_FIELD_SHOWN = 200


class Body(BaseModel):
    """A JSON object: camelCase names, no other fields, no value turned into another type."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, allow_inf_nan=False
    )


class Nothing(Body):
    """An empty object."""


class _Unfit:
    """Stands for a number that JSON or a database does not know, until its field is known."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def read_bytes(request: HttpRequest, limit: int) -> bytes:
    """Return the whole body; refuses more than ``limit`` bytes before it reads any."""
    check_length(request, limit)
    body = request.body
    if len(body) < content_length(request):
        raise cut_short()
    return body


def read_long(request: HttpRequest, limit: int) -> bytes:
    """Return the whole body, also one that is longer than Django holds."""
    whole = io.BytesIO()
    copy(WholeBody(request, limit), whole)
    return whole.getvalue()


class WholeBody:
    """A body as a stream, for what is too long to hold; refuses one that ends before its length."""

    def __init__(self, request: HttpRequest, limit: int) -> None:
        check_length(request, limit)
        self._request = request
        self._left = content_length(request)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes, none at the end."""
        wanted = self._left if size < 0 else min(size, self._left)
        piece = self._request.read(wanted) if wanted else b""
        if wanted and not piece:
            raise cut_short()
        self._left -= len(piece)
        return piece


class UnmeasuredBody:
    """A body that comes in pieces and never says how long it is: taken only if it is empty.

    Of any other, nobody could tell whether it is whole or was cut off.
    """

    def __init__(self, request: HttpRequest) -> None:
        _check_is_plain(request)
        # Django reads no further than a length that was announced.
        self._input = request.META["wsgi.input"]

    def read(self, size: int = -1, /) -> bytes:
        """Return nothing."""
        if self._input.read(1):
            raise _without_length()
        return b""


def copy(source: Reads, target: Writes) -> None:
    """Copy all bytes, piece by piece."""
    while piece := source.read(_PIECE):
        target.write(piece)


def read_json(request: HttpRequest, limit: int = limits.JSON_BODY_BYTES) -> Any:
    """Return the parsed body, ``{}`` for an empty one.

    Raises:
        Refused: another content type, too long, no JSON, too deep, or a value named by its field
            that cannot be stored.
    """
    body = read_bytes(request, limit)
    if not body:
        return {}
    check_is_json(request)
    value = parse(body)
    check_values(value)
    return value


def read_model(request: HttpRequest, model: type[M], limit: int) -> M:
    """Return the body as ``model``, straight from the bytes: for bodies that are long and many."""
    body = read_bytes(request, limit)
    check_is_json(request)
    if may_be_hostile(body):
        check_values(parse(body))
    try:
        return model.model_validate_json(body)
    except ValidationError:
        # Which value no database stores comes first, as in any other body.
        check_values(parse(body))
        raise


def check_is_json(request: HttpRequest) -> None:
    """Refuse a body that does not say that it is JSON."""
    if request.content_type != "application/json":
        raise Refused(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "The body should be JSON.",
            hint='Send the header "Content-Type: application/json".',
        )


def content_length(request: HttpRequest) -> int:
    """Return how many bytes the sender announced; 0 for none and for nonsense."""
    text = request.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else 0


def check_length(request: HttpRequest, limit: int) -> None:
    """Refuse a body that is announced as longer than ``limit`` bytes, or packed, or of no length."""
    _check_is_plain(request)
    if is_unmeasured(request):
        raise _without_length()
    if content_length(request) > limit:
        raise too_large(limit)


def is_unmeasured(request: HttpRequest) -> bool:
    """Whether a body comes in pieces, and nobody said how long it is."""
    return "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers


def _check_is_plain(request: HttpRequest) -> None:
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refused(
            Code.UNSUPPORTED_MEDIA_TYPE, "A packed body is not understood; send it plain."
        )


def _without_length() -> Refused:
    return Refused(
        Code.BAD_REQUEST, "The length of the body is missing.", hint="Send Content-Length."
    )


def too_large(limit: int) -> Refused:
    """Return the refusal of a body of more than ``limit`` bytes."""
    return Refused(
        Code.TOO_LARGE, f"The body may have {limit:,} bytes at most.", extra={"limit": limit}
    )


def cut_short() -> Refused:
    """Return the refusal of a body that ended before its announced length."""
    return Refused(
        Code.BAD_REQUEST, "The body ended before its announced length; nothing was stored."
    )


def parse(body: bytes) -> Any:
    """Return the JSON value; numbers that JSON does not know are left for ``check_values``."""
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_constant=lambda word: _Unfit(f"{word} is no JSON number."),
            parse_int=_parse_int,
        )
    except RecursionError:
        raise _too_deep("") from None
    except UnicodeDecodeError as error:
        raise Refused(
            Code.BAD_REQUEST, f"The body is no UTF-8 text (byte {error.start})."
        ) from None
    except ValueError as error:
        raise Refused(Code.BAD_REQUEST, f"The body is no JSON: {error}.") from None


def check_values(value: object) -> None:
    """Refuse, by the name of its field, a value that cannot be stored or is nested too deep."""
    pending: list[tuple[object, str, int]] = [(value, "", 1)]
    while pending:
        item, field, depth = pending.pop()
        if isinstance(item, dict | list):
            if depth > limits.JSON_DEPTH:
                raise _too_deep(field)
            pending.extend((child, name, depth + 1) for child, name in _children(item, field))
        elif reason := _unfit(item):
            raise Refused(Code.BAD_REQUEST, reason, field=field)


def check_text(text: str, field: str) -> None:
    """Refuse a NUL byte and half a surrogate pair, which not every database stores."""
    if _HOSTILE_TEXT.search(text):
        raise Refused(Code.BAD_REQUEST, _HOSTILE, field=field)


def may_be_hostile(body: bytes) -> bool:
    """Whether a text or a number of this JSON may be one that no database stores."""
    if _HOSTILE_ESCAPE.search(body):
        return True
    return _NINETEEN in body.translate(_DIGITS_TO_ZERO) and bool(_LONG_INT.search(body))


def _children(item: dict[str, object] | list[object], field: str) -> Iterator[tuple[object, str]]:
    start = f"{field}." if field else ""
    if isinstance(item, list):
        yield from ((child, f"{start}{place}") for place, child in enumerate(item))
        return
    for key, child in item.items():
        name = (start + key.encode("unicode_escape").decode())[:_FIELD_SHOWN]
        check_text(key, name)
        yield child, name


def _unfit(item: object) -> str:
    """Return why a single value cannot be stored, "" when it can."""
    match item:
        case _Unfit():
            return item.reason
        case str():
            return _HOSTILE if _HOSTILE_TEXT.search(item) else ""
        case int():
            return "" if _SMALLEST_INT <= item <= _BIGGEST_INT else "The number is beyond 64 bits."
        case float():
            return "" if math.isfinite(item) else "The number is beyond what a float can hold."
    return ""


def _parse_int(digits: str) -> int | _Unfit:
    # Python refuses to read thousands of digits with an error that names no field.
    return int(digits) if len(digits) <= _INT_DIGITS else _Unfit("The number is beyond 64 bits.")


def _too_deep(field: str) -> Refused:
    return Refused(
        Code.BAD_REQUEST, f"The body is nested deeper than {limits.JSON_DEPTH}.", field=field
    )
