"""What every request gets: an id that its log lines and its answer carry, and a place in the figures."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING

from runs import telemetry
from studio.log_lines import request_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

HEADER = "X-Request-Id"
# A proxy may have given it one already; anything else that a caller sends is no id of ours.
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_log = logging.getLogger("studio.access")


class EveryRequestIsKnown:
    """Middleware, the outermost: gives the id, logs one line for each request, and counts it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        given = request.headers.get(HEADER, "")
        token = request_id.set(given if _ID.fullmatch(given) else secrets.token_hex(8))
        began = time.perf_counter()
        try:
            response = self._get_response(request)
            response[HEADER] = request_id.get()
            self._tell(request, response, time.perf_counter() - began)
        finally:
            request_id.reset(token)
        return response

    def _tell(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        route = request.resolver_match.route if request.resolver_match else "nowhere"
        telemetry.count_request(request.method or "", route, response.status_code, seconds)
        _log.info(
            "%s %s: %s",
            request.method,
            request.path,
            response.status_code,
            extra={"route": route, "ms": round(seconds * 1e3, 1)},
        )
