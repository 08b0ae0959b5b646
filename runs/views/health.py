"""Whether the studio lives, for supervisors and load balancers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from runs import telemetry
from runs.views.doors import public

if TYPE_CHECKING:
    from django.http import HttpRequest

# After this long a text that somebody kept should be asked for again.
_GOOD_FOR = timedelta(days=180)


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer at once: the process lives."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether the database does as well."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")


@public
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say where somebody reports a weakness of this studio (RFC 9116), if the settings do."""
    if not settings.SECURITY_CONTACT:
        raise Http404("STUDIO_SECURITY_CONTACT is not set.")
    place = f"{settings.PUBLIC_URL}{request.path}"
    expires = (timezone.now() + _GOOD_FOR).strftime("%Y-%m-%dT00:00:00Z")
    lines = [f"Contact: {settings.SECURITY_CONTACT}", f"Expires: {expires}", f"Canonical: {place}"]
    text = "".join(f"{line}\n" for line in lines)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@public
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Answer the studio's own figures, to whoever shows the token that the settings name."""
    shown = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN:
        raise Http404("STUDIO_METRICS_TOKEN is not set.")
    if not constant_time_compare(shown, f"Bearer {settings.METRICS_TOKEN}"):
        response = HttpResponse("this needs STUDIO_METRICS_TOKEN\n", status=401)
        response["WWW-Authenticate"] = "Bearer"
        return response
    return HttpResponse(telemetry.exposition(), content_type=telemetry.CONTENT_TYPE)
