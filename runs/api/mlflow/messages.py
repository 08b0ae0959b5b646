"""Their messages: protocol buffers written as JSON, read and written by the rules for that.

Unknown fields are ignored, null is absent, names come in snake_case or camelCase, numbers may be
texts. A message is a model; a field without a default is required, and may not be empty.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_origin

from django.http import HttpResponse
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_snake

from runs.api import bodies
from runs.api.mlflow.errors import Fault, missing, wrong_type
from studio.contract import limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest

M = TypeVar("M", bound=BaseModel)

_CAMEL = re.compile(rb'"[a-z]+[A-Z][A-Za-z0-9]*"\s*:')
_CAMEL_NAME = re.compile(r"[a-z]+(?:[A-Z][a-z0-9]*)+")
_ABSENT = frozenset({"missing", "string_too_short"})
_NO_JSON = "Bad Request. Content-Type must be one of ['application/json']."


class Message(BaseModel):
    """A message that a client sends."""

    model_config = ConfigDict(extra="ignore", frozen=True)


Text = Annotated[str, Field(min_length=1)]
Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
# Old clients say run_uuid, some say both.
RunId = Annotated[str, Field(min_length=1, validation_alias=AliasChoices("run_id", "run_uuid"))]


class KeyValue(Message):
    """A tag or a parameter."""

    key: Text
    value: str = ""


def read(request: HttpRequest, model: type[M]) -> M:
    """Return what the client says, from the address of a GET and the body of any other.

    Raises:
        Fault: something required is missing, a value is of another type, or it is no JSON.
        Refused: a body that is too long, or has a value that no database stores.
    """
    if request.method in ("GET", "HEAD"):
        return _checked(model, _asked(request, model))
    if request.content_type != "application/json":
        raise Fault(_NO_JSON)
    body = bodies.read_long(request, limits.MLFLOW_BODY_BYTES) or b"{}"
    if not (_CAMEL.search(body) or bodies.may_be_hostile(body)):
        try:
            return model.model_validate_json(body)
        except ValidationError:
            # Read again, slowly: it may only be written in another way.
            pass
    value = bodies.parse(body)
    if isinstance(value, str):
        # Old clients write their JSON into a text.
        value = bodies.parse(value.encode("utf-8", "surrogatepass"))
    bodies.check_values(value)
    if not isinstance(value, dict):
        raise Fault("The body should be a JSON object.")
    return _checked(model, _plain(value))


def written(document: Mapping[str, Any]) -> HttpResponse:
    """Return a document as an answer; fields that are None and empty lists are left out."""
    body = json.dumps(present(document), separators=(",", ":"), allow_nan=False)
    return HttpResponse(body, content_type="application/json")


def present(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document without what is not set, at any depth."""
    return {name: _inner(value) for name, value in document.items() if value not in (None, [])}


def pairs(labels: Mapping[str, str | None]) -> list[dict[str, str]]:
    """Return tags or parameters as a message has them."""
    return [{"key": key, "value": value or ""} for key, value in labels.items()]


def number(value: float) -> float | str:
    """Return a metric's value as JSON can say it: their parser takes NaN as a text only."""
    return value if math.isfinite(value) else "NaN" if math.isnan(value) else str(value)


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        return present(value)
    return [_inner(each) for each in value] if isinstance(value, list) else value


def _checked(model: type[M], value: dict[str, Any]) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _fault(error) from None


def _fault(error: ValidationError) -> Fault:
    first = error.errors(include_url=False)[0]
    place = _place(first["loc"])
    if first["type"] in _ABSENT:
        return missing(place)
    return wrong_type(place, first["input"])


def _place(location: Iterable[str | int]) -> str:
    """Return how they name a field, as ``metrics[0].key``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).lstrip(".")


def _asked(request: HttpRequest, model: type[BaseModel]) -> dict[str, Any]:
    """Return the fields in an address: a list for what may come more than once."""
    asked: dict[str, Any] = {}
    for name, values in request.GET.lists():
        key = _snake(name)
        for value in values:
            bodies.check_text(str(value), name)
        field = model.model_fields.get(key)
        is_list = field is not None and get_origin(field.annotation) is list
        asked[key] = values if is_list else values[-1]
    return asked


def _plain(value: Any) -> Any:
    """Return a value with all names in snake_case, without what is null."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain: dict[str, Any] = {}
    for name, inner in value.items():
        key = _snake(name)
        if key in plain:
            raise Fault(f"The field '{key}' is given twice, in two spellings.")
        if inner is not None:
            plain[key] = _plain(inner)
    return plain


def _snake(name: str) -> str:
    return to_snake(name) if _CAMEL_NAME.fullmatch(name) else name
