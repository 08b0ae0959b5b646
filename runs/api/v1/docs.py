"""What describes the API: the OpenAPI document, and a page made from it: no script, no foreign host."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from runs.api.auth import Needs
from runs.api.describing import fields, told
from runs.api.v1.shapes import SHAPES
from studio.contract.errors import HTTP_STATUS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse
    from ninja.operation import Operation

    from runs.api.door import StudioAPI

PREFIX = "/api/v1"


@functools.cache
def described(api: StudioAPI) -> dict[str, Any]:
    """Return the OpenAPI document. It is the same for everybody, so it is made once."""
    document: dict[str, Any] = api.get_openapi_schema(path_prefix=PREFIX)
    shapes = document["components"]["schemas"]
    shapes |= {name: fields(shape) for name, shape in SHAPES.items()}
    for _, _, entry, operation in _entries(api, document):
        # Ninja would add that every route answers 200.
        entry["responses"] = (operation.openapi_extra or entry).get("responses", {})
        if "requestBody" in entry:
            shapes |= _body_of(entry)[1].pop("$defs", {})
    return document


def docs_page(api: StudioAPI) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view of the page. What it shows is no secret, so it needs no sign-in."""

    def view(request: HttpRequest) -> HttpResponse:
        return render(request, "docs/api.html", _page(api))

    return view


@functools.cache
def _page(api: StudioAPI) -> dict[str, Any]:
    document = described(api)
    shapes = document["components"]["schemas"]
    entries = list(_entries(api, document))
    bodies = {told(_body_of(entry)[1]) for _, _, entry, _ in entries if "requestBody" in entry}
    documents = sorted(name for name in shapes if name not in bodies)
    return {
        "routes": [_route(*entry, shapes) for entry in entries],
        "documents": [{"name": name, "fields": _fields(shapes[name])} for name in documents],
        "codes": [{"name": code.value, "status": status} for code, status in HTTP_STATUS.items()],
    }


def _entries(
    api: StudioAPI, document: dict[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any], Operation]]:
    for address, operations in api.operations():
        # OpenAPI knows no path that holds slashes.
        place = PREFIX + address.replace("{path:", "{")
        for operation in operations:
            for method in operation.methods:
                yield method, place, document["paths"][place][method.lower()], operation


def _route(
    method: str, address: str, entry: dict[str, Any], operation: Operation, shapes: dict[str, Any]
) -> dict[str, Any]:
    needs = next(iter(operation.auth_callbacks), None)
    kind, body = _body_of(entry) if "requestBody" in entry else ("", {})
    shape = shapes[told(body)] if "$ref" in body else body
    return {
        "method": method,
        "address": address,
        "summary": entry.get("description") or entry.get("summary", ""),
        "right": needs.right.value if isinstance(needs, Needs) else "",
        "parameters": [
            {"name": p["name"], "type": told(p["schema"]), "required": p["required"]}
            for p in entry["parameters"]
            if p["in"] == "query"
        ],
        "takes": kind,
        "fields": _fields(shape),
        "answers": list(_answers(entry)),
    }


def _fields(shape: dict[str, Any]) -> list[dict[str, Any]]:
    required = set(shape.get("required", []))
    named = [
        {"name": name, "type": told(field), "required": name in required}
        for name, field in shape.get("properties", {}).items()
    ]
    if isinstance(shape.get("additionalProperties"), dict):
        named.append({"name": "any key", "type": told(shape["additionalProperties"])})
    return named


def _answers(entry: dict[str, Any]) -> Iterator[dict[str, str]]:
    for status, answer in entry["responses"].items():
        if status != "default":
            for content in answer.get("content", {}).values():
                yield {"status": status, "type": told(content["schema"])}


def _body_of(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    ((kind, content),) = entry["requestBody"]["content"].items()
    return kind, content["schema"]
