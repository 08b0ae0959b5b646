"""What a route takes and answers, where its signature does not say: for the API's description.

A type is a word: ``string``, ``Run`` (a document of that name), ``Run[]`` (a list of them),
``string?`` (or null). An object is its fields, by name; a name that ends with ``?`` may be absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

REF = "#/components/schemas/"
BYTES, ZIP = "application/octet-stream", "application/zip"

_WORDS: dict[str, dict[str, Any]] = {
    "any": {},
    "time": {"type": "string", "format": "date-time"},
    **{word: {"type": word} for word in ("string", "integer", "number", "boolean", "object")},
}
_RAW: dict[str, Any] = {"type": "string", "format": "binary"}
_PROBLEM = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}},
}


def answers(
    shape: str | tuple[str, ...] | Mapping[str, str],
    *statuses: int,
    takes: type[BaseModel] | str | None = None,
) -> dict[str, Any]:
    """Return what OpenAPI should know of a route.

    ``shape`` is a type or fields, or the content types of raw bytes; ``takes`` is a body that the
    route reads by itself: a model, or the content type of raw bytes.
    """
    told = {"description": "Done", "content": _answered(shape)}
    found: dict[str, Any] = {str(status): told for status in statuses or (200,)}
    extra: dict[str, Any] = {"responses": {**found, "default": _PROBLEM}}
    if takes is not None:
        extra["requestBody"] = {"content": _taken(takes), "required": True}
    return extra


def fields(shape: Mapping[str, str]) -> dict[str, Any]:
    """Return the schema of an object."""
    return {
        "type": "object",
        "properties": {name.rstrip("?"): _schema(word) for name, word in shape.items()},
        "required": [name for name in shape if not name.endswith("?")],
    }


def told(schema: Mapping[str, Any]) -> str:
    """Return a schema in the words above, for people."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REF)
    if "anyOf" in schema:
        return " or ".join(told(choice) for choice in schema["anyOf"])
    if schema.get("format") == "binary":
        return "bytes"
    if "properties" in schema:
        inside = ", ".join(f"{name}: {told(field)}" for name, field in schema["properties"].items())
        return f"{{{inside}}}"
    if schema.get("type") == "array":
        return f"{told(schema.get('items', {}))}[]"
    return str(schema.get("type", "any"))


def _answered(shape: str | tuple[str, ...] | Mapping[str, str]) -> dict[str, Any]:
    if isinstance(shape, tuple):
        return {kind: {"schema": _RAW} for kind in shape}
    if isinstance(shape, str):
        if shape in (BYTES, ZIP):
            return {shape: {"schema": _RAW}}
        return {"application/json": {"schema": _schema(shape)}}
    return {"application/json": {"schema": fields(shape)}}


def _taken(takes: type[BaseModel] | str) -> dict[str, Any]:
    if isinstance(takes, str):
        return {takes: {"schema": _RAW}}
    schema = takes.model_json_schema(by_alias=True, ref_template=f"{REF}{{model}}")
    return {"application/json": {"schema": schema}}


def _schema(word: str) -> dict[str, Any]:
    if word.endswith("[]"):
        return {"type": "array", "items": _schema(word[:-2])}
    if word.endswith("?"):
        return {"anyOf": [_schema(word[:-1]), {"type": "null"}]}
    return _WORDS.get(word) or ({} if word == "any" else {"$ref": f"{REF}{word}"})
