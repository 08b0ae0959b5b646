"""Whether the studio lives, for supervisors and load balancers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.http import HttpResponse

from runs.views.doors import public

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer at once: the process lives."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether the database does as well."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")
