"""REST v1: every address, its door, and the description of them all."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path
from django.utils import timezone
from ninja import Router

import studio
from runs.api.auth import Undeclared
from runs.api.describing import answers
from runs.api.door import Door, Nowhere, Open, StudioAPI
from runs.api.parsing import ReadAlready
from runs.api.v1 import (
    alerts,
    attachments,
    bulk,
    children,
    compare,
    compute,
    deleted,
    experiments,
    export,
    files,
    labels,
    lifecycle,
    log_search,
    members,
    metrics,
    retention,
    runs,
    snapshots,
    views,
    workspaces,
)
from runs.api.v1.docs import described, docs_page
from runs.documents import time

root = Router()


@root.get(
    "/", auth=None, openapi_extra=answers({"name": "string", "version": "string", "time": "time"})
)
def about(request: HttpRequest) -> dict[str, Any]:
    """Say who answers. Needs no token."""
    return {"name": "Run Studio", "version": studio.__version__, "time": time(timezone.now())}


api = StudioAPI(
    title="Run Studio",
    version="v1",
    description="Runs of machine-learning experiments: metrics, logs, files, status.",
    auth=Undeclared(),
    parser=ReadAlready(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
)
NOUNS = (
    workspaces,
    members,
    experiments,
    views,
    runs,
    compare,
    children,
    labels,
    lifecycle,
    metrics,
    log_search,
    files,
    attachments,
    snapshots,
    compute,
    bulk,
    deleted,
    export,
    alerts,
    retention,
)
for part in (root, *(noun.router for noun in NOUNS)):
    api.add_router("", part)


def openapi(request: HttpRequest) -> JsonResponse:
    """Return the OpenAPI document."""
    return JsonResponse(described(api))


def _route(address: str) -> str:
    return address.lstrip("/").replace("{", "<").replace("}", ">")


urlpatterns = [
    path("openapi.json", Door({"GET": Open(openapi)}), name="openapi"),
    path("docs", Door({"GET": Open(docs_page(api))}), name="api_docs"),
    *(path(_route(address), Door.of(operations)) for address, operations in api.operations()),
    re_path(r"^.*$", Nowhere()),
]
