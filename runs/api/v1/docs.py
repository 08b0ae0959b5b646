"""The page that describes the API, made by the server: no script, no foreign host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from runs.api.auth import Needs

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from ninja.operation import Operation

    from runs.api.door import StudioAPI


def docs_page(api: StudioAPI) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view of that page. What it shows is no secret, so it needs no sign-in."""

    def view(request: HttpRequest) -> HttpResponse:
        return render(request, "docs/api.html", {"routes": _routes(api)})

    view.opens_to = "everybody"  # type: ignore[attr-defined]
    return view


def _routes(api: StudioAPI) -> list[dict[str, Any]]:
    schema = api.get_openapi_schema(path_prefix="/api/v1")
    shapes = schema.get("components", {}).get("schemas", {})
    return [
        _route(
            plain,
            method.upper(),
            schema["paths"][f"/api/v1{plain}"][method.lower()],
            shapes,
            operation,
        )
        for address, operations in api.operations()
        # OpenAPI knows no path that holds slashes.
        for plain in (address.replace("{path:path}", "{path}"),)
        for operation in operations
        for method in operation.methods
    ]


def _route(
    address: str, method: str, told: dict[str, Any], shapes: dict[str, Any], operation: Operation
) -> dict[str, Any]:
    needs = next(iter(operation.auth_callbacks), None)
    return {
        "method": method,
        "address": f"/api/v1{address}",
        "summary": told.get("description") or told.get("summary", ""),
        "right": needs.right.value if isinstance(needs, Needs) else "",
        "parameters": [p for p in told.get("parameters", []) if p["in"] == "query"],
        "fields": _fields(told, shapes),
    }


def _fields(told: dict[str, Any], shapes: dict[str, Any]) -> list[dict[str, Any]]:
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    shape = content.get("schema", {})
    if "$ref" in shape:
        shape = shapes.get(shape["$ref"].rsplit("/", 1)[-1], {})
    required = set(shape.get("required", []))
    return [
        {"name": name, "type": _type(field), "required": name in required}
        for name, field in shape.get("properties", {}).items()
    ]


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(choice) for choice in field["anyOf"])
    return str(field.get("type", "object"))
