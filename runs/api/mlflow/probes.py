"""What a client may ask before it signs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse

if TYPE_CHECKING:
    from django.http import HttpRequest

# The release of MLflow whose tracking API this is. It decides how a client exports traces.
VERSION = "3.17.2"
_SERVER = {
    "store_type": "SqlStore",
    "workspaces_enabled": False,
    "trace_archival_enabled": False,
    "multipart_uploads_enabled": False,
    "multipart_downloads_enabled": False,
    "presigned_upload_run_id_supported": False,
    "presigned_upload_model_id_supported": False,
    "features_enabled": {},
}


def health(request: HttpRequest) -> HttpResponse:
    """Say that the studio answers."""
    return HttpResponse("OK", content_type="text/plain")


def version(request: HttpRequest) -> HttpResponse:
    """Say which MLflow this is like."""
    return HttpResponse(VERSION, content_type="text/plain")


def server_info(request: HttpRequest) -> HttpResponse:
    """Say what the server can do."""
    return JsonResponse(_SERVER)
